import { expect, test } from "vitest";
import { read } from "./waiting";

test("what waits on a period without a register is counted like any other; a tap in conflict is told once", () => {
  const found = read(
    new Map([
      ["user:1/register:7", 1],
      ["user:1/register:-120246913/draft", 3],
      ["user:1/register:-120246913/conflict", 1],
    ]),
  );
  expect([found.saves, found.drafts, found.conflicts]).toEqual([1, 2, 1]);
  expect([...found.registers.keys()]).toEqual([7, -120246913]);
});
