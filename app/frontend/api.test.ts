import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { request } from "./api";
import * as pace from "./pace";
import { onSignedOut } from "./signed-out";

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  document.head.innerHTML = '<meta name="csrf-token" content="tok">';
  vi.stubGlobal("fetch", fetched);
  vi.spyOn(pace, "wait").mockResolvedValue();
});

afterEach(() => fetched.mockReset());

test("a body is posted as JSON with the CSRF token", async () => {
  fetched.mockResolvedValue(json(200, { ok: true, saved: 3 }));
  expect(await request("/x", { body: { a: 1 } })).toEqual({ ok: true, value: { ok: true, saved: 3 } });
  const [url, init] = fetched.mock.calls[0] ?? [];
  expect(url).toBe("/x");
  expect(init).toMatchObject({ method: "POST", body: '{"a":1}' });
  expect(init?.headers).toMatchObject({ "X-CSRFToken": "tok", "Content-Type": "application/json" });
});

test.each([
  [403, "not_found"],
  [404, "not_found"],
  [409, "conflict"],
  [422, "invalid"],
  [429, "rate_limited"],
  [500, "failed"],
  [503, "unreachable"],
])("%i is %s, with the server's sentence", async (status, kind) => {
  fetched.mockResolvedValue(json(status, { ok: false, error: "Câu báo lỗi." }));
  expect(await request("/x")).toMatchObject({ ok: false, kind, message: "Câu báo lỗi." });
});

test("what a refusal carries is kept: fields, the current state, how long to wait", async () => {
  fetched.mockResolvedValue(
    json(429, { error: "Chậm lại.", fields: { code: "Sai mã." }, current: { version: 4 } }, { "Retry-After": "30" }),
  );
  expect(await request("/x")).toMatchObject({ fields: { code: "Sai mã." }, current: { version: 4 }, retryAfter: 30 });
});

test("a 401, or a sign-in page where JSON was due, is announced as signed out", async () => {
  const told = vi.fn();
  const stop = onSignedOut(told);
  fetched.mockResolvedValueOnce(json(401, { error: "" }));
  expect(await request("/x")).toMatchObject({ kind: "signed_out" });
  fetched.mockResolvedValueOnce(new Response("<html>", { status: 200, headers: { "Content-Type": "text/html" } }));
  expect(await request("/x")).toMatchObject({ kind: "signed_out" });
  stop();
  expect(told).toHaveBeenCalledTimes(2);
});

test("no answer is tried again only as often as asked", async () => {
  fetched.mockRejectedValue(new TypeError("network"));
  expect(await request("/x")).toMatchObject({ kind: "unreachable" });
  expect(fetched).toHaveBeenCalledTimes(1);
  fetched.mockClear();
  fetched.mockRejectedValueOnce(new TypeError("network")).mockResolvedValueOnce(json(502, {}));
  fetched.mockResolvedValueOnce(json(200, { n: 1 }));
  expect(await request("/x", { retries: 3 })).toEqual({ ok: true, value: { n: 1 } });
  expect(fetched).toHaveBeenCalledTimes(3);
});

test("a refusal is not tried again", async () => {
  fetched.mockResolvedValue(json(409, { error: "" }));
  await request("/x", { retries: 3 });
  expect(fetched).toHaveBeenCalledTimes(1);
});
