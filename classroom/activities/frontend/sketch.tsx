import { parts, lineOf, CANVAS } from "./strokes";

/** A drawing that was made: its lines, and below them what was said in words. */
export function Sketch({ answer, label }: { answer: readonly string[]; label: string }) {
  const { strokes, words } = parts(answer);
  return (
    <>
      {strokes.length > 0 && (
        <svg class="sketch" viewBox={`0 0 ${CANVAS.width} ${CANVAS.height}`} role="img" aria-label={words || label}>
          <path d={lineOf(strokes)} />
        </svg>
      )}
      {words && <p>{words}</p>}
    </>
  );
}
