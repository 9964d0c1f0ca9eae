import { expect, test } from "vitest";
import { makeOperation, type Mark, type MarkValue, type Operation, PRESENT, type Save, type Standing } from "./model";
import { crossed, EMPTY, type Queue, refused, saved, settled, shown, stored, tapped } from "./queue";

const value = (letter: string): MarkValue => ({ ...PRESENT, letter });
const standing = (version: number, letters: Record<string, string> = {}): Standing => ({
  version,
  state: "open",
  marks: Object.fromEntries(Object.entries(letters).map(([id, letter]): [string, Mark] => [id, { ...value(letter), office: null }])),
  conflicts: [],
});
const tap = (pupil: number, letter: string, base = 0): Operation => makeOperation(pupil, value(letter), base, new Date(0));
const saveOf = (queue: Queue): Save => ({ id: "save", author: 1, device: "d", base: 0, operations: queue.drafts, submit: "final" });
const LAN = { name: "Cô Lan", at: "2026-10-05T00:05:00Z" };

test("the last tap on a pupil counts, and one that says what stands is none", () => {
  let queue = tapped(EMPTY, standing(0), tap(1, "P"));
  queue = tapped(queue, standing(0), tap(1, "K"));
  expect(queue.drafts.map((one) => one.letter)).toEqual(["K"]);
  expect(tapped(queue, standing(0), tap(1, "")).drafts).toEqual([]);
  const save = saveOf(queue);
  const sent = saved(queue, save);
  expect(tapped(sent, standing(0), tap(1, "")).drafts).toHaveLength(1);
  expect(shown(sent, standing(0)).get(1)?.letter).toBe("K");
  expect(stored(sent, save)).toEqual(EMPTY);
});

test("what somebody else stored meanwhile crosses only unsent taps that say something else", () => {
  let queue = EMPTY;
  for (const one of [tap(1, "K"), tap(2, "P"), tap(3, "T")]) queue = tapped(queue, standing(0), one);
  const after = standing(1, { "1": "P", "2": "P", "9": "K" });
  const next = crossed(queue, standing(0), after, LAN);
  expect(next.conflicts.map((one) => [one.pupil, one.yours.letter, one.current.letter, one.by])).toEqual([[1, "K", "P", "Cô Lan"]]);
  expect(next.drafts.map((one) => one.pupil)).toEqual([1, 3]);
  expect(crossed(next, standing(0), after, { name: "", at: null }).conflicts[0]?.by).toBe("Cô Lan");
});

test("one's own save surprises nobody, whatever is tapped while it is on its way", () => {
  const first = tapped(EMPTY, standing(0), tap(1, "P"));
  const save = saveOf(first);
  let queue = tapped(saved(first, save), standing(0), tap(1, "K"));
  queue = crossed(stored(queue, save), standing(0), standing(1, { "1": "P" }), LAN, save.operations);
  expect([queue.conflicts, queue.drafts.map((one) => one.letter)]).toEqual([[], ["K"]]);
});

test("a refused save gives back what was not stored, but not what was tapped anew since", () => {
  let queue = EMPTY;
  for (const one of [tap(1, "K"), tap(2, "P"), tap(3, "T")]) queue = tapped(queue, standing(0), one);
  const save = saveOf(queue);
  queue = tapped(saved(queue, save), standing(0), tap(2, "K"));
  const told = (pupil: number) => {
    const operation = save.operations.find((one) => one.pupil === pupil)?.id ?? "";
    return { operation, pupil, refusal: "changed", yours: value("K"), current: value("T"), by: "Cô Lan", at: null } as const;
  };
  const after = refused(queue, save, { ...standing(2), conflicts: [told(1), told(2)] });
  expect(after.drafts.map((one) => [one.pupil, one.letter])).toEqual([[1, "K"], [2, "K"]]);
  expect(after.conflicts.map((one) => one.pupil)).toEqual([1]);
  expect([after.settling, after.saves]).toEqual(["final", []]);
  const [conflict] = after.conflicts;
  if (!conflict) throw new Error("no conflict");
  expect(settled(after, conflict, undefined).drafts.map((one) => one.pupil)).toEqual([2]);
  expect(settled(after, conflict, tap(1, "K", 2)).drafts.map((one) => [one.pupil, one.base])).toEqual([[2, 0], [1, 2]]);
  expect(refused(queue, save, undefined).drafts.map((one) => one.pupil)).toEqual([1, 3, 2]);
});
