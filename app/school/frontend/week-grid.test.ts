import { beforeAll, beforeEach, expect, test } from "vitest";
import { watchWeekGrids } from "./week-grid";

// Once: it listens on the document, which all tests share, in whatever order they run.
beforeAll(() => watchWeekGrids());

beforeEach(() => {
  document.body.innerHTML = `<table data-week-grid><tbody>
    <tr><th>1</th><td><a class="slot" id="a1" href="#">.</a></td><td><a class="slot" id="b1" href="#">.</a></td></tr>
    <tr><th>2</th><td><a class="slot" id="a2" href="#">.</a></td><td><a class="slot" id="b2" href="#">.</a></td></tr>
  </tbody></table>`;
});

function press(key: string): string {
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return document.activeElement?.id ?? "";
}

test("arrow keys go from cell to cell and stop at the edge", () => {
  document.getElementById("a1")?.focus();
  expect(press("ArrowUp")).toBe("a1");
  expect(press("ArrowLeft")).toBe("a1");
  expect(press("ArrowDown")).toBe("a2");
  expect(press("ArrowRight")).toBe("b2");
  expect(press("ArrowUp")).toBe("b1");
  expect(press("Enter")).toBe("b1");
});

test("on a phone the day shown follows the arrow keys, unless the whole week is shown", () => {
  const table = document.body.innerHTML;
  const choices = ["1", "2", "all"].map((day) => `<input type="radio" name="by-day" value="${day}">`).join("");
  document.body.innerHTML = `<div class="by-day">${choices}${table}</div>`;
  const choice = (day: string) => document.querySelector<HTMLInputElement>(`[value="${day}"]`);
  const first = choice("1");
  if (first) first.checked = true;
  document.getElementById("a1")?.focus();
  expect(press("ArrowRight")).toBe("b1");
  expect(choice("2")?.checked).toBe(true);
  const all = choice("all");
  if (all) all.checked = true;
  expect(press("ArrowLeft")).toBe("a1");
  expect(all?.checked).toBe(true);
});

test("Escape closes the cell that is open", () => {
  let closed = 0;
  document.body.innerHTML += `<a href="#" data-closes-slot>x</a>`;
  document.querySelector("[data-closes-slot]")?.addEventListener("click", () => (closed += 1));
  document.getElementById("a1")?.focus();
  press("Escape");
  expect(closed).toBe(1);
});
