import { describe, expect, it } from "vitest";
import { barsOf, fewOf, mostChosen } from "./outcome";
import type { Activity } from "./stage";

function rows(kind: string, counts: Record<string, number>, more: object): readonly string[] {
  const activity = { kind, phase: "revealed", ...more } as Activity;
  return fewOf(activity.kind, barsOf(activity, counts), 3).map((bar) => `${bar.key}:${bar.count}`);
}

describe("what the projector shows of many rows", () => {
  it("is the right typed answer, however rare, the frequent ones, and the rest together", () => {
    const counts = { "12": 9, "14": 7, "16": 5, "18": 4, "": 2, "20": 1 };
    expect(rows("short", counts, { solution: ["20"] })).toEqual(["12:9", "20:1", ":18"]);
    expect(rows("short", { "12": 9, "20": 1 }, { solution: ["20"] })).toEqual(["12:9", "20:1"]);
  });

  it("is every right pair, and of the wrong ones the frequent", () => {
    const pairs = { options: ["Lào", "Thái Lan"], targets: ["Viêng Chăn", "Băng Cốc", "Hà Nội"], solution: ["A", "B"] };
    expect(rows("matching", { "1A": 1, "1B": 4, "1C": 2, "2A": 5, "2B": 1 }, pairs)).toEqual(["1A:1", "2A:5", "2B:1"]);
  });

  it("is every option of a choice", () => {
    expect(rows("single", { A: 1 }, { options: ["a", "b", "c", "d"], solution: ["D"] })).toHaveLength(4);
  });

  it("is of two rounds the right option and those that most chose", () => {
    const activity = { kind: "single", phase: "revealed", options: ["a", "b", "c", "d"], solution: ["D"] } as Partial<Activity> as Activity;
    expect(mostChosen(barsOf(activity, { A: 1, B: 9, C: 4 }), 3).map((bar) => bar.key)).toEqual(["B", "C", "D"]);
  });
});
