import type { Translate } from "./i18n";
import { matches } from "./text";

/** `<input data-filter-table="id">` shows only the rows of that table in which every typed word occurs, accents or none. */
export function watchFilters(t: Translate): void {
  document.addEventListener("input", (event) => {
    const input = event.target;
    if (input instanceof HTMLInputElement && input.dataset["filterTable"]) apply(input, t);
  });
}

function apply(input: HTMLInputElement, t: Translate): void {
  const table = document.getElementById(input.dataset["filterTable"] ?? "");
  if (!table) return;
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody > tr")];
  for (const row of rows) row.hidden = !matches(wordsOf(row), input.value);
  const shown = rows.filter((row) => !row.hidden).length;
  report(input).textContent = input.value.trim() === "" ? "" : words(shown, t);
}

/** Two cells are two words, however the template is written. */
function wordsOf(row: HTMLTableRowElement): string {
  return [...row.children].map((cell) => cell.textContent ?? "").join(" ");
}

function words(shown: number, t: Translate): string {
  return shown === 0 ? t("Không có dòng nào khớp; thử từ khác.") : t("{n} dòng khớp", { n: shown });
}

/** The line below the box that says how many rows are left, also to a screen reader. */
function report(input: HTMLInputElement): HTMLElement {
  const next = input.nextElementSibling;
  if (next instanceof HTMLElement && next.matches("[role='status']")) return next;
  const made = document.createElement("p");
  made.className = "small muted";
  made.setAttribute("role", "status");
  input.after(made);
  return made;
}
