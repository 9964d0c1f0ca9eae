import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { tablesOf } from "./print-fonts.ts";
import { woff2 } from "./web-fonts.ts";

const FILES = "node_modules/@fontsource/be-vietnam-pro/files";

test.each(["latin", "vietnamese", "latin-ext"])("the %s letters are all there, in a smaller file", (subset) => {
  const tables = tablesOf(readFileSync(`${FILES}/be-vietnam-pro-${subset}-400-normal.woff`));
  const made = woff2(tables);
  expect(made.readUInt32BE(8)).toBe(made.length);
  expect(made.readUInt16BE(12)).toBe(tables.length);
  const packed = made.readUInt32BE(20);
  const start = made.length - packed - (made.length % 4);
  const found = [0, 1, 2, 3].map((end) => start - end).find((at) => isBrotli(made.subarray(at, at + packed)));
  const all = brotliDecompressSync(made.subarray(found, (found ?? 0) + packed));
  expect(all.length).toBe(tables.reduce((sum, table) => sum + table.content.length, 0));
  expect(tables.every((table) => all.includes(table.content))).toBe(true);
  expect(tables.map((table) => table.tag)).not.toContain("fpgm");
  expect(made.length).toBeLessThan(0.8 * readFileSync(`${FILES}/be-vietnam-pro-${subset}-400-normal.woff2`).length);
});

test("a table that it cannot name is an error of the build", () => {
  expect(() => woff2([{ tag: "fpgm", checksum: 0, content: Buffer.alloc(4) }])).toThrow("do not know");
});

function isBrotli(part: Buffer): boolean {
  try {
    brotliDecompressSync(part);
    return true;
  } catch {
    return false;
  }
}
