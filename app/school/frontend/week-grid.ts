const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** In the grid of a week the arrow keys go from cell to cell; every cell stays a link that Tab reaches as well. */
export function watchWeekGrids(root: Document = document): void {
  root.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const cell = event.target instanceof Element ? event.target.closest("[data-week-grid] td") : null;
    if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(cell, step);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

function neighbour(cell: Element, [down, right]: readonly [number, number]): HTMLElement | null {
  const row = cell.parentElement;
  const rows = [...(row?.parentElement?.children ?? [])];
  const target = rows[row ? rows.indexOf(row) + down : -1];
  const column = row ? [...row.children].indexOf(cell) + right : -1;
  return target?.children[column]?.querySelector<HTMLElement>("a.slot") ?? null;
}
