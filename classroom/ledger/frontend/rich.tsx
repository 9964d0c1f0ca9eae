import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** **bold**, *italic*, `code`, $maths$ and line breaks: as much Markdown as a question needs. No HTML gets through. */
const MARKS = /\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|`([^`\n]+)`|\$([^$\n]+)\$|\n/g;

export type Piece = string | { readonly kind: "b" | "i" | "code" | "maths" | "br"; readonly text: string };

/** The pieces of a text, in order. */
export function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(MARKS)) {
    if (match.index > from) found.push(text.slice(from, match.index));
    const [, bold, italic, code, maths] = match;
    if (bold !== undefined) found.push({ kind: "b", text: bold });
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

/** A formula: its source until KaTeX is there, which is fetched only by pages that have one. */
function Maths({ source }: { source: string }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const target = place.current;
    if (target) void import("./maths").then(({ drawMaths }) => drawMaths(target, source), () => undefined);
  }, [source]);
  return <span ref={place}>{source}</span>;
}
