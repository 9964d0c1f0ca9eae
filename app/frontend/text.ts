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

/** Says whether some word of the text begins with each word of the query; accents do not matter. Beginnings only:
    "hương" would otherwise find every Phượng. */
export function matches(text: string, query: string): boolean {
  const words = ` ${fold(text).replace(/[()[\],;:"“”]/g, " ")}`;
  return fold(query)
    .split(" ")
    .every((word) => words.includes(` ${word}`));
}
