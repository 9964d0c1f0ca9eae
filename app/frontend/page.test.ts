import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { watchDropzones } from "./dropzone";
import { watchFilters } from "./filter";
import { focusFirstError } from "./first-error";
import { translator } from "./i18n";
import { islandData, mount } from "./island";
import { watchMenus } from "./menus";
import { watchPreferences } from "./preferences";
import { watchSubmits } from "./submit-once";
import { toast, watchToasts } from "./toasts";

const t = translator({}, "vi");

beforeAll(() => {
  watchFilters(t);
  watchMenus();
  watchPreferences();
  watchDropzones(t);
  watchSubmits();
});

beforeEach(() => {
  document.body.innerHTML = "";
});

const element = <T extends HTMLElement>(selector: string): T => {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`${selector} is missing`);
  return found;
};

test("a table shows the rows in which every typed word occurs, and says how many", () => {
  document.body.innerHTML = `<input data-filter-table="list">
    <table id="list"><tbody><tr><td>Nguyễn Thị Ánh</td></tr><tr><td>Trần Đức Anh</td></tr><tr><td>Lê Bảo</td></tr></tbody></table>`;
  const type = (text: string): boolean[] => {
    const input = element<HTMLInputElement>("input");
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return [...document.querySelectorAll("tr")].map((row) => !row.hidden);
  };
  expect(type("anh")).toEqual([true, true, false]);
  expect(element("[role=status]").textContent).toBe("2 dòng khớp");
  expect(type("duc anh")).toEqual([false, true, false]);
  expect(type("xyz")).toEqual([false, false, false]);
  expect(element("[role=status]").textContent).toContain("Không có dòng nào khớp");
  expect(type("")).toEqual([true, true, true]);
  expect(document.querySelectorAll("[role=status]")).toHaveLength(1);
});

test("a menu closes on a press outside and on Escape, which gives the keyboard back", () => {
  document.body.innerHTML = `<details data-menu open><summary>Menu</summary><a href="#">x</a></details>
    <div><button data-toggle aria-expanded="false">Thêm</button></div><p>outside</p>`;
  element("a").click();
  expect(element<HTMLDetailsElement>("details").open).toBe(true);
  element("p").click();
  expect(element<HTMLDetailsElement>("details").open).toBe(false);
  element("button").click();
  expect(element("button").getAttribute("aria-expanded")).toBe("true");
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  expect(element("button").getAttribute("aria-expanded")).toBe("false");
  expect(document.activeElement).toBe(element("button"));
});

test("a dialog opens by its button and closes by its own", () => {
  document.body.innerHTML = `<button id="open" data-dialog="d">Mở</button><dialog id="d"><button data-dialog-close>Đóng</button></dialog>`;
  element("#open").click();
  expect(element<HTMLDialogElement>("dialog").open).toBe(true);
  element("[data-dialog-close]").click();
  expect(element<HTMLDialogElement>("dialog").open).toBe(false);
});

test("the theme is set at once and kept in a cookie; auto forgets it", () => {
  document.body.innerHTML = `<button data-set-theme="dark" aria-pressed="false">Tối</button><button data-set-theme="auto" aria-pressed="true">Tự động</button>`;
  element("[data-set-theme=dark]").click();
  expect(document.documentElement.dataset["theme"]).toBe("dark");
  expect(document.cookie).toContain("bx_theme=dark");
  expect(element("[data-set-theme=auto]").getAttribute("aria-pressed")).toBe("false");
  element("[data-set-theme=auto]").click();
  expect(document.documentElement.dataset["theme"]).toBe("auto");
  expect(document.cookie).not.toContain("bx_theme=dark");
});

test("a refused form opens at its first error", () => {
  document.body.innerHTML = `<main><input id="a"><input id="b" aria-invalid="true"><input id="c" aria-invalid="true"></main>`;
  focusFirstError();
  expect(document.activeElement?.id).toBe("b");
});

test("a chosen file is shown by name and size", () => {
  document.body.innerHTML = `<div data-dropzone><span data-dropzone-file></span><input type="file"></div>`;
  const input = element<HTMLInputElement>("input");
  Object.defineProperty(input, "files", { value: [new File([new Uint8Array(20_480)], "lớp 6A1.xlsx")] });
  input.dispatchEvent(new Event("change", { bubbles: true }));
  expect(element("[data-dropzone-file]").textContent).toBe("lớp 6A1.xlsx (20 kB)");
});

test("a form on its way is not sent twice, and may be sent again later", () => {
  vi.useFakeTimers();
  document.body.innerHTML = `<form><button type="submit">Gửi</button></form>`;
  const send = (): boolean => element("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  expect([send(), send()]).toEqual([true, false]);
  expect(element("button").getAttribute("aria-busy")).toBe("true");
  vi.advanceTimersByTime(5000);
  expect(send()).toBe(true);
  vi.useRealTimers();
});

test("a toast leaves by itself; its undo runs once and closes it", () => {
  vi.useFakeTimers();
  const undo = vi.fn();
  toast("Đã lưu");
  toast("Đã xóa", { label: "Hoàn tác", run: undo });
  expect(document.querySelectorAll(".toast")).toHaveLength(2);
  element(".toast button").click();
  expect(undo).toHaveBeenCalledOnce();
  expect(document.querySelectorAll(".toast")).toHaveLength(1);
  vi.advanceTimersByTime(9000);
  expect(document.querySelectorAll(".toast")).toHaveLength(0);
  vi.useRealTimers();
});

test("a toast that the server put into the page leaves too", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  document.body.innerHTML = `<div id="toasts"></div>`;
  watchToasts();
  element("#toasts").innerHTML = `<div class="toast">Đã xóa</div>`;
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(9000);
  expect(document.querySelectorAll(".toast")).toHaveLength(0);
  vi.useRealTimers();
});

test("an island reads its data and takes its place; a missing one is an error", () => {
  document.body.innerHTML = `<script type="application/json" id="data">{"name": "6A1"}</script><div id="place">Đang tải…</div>`;
  expect(islandData<{ name: string }>("data")).toEqual({ name: "6A1" });
  mount("place", "Lớp 6A1");
  expect(element("#place").textContent).toBe("Lớp 6A1");
  expect(() => islandData("nothing")).toThrow("#nothing");
});
