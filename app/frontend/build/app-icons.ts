import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { Plugin } from "vite";

/** File in app/static -> what it is called as a picture: phones want pixels for the home screen. */
const PICTURES = [
  { source: "favicon.svg", name: "icon", sizes: [192, 512] },
  { source: "icon-maskable.svg", name: "icon-maskable", sizes: [512] },
] as const;
/** Points to a pixel's side: 16 for each pixel make edges smooth. */
const SAMPLES = 4;

type Colour = readonly [number, number, number];
type Point = readonly [number, number];

/** A shape of ours: filled where `depth` is positive, a line where it is near zero; lengths in the picture's own units. */
interface Shape {
  readonly fill: Colour | undefined;
  readonly stroke: Colour | undefined;
  readonly width: number;
  /** How far inside the outline a point lies; outside it is negative. */
  readonly depth: (point: Point) => number;
}

/** The icons of the installed app as PNG, drawn from our own SVG: rounded rectangles and straight lines are all it has. */
export function appIcons(root: string): Plugin {
  return {
    name: "app-icons",
    generateBundle() {
      for (const { source, name, sizes } of PICTURES) {
        const svg = readFileSync(join(root, "app/static", source), "utf8");
        for (const size of sizes) this.emitFile({ type: "asset", fileName: `${name}-${size}.png`, source: png(svg, size) });
      }
    },
  };
}

/** Reads `<rect>` and `<path>` of straight lines; throws at anything else, so that a new shape is noticed. */
function shapesOf(svg: string): readonly Shape[] {
  return [...svg.matchAll(/<(rect|path)\b([^>]*)>/g)].map(([, kind, text = ""]) => {
    const of = Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    const number = (name: string): number => Number(of[name] ?? 0);
    const [stroke, width] = [colour(of["stroke"]), number("stroke-width")];
    if (kind === "path") return { fill: undefined, stroke, width, depth: line(points(of["d"] ?? "")) };
    const depth = rectangle(number("x"), number("y"), number("width"), number("height"), number("rx"));
    return { fill: colour(of["fill"]), stroke, width, depth };
  });
}

function colour(text: string | undefined): Colour | undefined {
  const hex = /^#([0-9a-f]{6})$/.exec(text ?? "")?.[1];
  if (hex === undefined) return undefined;
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The corners of a line: absolute after `M`, relative to the one before after `m`, then perhaps a stretch `h`. */
function points(path: string): readonly Point[] {
  const [, start, corners = "", stretch] = /^([Mm])([-\d.\s]+)(?:h([\d.]+))?$/.exec(path.trim()) ?? [];
  const numbers = (corners.match(/-?[\d.]+/g) ?? []).map(Number);
  if (start === undefined || numbers.length % 2 > 0) throw new Error(`a path that the icons do not know: ${path}`);
  const list: Point[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    const [x, y] = start === "m" ? (list.at(-1) ?? [0, 0]) : [0, 0];
    list.push([x + (numbers[at] ?? 0), y + (numbers[at + 1] ?? 0)]);
  }
  const [x, y] = list.at(-1) ?? [0, 0];
  return stretch === undefined ? list : [...list, [x + Number(stretch), y]];
}

function rectangle(x: number, y: number, width: number, height: number, radius: number): Shape["depth"] {
  return ([px, py]) => {
    const dx = Math.abs(px - x - width / 2) - width / 2 + radius;
    const dy = Math.abs(py - y - height / 2) - height / 2 + radius;
    return radius - Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) - Math.min(Math.max(dx, dy), 0);
  };
}

/** The distance to a line with round ends and joins, which is what ours has. */
function line(list: readonly Point[]): Shape["depth"] {
  return (point) => -Math.min(...list.slice(1).map((end, at) => toSegment(point, list[at] ?? end, end)));
}

function toSegment([px, py]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const share = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(px - ax - share * dx, py - ay - share * dy);
}

/** A PNG (W3C recommendation of 2003) of a square SVG, eight bits a channel, transparent where nothing is drawn. */
export function png(svg: string, size: number): Buffer {
  const shapes = shapesOf(svg);
  const unit = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]) / size;
  const rows = Buffer.alloc(size * (4 * size + 1));
  // Most pixels lie in one colour: only those whose corners differ are looked at closely.
  const corners = Array.from({ length: (size + 1) ** 2 }, (_, at) =>
    colourAt(shapes, [(at % (size + 1)) * unit, Math.floor(at / (size + 1)) * unit]),
  );
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const at = y * (size + 1) + x;
      const seen = corners[at];
      const isFlat = [at + 1, at + size + 1, at + size + 2].every((other) => corners[other] === seen);
      const parts = isFlat ? (seen ? [...seen, 255] : [0, 0, 0, 0]) : pixel(shapes, x, y, unit);
      rows.set(parts, y * (4 * size + 1) + 1 + 4 * x);
    }
  }
  return file(rows, size);
}

function file(rows: Buffer, size: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function pixel(shapes: readonly Shape[], x: number, y: number, unit: number): readonly number[] {
  const sum = [0, 0, 0, 0];
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
    const at = (n: number, step: number): number => (n + (step + 0.5) / SAMPLES) * unit;
    const seen = colourAt(shapes, [at(x, sample % SAMPLES), at(y, Math.floor(sample / SAMPLES))]);
    if (seen) [...seen, 255].forEach((part, channel) => (sum[channel] = (sum[channel] ?? 0) + part));
  }
  const covered = (sum[3] ?? 0) / 255;
  return sum.map((part, channel) => Math.round(part / (channel < 3 ? covered || 1 : SAMPLES * SAMPLES)));
}

/** The topmost colour at a point: later shapes lie over earlier ones, a stroke over its own fill. */
function colourAt(shapes: readonly Shape[], point: Point): Colour | undefined {
  let seen: Colour | undefined;
  for (const { fill, stroke, width, depth } of shapes) {
    const inside = depth(point);
    if (fill && inside > 0) seen = fill;
    if (stroke && Math.abs(inside) <= width / 2) seen = stroke;
  }
  return seen;
}

function chunk(tag: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(tag, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}
