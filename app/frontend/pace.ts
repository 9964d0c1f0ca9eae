/** Resolves after so many milliseconds. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Milliseconds before try number `attempt` (from 1): doubling up to a ceiling, scattered over half of it so that
    forty-five phones that were cut off together do not come back together. */
export function backoff(attempt: number, first = 500, ceiling = 8000, random: () => number = Math.random): number {
  const full = Math.min(ceiling, first * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random();
}
