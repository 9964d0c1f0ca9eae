/**
 * What a text field loses of a sheet that comes out of Word: the right option is underlined, red or marked by hand, and
 * "CO2", "x2" have their figures low or high. The pasted text is the base; only what the marks say is put into it.
 */

const BLOCKS = "p, li, td, th, div, h1, h2, h3, h4";
const OPTION = /(^|\s)\*?([A-Ha-d])\s*[.)]/g;
const MARKED = /text-decoration[^;]*underline|text-underline|(?:^|[;\s])(?:color|mso-style-textfill-fill-color):\s*(?:red|#f00\b|#ff0000|#c00000|rgb\(\s*255,\s*0,\s*0\))|(?:background|mso-highlight)[^;]*:\s*(?:yellow|lime|#ffff00)/i;
const HIGH = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ";
const LOW = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ";
const PLAIN = "0123456789+-=()n";

/** A stretch of a block's text: where it begins, what it says, and whether it is marked as right. */
interface Run {
  readonly at: number;
  readonly text: string;
  readonly isMarked: boolean;
}

/** The text that is pasted, with a star before marked options and small figures as such. */
export function withMarks(plain: string, html: string): string {
  const lines = plain.split(/\r?\n/);
  let from = 0;
  for (const block of blocksOf(html)) {
    const raw = squeezed(block.textContent ?? "");
    const made = marked(block);
    if (!raw || squeezed(made) === raw) continue;
    const place = lines.findIndex((line, at) => at >= from && squeezed(line).endsWith(raw));
    if (place < 0) continue;
    const before = squeezed(lines[place] ?? "").slice(0, -raw.length);
    lines[place] = before + made;
    from = place;
  }
  return withoutDecoration(lines).join("\n");
}

function blocksOf(html: string): readonly Element[] {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll(BLOCKS)].filter((block) => !block.querySelector(BLOCKS));
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A block's text with its marks; room between two options stays room. */
function marked(block: Element): string {
  const runs = runsOf(block);
  const text = runs.map((run) => run.text).join("");
  const starts = [...text.matchAll(OPTION)].map((found) => found.index + (found[1] ?? "").length);
  const right = new Set<number>();
  for (const run of runs) {
    if (!run.isMarked || !run.text.trim()) continue;
    const first = run.at + run.text.search(/\S/);
    const begun = starts.filter((start) => start <= first);
    const within = starts.filter((start) => start > first && start < run.at + run.text.length);
    const start = begun[begun.length - 1];
    if (start !== undefined && within.length === 0) right.add(start);
  }
  const stars = [...right].sort((one, other) => other - one);
  const starred = stars.reduce((made, at) => (made[at] === "*" ? made : `${made.slice(0, at)}*${made.slice(at)}`), text);
  return starred.replace(/[\s\u00a0]{2,}|\u00a0/g, (room) => (room.length > 2 ? "\t" : " ")).trim();
}

function runsOf(block: Element): readonly Run[] {
  const runs: Run[] = [];
  let at = 0;
  const walk = (node: Node, isMarked: boolean, script: string): void => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = scripted(node.textContent?.replace(/[\r\n]+/g, " ") ?? "", script);
      runs.push({ at, text, isMarked });
      at += text.length;
      return;
    }
    if (!(node instanceof Element)) return;
    const name = node.localName;
    const marks = isMarked || name === "u" || name === "mark" || MARKED.test(node.getAttribute("style") ?? "") || /red|ff0000/i.test(node.getAttribute("color") ?? "");
    for (const child of node.childNodes) walk(child, marks, name === "sup" ? HIGH : name === "sub" ? LOW : script);
  };
  walk(block, false, "");
  return runs;
}

/** Figures as small ones where there are such signs for all of them. */
function scripted(text: string, script: string): string {
  if (!script) return text;
  const signs = [...text.trim().replace(/[−–]/g, "-")].map((sign) => script[PLAIN.indexOf(sign)]);
  return signs.every((sign) => sign !== undefined) ? signs.join("") : text;
}

/** Underlined letters in every option ("h*ea*t") are a question of sounds, not four right answers. */
function withoutDecoration(lines: readonly string[]): readonly string[] {
  const groups: number[][] = [];
  lines.forEach((line, at) => {
    if (/^\s*\*?[A-D]\s*[.)]/.test(line)) {
      if (/^\s*\*?A/.test(line) || groups.length === 0) groups.push([]);
      groups[groups.length - 1]?.push(at);
    }
  });
  const bare = new Map<number, string>();
  for (const group of groups) {
    const text = group.map((at) => lines[at] ?? "").join("\t");
    const options = [...text.matchAll(OPTION)].length;
    const stars = [...text.matchAll(/(?:^|\s)\*[A-Ha-d]\s*[.)]/g)].length;
    if (options > 1 && stars === options) for (const at of group) bare.set(at, (lines[at] ?? "").replace(/(^|\s)\*(?=[A-Ha-d]\s*[.)])/g, "$1"));
  }
  return lines.map((line, at) => bare.get(at) ?? line);
}

/** Has a text field take what Word's marks say when something is pasted into it. */
export function takeMarks(field: HTMLTextAreaElement): void {
  field.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    const plain = event.clipboardData?.getData("text/plain") ?? "";
    const text = html && plain ? withMarks(plain, html) : plain;
    if (text === plain) return;
    event.preventDefault();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
