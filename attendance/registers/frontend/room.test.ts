import { expect, test } from "vitest";
import { type Box, next, stepOf } from "./room";

/** Two rows of three seats, the middle one of the second row empty; then one who has no seat. */
const boxes: Box[] = [
  { left: 0, top: 0 },
  { left: 60, top: 0 },
  { left: 120, top: 0 },
  { left: 0, top: 60 },
  { left: 120, top: 60 },
  { left: 0, top: 180 },
];
const go = (at: number, key: string): number => next(boxes, at, stepOf(key) ?? "next");

test("arrows go where the eye sees the next tile, over empty seats and on to those without one", () => {
  expect(go(0, "ArrowDown")).toBe(3);
  expect(go(2, "ArrowDown")).toBe(4);
  expect([3, 4]).toContain(go(1, "ArrowDown"));
  expect(go(4, "ArrowDown")).toBe(5);
  expect(go(5, "ArrowUp")).toBe(3);
  expect(go(3, "ArrowRight")).toBe(4);
  expect(go(2, "Enter")).toBe(3);
});

test("at the edge one stays", () => {
  expect(go(0, "ArrowUp")).toBe(0);
  expect(go(0, "ArrowLeft")).toBe(0);
  expect(go(5, "ArrowDown")).toBe(5);
  expect(go(5, "Enter")).toBe(5);
  expect(stepOf("x")).toBeUndefined();
});
