import { h, render } from "preact";
import "./plan.css";
import { Rich } from "../../ledger/frontend/rich";

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

drawAll(document);
document.addEventListener("htmx:afterSwap", () => drawAll(document));
