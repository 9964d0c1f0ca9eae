import { h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { later } from "./later";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tries again, and offers to load the page anew when the part seems to be gone", async () => {
  const tries = vi.fn(() => Promise.reject(new Error("404")));
  const Part = later(tries);
  await act(() => render(h(Part, {}), document.body));
  expect(document.querySelector("button")).toBeNull();
  await act(async () => void (await vi.advanceTimersByTimeAsync(3000)));
  expect(document.querySelector("button")).toBeNull();
  await act(async () => void (await vi.advanceTimersByTimeAsync(7000)));
  expect(tries).toHaveBeenCalledTimes(4);
  expect(document.body.textContent).toBe("Tải lại trang");
});
