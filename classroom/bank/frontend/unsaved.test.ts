import { describe, expect, it } from "vitest";
import { guardUnsaved } from "./unsaved";

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
