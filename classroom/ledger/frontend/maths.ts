import { render } from "katex";
import "katex/dist/katex.min.css";
import "./maths.css";

/** A comma between two digits is the decimal sign here, and no room belongs behind it. */
const DECIMAL = /(\d),(?=\d)/g;

/** What school books write: an arrow over all letters of a vector, and an arc, for which KaTeX has one word. */
const ARC = "\\overgroup{#1}";
const MACROS = { "\\vec": "\\overrightarrow{#1}", "\\overparen": ARC, "\\wideparen": ARC, "\\overarc": ARC };

/** Fractions as large as they stand on a board: in a line of print their digits would be too small for the back row. */
const LARGE = "\\displaystyle ";

/** Draws a formula in place of its source; one that cannot be read stays as it was typed. */
export function drawMaths(target: HTMLElement, source: string): void {
  try {
    render(LARGE + source.replace(DECIMAL, "$1{,}"), target, { throwOnError: true, strict: "ignore", trust: false, macros: { ...MACROS }, maxExpand: 200, maxSize: 10 });
  } catch {
    target.textContent = source;
  }
}
