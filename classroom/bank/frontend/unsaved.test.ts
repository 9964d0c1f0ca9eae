import { describe, expect, it, vi } from "vitest";
import { guardUnsaved, isServerThere, sendWhenReached } from "./unsaved";

describe("guardUnsaved", () => {
  it("asks before a page is left with something written, and not when that is being saved", () => {
    document.body.innerHTML = '<form><input id="title" value="Ôn tập"><textarea id="plan-text"></textarea></form>';
    const form = document.querySelector("form");
    guardUnsaved(form);
    const asks = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
    expect(asks()).toBe(false);
    document.querySelector("textarea")!.value = "Câu 1. 1 + 1 = ?";
    expect(asks()).toBe(true);
    form?.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(asks()).toBe(false);
  });
});

describe("sendWhenReached", () => {
  it("sends nothing while the server is away and says so; once it answers, the same form goes out once", async () => {
    document.body.innerHTML = '<form><button>Lưu</button></form>';
    const form = document.querySelector("form")!;
    const [sent, say] = [vi.fn((event: Event) => event.preventDefault()), vi.fn()];
    let isThere = false;
    sendWhenReached(form, () => Promise.resolve(isThere), say);
    form.addEventListener("submit", sent);
    const save = () => form.requestSubmit();
    save();
    await vi.waitFor(() => expect(say).toHaveBeenCalledOnce());
    expect(sent).not.toHaveBeenCalled();
    isThere = true;
    save();
    save();
    await vi.waitFor(() => expect(sent).toHaveBeenCalledOnce());
    expect(say).toHaveBeenCalledOnce();
  });
});

describe("isServerThere", () => {
  it("waits for the answer, but not for ever, and needs nothing that an older browser has not", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("AbortSignal", undefined);
    try {
      vi.stubGlobal("fetch", () => Promise.resolve({ ok: true }));
      expect(await isServerThere()).toBe(true);
      vi.stubGlobal("fetch", () => Promise.reject(new Error("no network")));
      expect(await isServerThere()).toBe(false);
      vi.stubGlobal("fetch", () => new Promise(() => undefined));
      const silent = isServerThere();
      await vi.advanceTimersByTimeAsync(8000);
      expect(await silent).toBe(false);
    } finally {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    }
  });
});
