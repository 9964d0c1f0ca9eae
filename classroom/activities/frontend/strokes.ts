/** Strokes as short texts: quantised points on a grid. The same in Python: classroom/activities/rules/strokes.py. */

export type Point = readonly [x: number, y: number];

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const HALF = 32;
export const SLIDE_WIDTH = 2048;
export const CANVAS = { width: 1024, height: 768 } as const;

/** The text of at least one point; steps too long for one sign are taken in several, straight on. */
export function strokeOf(points: readonly Point[]): string {
  const [first = [0, 0] as Point, ...rest] = points;
  let [x, y] = first;
  const signs = [x >> 6, x & 63, y >> 6, y & 63];
  for (const [toX, toY] of rest) {
    const [dx, dy] = [toX - x, toY - y];
    const steps = Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)) / (HALF - 1));
    for (let number = 1; number <= steps; number += 1) {
      // On the straight line, rounded to the grid; the same arithmetic as on the server.
      const atX = toX - dx + Math.floor((2 * dx * number + steps) / (2 * steps));
      const atY = toY - dy + Math.floor((2 * dy * number + steps) / (2 * steps));
      signs.push(atX - x + HALF, atY - y + HALF);
      x = atX;
      y = atY;
    }
  }
  return signs.map((sign) => ALPHABET[sign]).join("");
}

/** The points of a stroke. */
export function pointsOf(stroke: string): readonly Point[] {
  const signs = [...stroke].map((sign) => ALPHABET.indexOf(sign));
  let [x, y] = [(signs[0] ?? 0) * 64 + (signs[1] ?? 0), (signs[2] ?? 0) * 64 + (signs[3] ?? 0)];
  const points: Point[] = [[x, y]];
  for (let place = 4; place + 1 < signs.length; place += 2) {
    x += (signs[place] ?? HALF) - HALF;
    y += (signs[place + 1] ?? HALF) - HALF;
    points.push([x, y]);
  }
  return points;
}

/** The `d` of an SVG path through the points of strokes; a single point becomes a dot by the caps of its line. */
export function lineOf(strokes: readonly string[]): string {
  return strokes
    .map((stroke) => {
      const [[x, y] = [0, 0], ...rest] = pointsOf(stroke);
      return `M${x} ${y}L${rest.length > 0 ? rest.map((point) => point.join(" ")).join(" ") : `${x} ${y + 1}`}`;
    })
    .join("");
}

/** Where a pointer is on the grid that a picture shows. */
export function pointAt(event: { readonly clientX: number; readonly clientY: number }, on: Element, width: number, height: number): Point {
  const box = on.getBoundingClientRect();
  const share = (part: number, whole: number) => Math.max(0, Math.min(1, whole > 0 ? part / whole : 0));
  return [Math.round(share(event.clientX - box.left, box.width) * width), Math.round(share(event.clientY - box.top, box.height) * height)];
}

/** A line as strokes of at most so many signs; each begins where the one before it ended. */
export function piecesOf(points: readonly Point[], longest: number): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let to = 1; to <= points.length; to += 1) {
    const isLast = to === points.length;
    if (!isLast && strokeOf(points.slice(from, to + 1)).length <= longest) continue;
    if (to > from) pieces.push(strokeOf(points.slice(from, to)));
    from = to - 1;
  }
  return pieces.filter((piece) => piece.length <= longest);
}

/** Whether a new point is far enough from the last one to be kept. */
export function isApart(points: readonly Point[], [x, y]: Point, least: number): boolean {
  const last = points[points.length - 1];
  return !last || Math.abs(x - last[0]) + Math.abs(y - last[1]) >= least;
}

/** The strokes of a drawing's answer, and what was said in words instead. The same: rules/sketching.py. */
export function parts(answer: readonly string[]): { readonly strokes: readonly string[]; readonly words: string } {
  const words = answer.find((entry) => entry.startsWith("="))?.slice(1) ?? "";
  return { strokes: answer.filter((entry) => !entry.startsWith("=")), words };
}
