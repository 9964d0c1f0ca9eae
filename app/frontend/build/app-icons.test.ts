import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { png } from "./app-icons.ts";

/** The colour and opacity of a pixel of our own unfiltered rows. */
function pixelAt(picture: Buffer, size: number, x: number, y: number): number[] {
  const start = picture.indexOf("IDAT") + 4;
  const rows = inflateSync(picture.subarray(start, start + picture.readUInt32BE(start - 8)));
  const at = y * (4 * size + 1) + 1 + 4 * x;
  return [...rows.subarray(at, at + 4)];
}

test("the icons are drawn from our SVG: the board, the tick, the yellow chalk, nothing around", () => {
  const picture = png(readFileSync("app/static/favicon.svg", "utf8"), 64);
  expect(picture.toString("latin1", 1, 4)).toBe("PNG");
  expect(pixelAt(picture, 64, 0, 0)[3]).toBe(0);
  expect(pixelAt(picture, 64, 12, 16)).toEqual([0x1e, 0x5a, 0x46, 255]);
  expect(pixelAt(picture, 64, 28, 38)).toEqual([0xf6, 0xf8, 0xf2, 255]);
  expect(pixelAt(picture, 64, 32, 57)).toEqual([0xff, 0xd8, 0x4a, 255]);
  const maskable = png(readFileSync("app/static/icon-maskable.svg", "utf8"), 64);
  expect(pixelAt(maskable, 64, 0, 0)).toEqual([0x14, 0x39, 0x2d, 255]);
});

test("a shape that cannot be drawn is an error of the build", () => {
  expect(() => png('<svg viewBox="0 0 64 64"><path d="M1 1C2 2 3 3 4 4"/></svg>', 8)).toThrow("do not know");
});
