import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Activity, FormulaTree } from "./stage";

/**
 * **bold**, *italic*, `code`, $maths$ and line breaks: as much Markdown as a question needs. No HTML gets through.
 * A sum of money is no formula ("5$ hay 6$"): no space follows the first "$", none stands before the last, and no digit
 * behind it; "\\$" is always the sign itself. The same marks in Python: classroom/activities/rules/formulas.py.
 */
const MARKS = /\\([$*`])|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|`([^`\n]+)`|\$((?:\\.|[^\s$\\])(?:(?:\\.|[^$\\\n])*(?:\\.|[^\s$\\]))?)\$(?!\d)|\n/g;

export type Piece = string | { readonly kind: "b" | "i" | "code" | "maths" | "br"; readonly text: string };

/** The pieces of a text, in order. */
export function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(MARKS)) {
    if (match.index > from) found.push(text.slice(from, match.index));
    const [, sign, bold, italic, code, maths] = match;
    if (sign !== undefined) found.push(sign);
    else if (bold !== undefined) found.push({ kind: "b", text: bold });
    else if (italic !== undefined) found.push({ kind: "i", text: italic });
    else if (code !== undefined) found.push({ kind: "code", text: code });
    else if (maths !== undefined) found.push({ kind: "maths", text: maths });
    else found.push({ kind: "br", text: "" });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push(text.slice(from));
  return found;
}

/** A text with its marks drawn. */
export function Rich({ text }: { text: string }) {
  return <>{pieces(text).map((piece, place) => draw(piece, place))}</>;
}

/** A text where only letters can stand, as in a list of options: "$\\frac{1}{2}$" is "1/2". */
export function plain(text: string): string {
  return pieces(text)
    .map((piece) => (typeof piece === "string" ? piece : piece.kind === "maths" ? spoken(piece.text) : piece.kind === "br" ? " " : piece.text))
    .join("");
}

/** Whether something in a text has to be drawn. */
export function hasMaths(text: string): boolean {
  return pieces(text).some((piece) => typeof piece !== "string" && piece.kind === "maths");
}

function spoken(source: string): string {
  return source
    .replace(/\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, (_, above: string, below: string) => `${bracketed(above)}/${bracketed(below)}`)
    .replace(/\\sqrt\s*\{([^{}]*)\}/g, (_, root: string) => `√${bracketed(root)}`)
    .replace(/\\(?:times|cdot)\b\s*/g, "×")
    .replace(/\\([A-Za-z]+)/g, "$1")
    .replace(/[{}\\]/g, "")
    .trim();
}

function bracketed(part: string): string {
  return /^[\p{L}\p{N},.]*$/u.test(part) ? part : `(${part})`;
}

function draw(piece: Piece, place: number): ComponentChildren {
  if (typeof piece === "string") return piece;
  switch (piece.kind) {
    case "b":
      return <b key={place}>{piece.text}</b>;
    case "i":
      return <i key={place}>{piece.text}</i>;
    case "code":
      return <code key={place}>{piece.text}</code>;
    case "br":
      return <br key={place} />;
    case "maths":
      return <Maths key={place} source={piece.text} />;
  }
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
const read = new Map<string, readonly (FormulaTree | string)[]>();

/** Keeps formulas that came with an activity; whatever shows their source from now on shows them. */
export function learnMaths(maths: Activity["maths"] = {}): void {
  for (const [source, parts] of Object.entries(maths)) read.set(source, parts);
}

function grown([name, ...parts]: FormulaTree): Element {
  const element = document.createElementNS(MATHML, name);
  for (const part of parts) {
    if (typeof part === "string") element.append(part);
    else if (isTree(part)) element.append(grown(part));
    else for (const [key, value] of Object.entries(part)) element.setAttribute(key, value);
  }
  return element;
}

function isTree(part: FormulaTree | Readonly<Record<string, string>>): part is FormulaTree {
  return Array.isArray(part);
}

/**
 * A formula: as the browser draws it where the server has read it, which costs nothing; by KaTeX in a browser without
 * MathML and on the teacher's screens, which fetches it when the first formula is there, and shows the source until then.
 */
function Maths({ source }: { source: string }) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const target = place.current;
    const parts = typeof MathMLElement === "undefined" ? undefined : read.get(source);
    if (target && parts) {
      target.className = "formula";
      target.textContent = "";
      target.append(...parts.map((part) => (typeof part === "string" ? part : grown(part))));
    } else if (target) void import("./maths").then(({ drawMaths }) => drawMaths(target, source), () => undefined);
  }, [source]);
  return <span ref={place}>{source}</span>;
}
