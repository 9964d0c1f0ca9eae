import "fake-indexeddb/auto";
import { render } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import { layout } from "./layout";
import { type Code, PRESENT } from "./model";
import { photos } from "./photos";
import { Sheet } from "./sheet";
import { type SheetData, SheetStore } from "./store";

const code = (letter: string): Code => ({ letter, name: letter, isPresent: false, isLate: false, isEarlyLeave: false, needsReason: false });
const NAMES = ["Nguyễn Văn An", "Trần Thị Ánh", "Điểu K'Rân"];

/** Two rows of two: An at the board on the right, Ánh behind on the left; K'Rân has no seat. As a device keeps it. */
const data = (seats: SheetData["seats"]): SheetData => ({
  register: 7,
  user: 1,
  classId: 3,
  className: "4/1",
  title: "Buổi sáng",
  day: "2026-10-05",
  slot: 1,
  pupils: NAMES.map((name, index) => ({ id: index + 1, number: index + 1, name })),
  seats,
  codes: [code("P"), code("K")],
  standing: { version: 0, state: "due", marks: {}, conflicts: [] },
  suggestions: {},
  excused: {},
  mayTake: true,
  mayCorrect: false,
  isClosed: false,
  urls: { state: "/state", save: "/save", correct: "/correct", signIn: "/login" },
});
const SEATS = { rows: 2, columns: 2, places: [[1, 0, 1], [2, 1, 0]] } as const;
let place: HTMLElement;

async function open(seats: SheetData["seats"]): Promise<SheetStore> {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  const store = await SheetStore.open(data(seats));
  place = document.createElement("div");
  document.body.append(place);
  render(<Sheet store={store} />, place);
  return store;
}

const seat = (pupil: number): HTMLElement => {
  const found = place.querySelector<HTMLElement>(`[data-pupil="${pupil}"]`);
  if (!found) throw new Error(`no tile of ${pupil}`);
  return found;
};

afterEach(() => {
  render(null, place);
  layout.value = "list";
  photos.value = {};
  localStorage.clear();
  vi.unstubAllGlobals();
});

test("without a network the kept sheet shows the class as it sits; one tap is an exception as in the list", async () => {
  const store = await open(SEATS);
  const choices = [...place.querySelectorAll<HTMLButtonElement>(".btn-group button")];
  choices[1]?.click();
  await vi.waitFor(() => expect(place.querySelector(".sheet-room")).not.toBeNull());
  const taken = [...place.querySelectorAll(".sheet-place")].map((one) => one.textContent);
  expect(taken).toEqual(["", "Văn An", "Thị Ánh", ""]);
  expect(place.querySelector(".sheet-room--rest")?.textContent).toContain("K'Rân");
  expect(localStorage.getItem("bx-sheet-layout")).toBe("room");
  seat(1).click();
  seat(3).click();
  seat(3).click();
  await vi.waitFor(() => expect([store.letterOf(1), store.letterOf(2), store.letterOf(3)]).toEqual(["P", "", "K"]));
  expect(store.valueOf(1)).toEqual({ ...PRESENT, letter: "P" });
});

test("a class without a seat plan has its list and no switch; a photograph stands on the tile", async () => {
  layout.value = "room";
  await open(null);
  expect(place.querySelector(".btn-group")).toBeNull();
  expect(place.querySelectorAll(".sheet-tiles .tile")).toHaveLength(3);
  photos.value = { "2": "data:image/webp;base64,UklGRg==" };
  await vi.waitFor(() => expect(seat(2).querySelector("img")?.getAttribute("src")).toContain("image/webp"));
  expect(seat(1).querySelector("img")).toBeNull();
});

test("with nothing focused an arrow enters the class, and letters then mark", async () => {
  const store = await open(null);
  await vi.waitFor(() => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
    expect(document.activeElement).toBe(seat(1));
  });
  seat(1).dispatchEvent(new KeyboardEvent("keydown", { key: "k", bubbles: true }));
  await vi.waitFor(() => expect(store.letterOf(1)).toBe("K"));
});
