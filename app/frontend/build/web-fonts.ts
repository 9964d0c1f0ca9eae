import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin } from "vite";
import { type Table, tablesOf } from "./print-fonts.ts";

const SUBSETS = ["latin", "vietnamese", "latin-ext"];
const WEIGHTS = [400, 500, 700];
const HEADER = 48;

/** The number that WOFF2 gives to a table instead of its tag. */
const KNOWN: Readonly<Record<string, number>> = {
  cmap: 0, head: 1, hhea: 2, hmtx: 3, maxp: 4, name: 5, "OS/2": 6, post: 7, glyf: 10, loca: 11, gasp: 17, GDEF: 26, GPOS: 27, GSUB: 28,
};
/** Outlines and their places as they are, not rewritten: version 3 of the two tables that WOFF2 may rewrite. */
const AS_THEY_ARE = 3 << 6;

/** Where the build puts the fonts that `fonts.css` names with `@fonts/`. */
export function fontFolder(root: string): string {
  return join(root, "node_modules/.cache/bang-xanh-fonts");
}

/**
 * The typeface for the pages without its hints: instructions for screens of 15 years ago, a third of each file. The
 * package's WOFF 1.0 files come without them, its WOFF2 files with them; so WOFF2 is packed here from the former.
 */
export function webFonts(root: string): Plugin {
  return {
    name: "web-fonts",
    config() {
      const folder = join(root, "node_modules/@fontsource/be-vietnam-pro/files");
      mkdirSync(fontFolder(root), { recursive: true });
      for (const subset of SUBSETS) {
        for (const weight of WEIGHTS) {
          const woff = readFileSync(join(folder, `be-vietnam-pro-${subset}-${weight}-normal.woff`));
          writeFileSync(join(fontFolder(root), `be-vietnam-pro-${subset}-${weight}.woff2`), woff2(tablesOf(woff)));
        }
      }
    },
  };
}

/** A WOFF2 file (W3C recommendation of 2022) of these tables, one Brotli stream of all; throws at a table it cannot name. */
export function woff2(tables: readonly Table[]): Buffer {
  const ordered = inOrder(tables);
  const directory = Buffer.concat(ordered.map((table) => Buffer.concat([Buffer.from([flagsOf(table)]), base128(table.content.length)])));
  const all = Buffer.concat(ordered.map((table) => table.content));
  const packed = brotliCompressSync(all, {
    params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_FONT, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: all.length },
  });
  const length = HEADER + directory.length + packed.length;
  const end = Buffer.alloc((4 - (length % 4)) % 4);
  const head = Buffer.alloc(HEADER);
  head.write("wOF2", 0, "latin1");
  head.writeUInt32BE(0x00010000, 4);
  head.writeUInt32BE(length + end.length, 8);
  head.writeUInt16BE(ordered.length, 12);
  head.writeUInt32BE(unpackedSize(ordered), 16);
  head.writeUInt32BE(packed.length, 20);
  return Buffer.concat([head, directory, packed, end]);
}

/** By tag, but the places of the outlines right behind the outlines, as WOFF2 wants it. */
function inOrder(tables: readonly Table[]): Table[] {
  const key = ({ tag }: Table): string => (tag === "loca" ? "glyf " : tag);
  return [...tables].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function flagsOf({ tag }: Table): number {
  const number = KNOWN[tag];
  if (number === undefined) throw new Error(`a table that the fonts do not know: ${tag}`);
  return number | (tag === "glyf" || tag === "loca" ? AS_THEY_ARE : 0);
}

/** What the TrueType file will measure: its head, and every table on a border of four bytes. */
function unpackedSize(tables: readonly Table[]): number {
  return tables.reduce((sum, { content }) => sum + 4 * Math.ceil(content.length / 4), 12 + 16 * tables.length);
}

/** A number in seven bits a byte, the highest first; all but the last byte begin with 1. */
function base128(value: number): Buffer {
  const parts = [value & 127];
  for (let rest = value >> 7; rest > 0; rest >>= 7) parts.unshift((rest & 127) | 128);
  return Buffer.from(parts);
}
