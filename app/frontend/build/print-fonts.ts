import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import type { Plugin } from "vite";

/** Subset -> family in print. One name for all three would hide two of them: typst takes one font a family. */
const FAMILIES = {
  latin: "Be Vietnam Pro Latin",
  vietnamese: "Be Vietnam Pro Vietnamese",
  "latin-ext": "Be Vietnam Pro Others",
};
const WEIGHTS = [400, 500, 700];
const HEADER = 44;
const ENTRY = 20;

export interface Table {
  tag: string;
  checksum: number;
  content: Buffer;
}

/**
 * The typeface of the pages for the PDFs: typst reads TrueType only, and the packages bring WOFF. A WOFF 1.0 file (W3C
 * recommendation of 2012) is the tables of the TrueType file, each deflated by itself; so nothing but zlib is needed.
 */
export function printFonts(root: string): Plugin {
  const folder = join(root, "node_modules/@fontsource/be-vietnam-pro/files");
  return {
    name: "print-fonts",
    generateBundle() {
      for (const [subset, family] of Object.entries(FAMILIES)) {
        for (const weight of WEIGHTS) {
          const woff = readFileSync(join(folder, `be-vietnam-pro-${subset}-${weight}-normal.woff`));
          const fileName = `print/be-vietnam-pro-${subset}-${weight}.ttf`;
          this.emitFile({ type: "asset", fileName, source: trueType(tablesOf(woff).map((one) => named(one, family))) });
        }
      }
    },
  };
}

/** The tables of a WOFF 1.0 file; throws when it is none. */
export function tablesOf(woff: Buffer): Table[] {
  if (woff.toString("latin1", 0, 4) !== "wOFF") throw new Error("not a WOFF 1.0 file");
  return Array.from({ length: woff.readUInt16BE(12) }, (_, index) => {
    const at = HEADER + ENTRY * index;
    const start = woff.readUInt32BE(at + 4);
    const stored = woff.subarray(start, start + woff.readUInt32BE(at + 8));
    const isPacked = stored.length < woff.readUInt32BE(at + 12);
    return {
      tag: woff.toString("latin1", at, at + 4),
      checksum: woff.readUInt32BE(at + 16),
      content: isPacked ? inflateSync(stored) : stored,
    };
  });
}

/** The table itself, or the `name` table with nothing in it but the family and a style. */
function named(table: Table, family: string): Table {
  if (table.tag !== "name") return table;
  const texts = [
    [1, family],
    [2, "Regular"],
    [4, family],
    [6, family.replaceAll(" ", "")],
  ] as const;
  const head = Buffer.alloc(6 + 12 * texts.length);
  head.writeUInt16BE(texts.length, 2);
  head.writeUInt16BE(head.length, 4);
  const parts = texts.map(([, text]) => Buffer.from(text, "utf16le").swap16());
  let offset = 0;
  texts.forEach(([id], index) => {
    const length = parts[index]?.length ?? 0;
    [3, 1, 0x409, id, length, offset].forEach((value, column) => {
      head.writeUInt16BE(value, 6 + 12 * index + 2 * column);
    });
    offset += length;
  });
  return { tag: "name", checksum: 0, content: Buffer.concat([head, ...parts]) };
}

/** A TrueType file of these tables, which stand in the order of their tags. */
export function trueType(tables: Table[]): Buffer {
  const head = Buffer.alloc(12 + 16 * tables.length);
  const steps = Math.floor(Math.log2(tables.length));
  head.writeUInt32BE(0x00010000, 0);
  head.writeUInt16BE(tables.length, 4);
  head.writeUInt16BE(16 * 2 ** steps, 6);
  head.writeUInt16BE(steps, 8);
  head.writeUInt16BE(16 * (tables.length - 2 ** steps), 10);
  const parts: Uint8Array[] = [head];
  let end = head.length;
  tables.forEach((table, index) => {
    const record = 12 + 16 * index;
    head.write(table.tag, record, "latin1");
    head.writeUInt32BE(table.checksum, record + 4);
    head.writeUInt32BE(end, record + 8);
    head.writeUInt32BE(table.content.length, record + 12);
    const padding = Buffer.alloc((4 - (table.content.length % 4)) % 4);
    parts.push(table.content, padding);
    end += table.content.length + padding.length;
  });
  return Buffer.concat(parts);
}
