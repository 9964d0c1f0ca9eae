import { render } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import type { SheetData } from "../../registers/frontend/store";
import { KeptList } from "./kept-list";
import { read } from "./waiting";

const sheet = (register: number, day: string): SheetData => ({
  register,
  user: 1,
  classId: 3,
  className: "4/1",
  title: "Buổi sáng",
  day,
  slot: 1,
  pupils: [],
  seats: null,
  codes: [],
  standing: { version: 0, state: "due", marks: {}, conflicts: [] },
  suggestions: {},
  excused: {},
  mayTake: true,
  mayCorrect: false,
  isClosed: false,
  urls: { state: "/state", save: "/save", correct: "/correct", signIn: "/login" },
});
const WEEK = [sheet(1, "2026-10-05"), sheet(2, "2026-10-06"), sheet(3, "2026-10-07"), sheet(4, "2026-10-08")];
const place = document.createElement("div");

function show(waiting: ReadonlyMap<string, number> = new Map()): void {
  render(<KeptList name="An" sheets={WEEK} waiting={read(waiting)} />, place);
}

const titles = (): readonly (string | null)[] => [...place.querySelectorAll("h2")].map((one) => one.textContent);

afterEach(() => {
  render(null, place);
  vi.useRealTimers();
});

test("today stands first, the days before it are folded away: the school's day, not the device's", () => {
  vi.useFakeTimers({ now: new Date("2026-10-06T18:00:00Z"), toFake: ["Date"] });
  show();
  expect(titles().map((one) => one?.slice(-10))).toEqual(["07/10/2026", "08/10/2026", "06/10/2026", "05/10/2026"]);
  expect(place.querySelector("details")?.open).toBe(false);
});

test("a day before today on which something waits is open", () => {
  vi.useFakeTimers({ now: new Date("2026-10-07T00:00:00Z"), toFake: ["Date"] });
  show(new Map([["user:1/register:2", 1]]));
  expect(place.querySelector("details")?.open).toBe(true);
});
