import { expect, test } from "vitest";
import type { Activity } from "../../ledger/frontend/stage";
import { ownAnswers, type Tap } from "./own-answers";

const activity = { id: 1, round: 1, kind: "single", phase: "open" } as Activity;

test("a second tap on what is stored sends nothing, another answer does", async () => {
  const sent: Tap[] = [];
  const answers = await ownAnswers(1, 1, (tap) => {
    sent.push(tap);
    const mine = { activity: 1, round: 1, uuid: tap.uuid, answer: tap.answer, version: sent.length, late: false };
    return Promise.resolve({ ok: true, value: { mine } });
  });
  const tap = async (letter: string) => {
    await answers.give(activity, [letter]);
    await new Promise((done) => setTimeout(done, 20));
  };
  await tap("A");
  const first = answers.uuid(activity);
  await tap("A");
  expect(answers.uuid(activity)).toBe(first);
  await tap("B");
  expect(sent.map(({ answer }) => answer[0])).toEqual(["A", "B"]);
  expect(answers.chosen(activity)).toEqual(["B"]);
});
