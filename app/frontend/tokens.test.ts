// Every pair of colours that meets on a page can be read on both themes (WCAG 2.2 AA).
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const tokens = readFileSync("app/frontend/tokens.css", "utf8");

function colour(name: string, theme: "light" | "dark"): string {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(tokens)?.[1] ?? "";
  const pair = /light-dark\((#\w+), (?:(#\w+)|var\(--(\w[\w-]*)\))\)/.exec(value);
  if (!pair) return value;
  return theme === "light" ? (pair[1] ?? "") : (pair[2] ?? "");
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

const TEXT: readonly (readonly [string, string])[] = [
  ...["ground", "surface", "surface-2", "surface-3"].flatMap((back) => [["ink", back] as const, ["ink-2", back] as const]),
  ...["ground", "surface", "surface-2"].map((back) => ["link", back] as const),
  ...["good", "warn", "bad", "info"].flatMap((tone) => [[tone, `${tone}-soft`] as const, [tone, "surface"] as const, ["ink", `${tone}-soft`] as const]),
  ["accent-ink", "accent"],
  ["yellow-ink", "yellow"],
  ["chalk", "board"],
  ["chalk-2", "board"],
  ["chalk", "board-soft"],
];

const EDGES: readonly (readonly [string, string])[] = [
  ["line-strong", "surface"],
  ["line-strong", "ground"],
  ["accent", "surface"],
  ["series-1", "surface-3"],
];

test.each(["light", "dark"] as const)("text and edges can be read on the %s theme (WCAG 2.2 AA)", (theme) => {
  const weak = [...TEXT.map((pair) => [...pair, 4.5] as const), ...EDGES.map((pair) => [...pair, 3] as const)]
    .map(([front, back, need]) => ({ front, back, need, is: contrast(colour(front, theme), colour(back, theme)) }))
    .filter(({ is, need }) => !(is >= need));
  expect(weak).toEqual([]);
});
