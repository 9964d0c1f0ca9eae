const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** In the grid of a week the arrow keys go from cell to cell; every cell stays a link that Tab reaches as well.
    Escape closes the cell that is open and goes back to it. */
export function watchWeekGrids(root: Document = document): void {
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) root.querySelector<HTMLElement>("[data-closes-slot]")?.click();
    const step = STEPS[event.key];
    const cell = event.target instanceof Element ? event.target.closest("[data-week-grid] td") : null;
    if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(cell, step);
    if (!next) return;
    event.preventDefault();
    showDayOf(next);
    next.focus();
  });
}

/** A narrow screen shows one day: the one that the arrow keys have come to. Where all are shown it stays so. */
function showDayOf(cell: HTMLElement): void {
  const days = cell.closest(".by-day");
  const column = cell.closest("td");
  if (!column || days?.querySelector<HTMLInputElement>('[value="all"]')?.checked) return;
  const day = [...(column.parentElement?.children ?? [])].indexOf(column);
  const choice = days?.querySelector<HTMLInputElement>(`[name="by-day"][value="${day}"]`);
  if (choice) choice.checked = true;
}

function neighbour(cell: Element, [down, right]: readonly [number, number]): HTMLElement | null {
  const row = cell.parentElement;
  const rows = [...(row?.parentElement?.children ?? [])];
  const target = rows[row ? rows.indexOf(row) + down : -1];
  const column = row ? [...row.children].indexOf(cell) + right : -1;
  return target?.children[column]?.querySelector<HTMLElement>("a.slot") ?? null;
}
