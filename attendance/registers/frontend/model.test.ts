import { expect, test } from "vitest";
import { type Code, type Mark, makeOperation, nameParts, nextLetter, overlaid, PRESENT, sameValue, shortName, suggested, totalsOf, withLetter } from "./model";

const code = (letter: string, more: Partial<Code> = {}): Code => ({
  letter,
  name: letter,
  isPresent: false,
  isLate: false,
  isEarlyLeave: false,
  needsReason: false,
  ...more,
});
const codes = [code("P"), code("K"), code("T", { isPresent: true, isLate: true })];

test("a tap goes through the letters and comes back to present", () => {
  const seen = ["", "", "", ""].reduce<string[]>((letters) => [...letters, nextLetter(letters.at(-1) ?? "", codes)], [""]);
  expect(seen).toEqual(["", "P", "K", "T", ""]);
});

test("a letter that is no longer offered goes on to present", () => {
  expect(nextLetter("X", codes)).toBe("");
});

test("another letter keeps the reason and drops the minutes that it has no place for", () => {
  const late = { ...PRESENT, letter: "T", minutes_late: 12, reason: "Xe hư" };
  expect(withLetter(late, "P", codes)).toEqual({ ...PRESENT, letter: "P", reason: "Xe hư" });
  expect(withLetter(late, "", codes)).toEqual(PRESENT);
});

test("a suggestion of being late brings its minutes, one of being absent none", () => {
  expect(suggested(PRESENT, "T", 12, codes)).toEqual({ ...PRESENT, letter: "T", minutes_late: 12 });
  expect(suggested(PRESENT, "P", 12, codes)).toEqual({ ...PRESENT, letter: "P" });
});

test("what waits here lies over what the server has, later taps over earlier ones", () => {
  const mark: Mark = { ...PRESENT, letter: "K", office: null };
  const shown = overlaid({ "1": mark, "2": mark }, [
    makeOperation(1, { ...PRESENT, letter: "P" }, 3, new Date(0)),
    makeOperation(1, { ...PRESENT, letter: "T" }, 3, new Date(0)),
  ]);
  expect([shown.get(1)?.letter, shown.get(2)?.letter]).toEqual(["T", "K"]);
});

test("an operation carries its own id, its base and the device's clock", () => {
  const first = makeOperation(7, PRESENT, 4, new Date("2026-10-05T00:05:00Z"));
  const second = makeOperation(7, PRESENT, 4, new Date("2026-10-05T00:05:00Z"));
  expect(first.id).not.toBe(second.id);
  expect([first.pupil, first.base, first.at]).toEqual([7, 4, "2026-10-05T00:05:00.000Z"]);
  expect(sameValue(first, second)).toBe(true);
});

test("late pupils are present; the others add up", () => {
  expect(totalsOf(["", "P", "K", "T", "K"], codes)).toEqual({
    expected: 5,
    present: 2,
    absent: 3,
    byLetter: { P: 1, K: 2, T: 1 },
  });
});

test.each([
  ["Nguyễn Hoàng Phương Uyên", ["Nguyễn Hoàng Phương", "Uyên"], "Phương Uyên"],
  ["Điểu K'Rân", ["Điểu", "K'Rân"], "Điểu K'Rân"],
  ["An", ["", "An"], "An"],
])("%s", (name, parts, short) => {
  expect(nameParts(name)).toEqual(parts);
  expect(shortName(name)).toBe(short);
});

test("a tap goes through the letters that are offered; one that stands without being offered gives way to being there", () => {
  const code = (letter: string, isOffered?: boolean): Code => ({ letter, name: letter, isPresent: false, isLate: false, isEarlyLeave: false, needsReason: false, ...(isOffered === undefined ? {} : { isOffered }) });
  const codes = [code("P", true), code("H", false), code("K")];
  expect(["", "P", "K", "H"].map((letter) => nextLetter(letter, codes))).toEqual(["P", "K", "", ""]);
});
