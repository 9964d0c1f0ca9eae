import { describe, expect, it } from "vitest";
import { isApart, lineOf, parts, pointAt, pointsOf, strokeOf } from "./strokes";

describe("strokes", () => {
  it("are the same text as the server writes", () => {
    expect(strokeOf([[0, 0], [40, 0], [40, 3]])).toBe("0000qWqWWZ");
    expect(pointsOf("0000qWqWWZ")).toEqual([[0, 0], [20, 0], [40, 0], [40, 3]]);
  });

  it("keep every point of a long way", () => {
    const way = [[2048, 10], [3, 1150], [3, 1150], [900, 4]] as const;
    const back = pointsOf(strokeOf(way)).map(String);
    for (const point of way) expect(back).toContain(String(point));
  });

  it("are drawn as lines, a single point as a dot", () => {
    expect(lineOf([strokeOf([[5, 6]]), strokeOf([[1, 1], [2, 3]])])).toBe("M5 6L5 7M1 1L2 3");
  });

  it("stay on the picture", () => {
    const picture = { getBoundingClientRect: () => ({ left: 10, top: 10, width: 100, height: 50 }) } as Element;
    expect(pointAt({ clientX: 60, clientY: 500 }, picture, 1024, 768)).toEqual([512, 768]);
    expect(isApart([[1, 1]], [2, 2], 3)).toBe(false);
    expect(isApart([], [2, 2], 3)).toBe(true);
  });

  it("of a drawing stand before its words", () => {
    expect(parts(["0000", "=con bướm"])).toEqual({ strokes: ["0000"], words: "con bướm" });
  });
});
