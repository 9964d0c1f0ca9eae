import { afterEach, expect, it } from "vitest";
import { h, render } from "preact";
import { act } from "preact/test-utils";
import { OnStage } from "../../seats/frontend/answer";
import { isToGuest } from "./addressing";
import type { Stage } from "./stage";

afterEach(() => void (isToGuest.value = false));

const KINDS = ["single", "drawing", "exit", "text", "number"] as const;
const PHASES = ["open", "paused", "discussion", "closed", "revealed"] as const;

/** What stands on the page in every state of a question, with what screen readers hear. */
async function said(): Promise<string> {
  const answers = { chosen: () => [], saved: () => "nothing" as const, isLate: () => false, share: () => 0, give: () => Promise.resolve(), refusal: { value: "" } };
  let text = "";
  for (const kind of KINDS) {
    for (const phase of PHASES) {
      const activity = { id: 1, round: 1, kind, phase, question: "", options: ["1", "2"], solution: ["A"], opened_at: null, closes_at: null };
      const stage = { seq: 1, state: "running", activity } as unknown as Stage;
      document.body.innerHTML = "";
      await act(() => render(h(OnStage, { stage, answers } as never), document.body));
      text += document.body.innerHTML;
    }
  }
  return text;
}

it("calls a pupil em, and a guest nothing", async () => {
  const em = /(?<!\p{L})em(?!\p{L})/iu;
  expect(await said()).toMatch(em);
  isToGuest.value = true;
  expect(await said()).not.toMatch(em);
});
