import { describe, expect, it } from "vitest";
import { isApart, lineOf, parts, piecesOf, pointAt, pointsOf, strokeOf } from "./strokes";

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

  it("of a long line are several, each from where the last one ended", () => {
    const line = Array.from({ length: 300 }, (_, place) => [place * 3, place % 7] as const);
    const pieces = piecesOf(line, 100);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.every((piece) => piece.length <= 100)).toBe(true);
    const ends = pieces.map(pointsOf);
    ends.slice(1).forEach((points, place) => expect(points[0]).toEqual(ends[place]?.[ends[place].length - 1]));
    expect(ends[ends.length - 1]?.slice(-1)).toEqual([line[299]]);
    expect(piecesOf([[5, 5]], 100)).toEqual([strokeOf([[5, 5]])]);
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
