/** Marks that Unicode leaves beside their letter after decomposition. */
const MARKS = /[\u0300-\u036f]/g;

/** Lower case, no accents, đ as d, single spaces: the same key as `fold()` in app/text.py. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(/đ/g, "d")
    .replace(/\s+/g, " ")
    .trim();
}

/** Says whether every word of the query begins or lies in the text; accents do not matter. */
export function matches(text: string, query: string): boolean {
  const folded = fold(text);
  return fold(query)
    .split(" ")
    .every((word) => folded.includes(word));
}
