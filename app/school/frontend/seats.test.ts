import { expect, test } from "vitest";
import { asLines, filled, placeOf, seated, unseated, within } from "./seats";

const pupils = [1, 2, 3].map((id) => ({ id, name: `Em ${id}` }));

test("two pupils change places; one from the waiting list sends the other there", () => {
  const both = seated(seated(new Map(), 1, "0,0"), 2, "0,1");
  expect(asLines(seated(both, 1, "0,1")).sort()).toEqual([[1, 0, 1], [2, 0, 0]]);
  const sent = seated(both, 3, "0,1");
  expect([placeOf(sent, 3), placeOf(sent, 2)]).toEqual(["0,1", undefined]);
  expect(asLines(seated(both, 1, "0,0")).length).toBe(2);
});

test("the rest is filled in by the class list, and a smaller grid lets people wait", () => {
  const all = filled(seated(new Map(), 3, "0,0"), pupils, 2, 2);
  expect(asLines(all).sort()).toEqual([[1, 0, 1], [2, 1, 0], [3, 0, 0]]);
  expect(asLines(within(all, 1, 2)).sort()).toEqual([[1, 0, 1], [3, 0, 0]]);
  expect(asLines(unseated(all, 3)).length).toBe(2);
});
