import { h, render } from "preact";
import "./plan.css";
import { translator } from "@app/i18n";
import { toast } from "@app/toasts";
import { en, english } from "../../ledger/frontend/english";
import { Rich } from "../../ledger/frontend/rich";
import { takeMarks } from "./paste";
import { guardUnsaved, isServerThere, sendWhenReached } from "./unsaved";

const t = translator(en);
void english();

/** Draws the marks and formulas of every text that a template marked, also of those that htmx brings later. */
function drawAll(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-rich]")) {
    const text = place.textContent ?? "";
    place.removeAttribute("data-rich");
    if (!/[*$`\n]/.test(text)) continue;
    place.textContent = "";
    render(h(Rich, { text }), place);
  }
}

/** The editor's field, also the one that htmx brings when the order changes. */
function takeMarksOfWord(): void {
  const field = document.querySelector<HTMLTextAreaElement>("#plan-text:not([data-takes-marks])");
  if (!field) return;
  field.dataset["takesMarks"] = "";
  takeMarks(field);
}

function prepare(): void {
  drawAll(document);
  takeMarksOfWord();
}

prepare();
const form = document.querySelector<HTMLFormElement>("form[data-plan]");
// First this: a save that reaches nobody is none, so leaving is still asked about.
sendWhenReached(form, isServerThere, () => toast(t("Mất kết nối nên chưa lưu được. Bài viết còn nguyên: hãy lưu lại khi có mạng.")));
guardUnsaved(form);
document.addEventListener("htmx:afterSwap", prepare);
document.addEventListener("htmx:oobAfterSwap", prepare);
// A sheet whose questions left again can be chosen once more: a browser says nothing when the same file is chosen.
document.addEventListener("htmx:afterRequest", ({ target }) => {
  if (target instanceof HTMLInputElement && target.type === "file") target.value = "";
});
