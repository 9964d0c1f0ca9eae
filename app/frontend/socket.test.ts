import { expect, test, vi } from "vitest";
import { backoff } from "./pace";
import { onSignedOut } from "./signed-out";
import { readAnswer } from "./socket";

test("an acknowledgement is read as a result", () => {
  expect(readAnswer({ ok: true, seq: 3 })).toEqual({ ok: true, value: { ok: true, seq: 3 } });
  expect(readAnswer({ ok: false, error: "conflict", message: "Đã đóng.", current: { phase: "closed" } })).toMatchObject({
    ok: false,
    kind: "conflict",
    message: "Đã đóng.",
    current: { phase: "closed" },
  });
});

test.each([undefined, null, "ok", [], { ok: "yes" }, { ok: false, error: "unheard of" }])(
  "what is no acknowledgement of ours is a failure: %j",
  (answer) => {
    expect(readAnswer(answer)).toMatchObject({ ok: false, kind: "failed" });
  },
);

test("an ended sign-in is announced", () => {
  const told = vi.fn();
  const stop = onSignedOut(told);
  readAnswer({ ok: false, error: "signed_out", message: "" });
  stop();
  expect(told).toHaveBeenCalledOnce();
});

test("waiting grows, has a ceiling, and is scattered over half of itself", () => {
  for (let attempt = 1; attempt < 40; attempt += 1) {
    const full = Math.min(8000, 500 * 2 ** (attempt - 1));
    expect(backoff(attempt, 500, 8000, () => 0)).toBe(full / 2);
    expect(backoff(attempt, 500, 8000, () => 1)).toBe(full);
  }
});
