import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tablesOf, trueType } from "./print-fonts.ts";

const FILES = "node_modules/@fontsource/be-vietnam-pro/files";
const woff = readFileSync(`${FILES}/be-vietnam-pro-vietnamese-400-normal.woff`);

test("a WOFF file becomes the TrueType file that it was made of", () => {
  const made = trueType(tablesOf(woff));
  expect(made.length).toBe(woff.readUInt32BE(16));
  expect(made.readUInt32BE(0)).toBe(0x00010000);
  expect(tablesOf(woff).map((table) => table.tag)).toContain("glyf");
});

test("another format is refused", () => {
  const woff2 = readFileSync(`${FILES}/be-vietnam-pro-vietnamese-400-normal.woff2`);
  expect(() => tablesOf(woff2)).toThrow("WOFF 1.0");
});
