/** Where a tile is drawn. */
export interface Box {
  readonly left: number;
  readonly top: number;
}

export type Step = "next" | { readonly right: number; readonly down: number };

/** Where a key leads: an arrow to a side, Enter to the next pupil. */
export function stepOf(key: string): Step | undefined {
  return STEPS.get(key);
}

const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ["Enter", "next"],
  ["ArrowRight", { right: 1, down: 0 }],
  ["ArrowLeft", { right: -1, down: 0 }],
  ["ArrowDown", { right: 0, down: 1 }],
  ["ArrowUp", { right: 0, down: -1 }],
]);

/**
 * The tile that a step from `at` leads to; itself at the end. To the side: the tile before or after, whatever the row.
 * Up and down: the nearest row that way, and in it the tile that stands nearest, so that empty seats are passed over.
 */
export function next(tiles: readonly Box[], at: number, step: Step): number {
  if (step === "next" || step.down === 0) {
    const by = step === "next" ? 1 : step.right;
    return Math.max(0, Math.min(tiles.length - 1, at + by));
  }
  const from = tiles[at];
  if (!from) return at;
  const far = (index: number): number => (((tiles[index]?.top ?? 0) - from.top) * step.down);
  const beyond = tiles.map((_, index) => index).filter((index) => far(index) > HALF_A_TILE);
  const nearest = Math.min(...beyond.map(far));
  const row = beyond.filter((index) => far(index) < nearest + HALF_A_TILE);
  const aside = (index: number): number => Math.abs((tiles[index]?.left ?? 0) - from.left);
  return row.reduce((best, index) => (aside(index) < aside(best) ? index : best), row[0] ?? at);
}

const HALF_A_TILE = 12;
