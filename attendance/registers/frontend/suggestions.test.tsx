import "fake-indexeddb/auto";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { type SheetData, SheetStore, type Suggestion } from "./store";
import { Suggestions } from "./suggestions";

const trip: Suggestion = { kind: "outing", words: "đi hoạt động: Hội trại", letter: "H" };
const sick: Suggestion = { kind: "excuse", words: "đơn nghỉ đã duyệt: Sốt", letter: "P" };
const data: SheetData = {
  register: 9,
  user: 1,
  className: "4/1",
  title: "Buổi sáng",
  day: "2026-10-05",
  slot: 1,
  pupils: [1, 2, 3, 4].map((id) => ({ id, number: id, name: `Học sinh ${id}` })),
  codes: ["P", "H"].map((letter) => ({ letter, name: letter, isPresent: letter === "H", isLate: false, isEarlyLeave: false, needsReason: false })),
  standing: { version: 0, state: "due", marks: {}, conflicts: [] },
  suggestions: { "1": [trip], "2": [sick, trip], "3": [trip], "4": [trip] },
  excused: {},
  mayTake: true,
  mayCorrect: false,
  isClosed: false,
  urls: { state: "/state", save: "/save", correct: "/correct", signIn: "/login" },
};
let place: HTMLElement;

afterEach(() => {
  render(null, place);
  place.remove();
});

test("a trip of many is one line and one tap; whoever has a reason of their own is asked for alone", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  const store = await SheetStore.open(data);
  place = document.createElement("div");
  document.body.append(place);
  render(<Suggestions store={store} />, place);
  expect([...place.querySelectorAll("li")].map((line) => line.querySelector("b")?.textContent)).toEqual(["3 em", "Học sinh 2"]);
  const button = place.querySelector("button");
  expect(button?.textContent).toBe("Ghi H cho cả 3 em");
  await act(async () => {
    button?.click();
    await vi.waitFor(() => expect(store.drafts.value).toHaveLength(3));
  });
  expect([1, 2, 3, 4].map((pupil) => store.letterOf(pupil))).toEqual(["H", "", "H", "H"]);
});
