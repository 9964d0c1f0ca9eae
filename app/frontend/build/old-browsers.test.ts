// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "rolldown/parseAst";
import { describe, expect, it } from "vitest";

const DIST = join(import.meta.dirname, "../../static/dist");
const MANIFEST = join(DIST, ".vite/manifest.json");
/** What a television of 2021 shows (Chrome 73 to 79), and what pupils' old phones open. */
const ENTRIES = ["app/frontend/stage.entry.ts", "classroom/lessons/frontend/screen.entry.tsx", "classroom/seats/frontend/pupil.entry.tsx"];

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

/** Methods that came after Chrome 73, however the object is called that has them. */
const NEWER_METHODS = new Set(
  "at replaceAll replaceChildren findLast findLastIndex toSorted toReversed toSpliced allSettled any hasOwn groupBy randomUUID isWellFormed".split(" "),
);
const NEWER_SYNTAX = new Set(["ChainExpression", "PropertyDefinition", "PrivateIdentifier", "StaticBlock"]);
const NEWER_OPERATORS = new Set(["??", "??=", "||=", "&&="]);
const NEWER_NAMES = new Set(["structuredClone", "WeakRef", "FinalizationRegistry", "AggregateError"]);
const NEWER_CSS = /@layer|@container|:has\(|:is\(|:where\(|\binset:|aspect-ratio:|[\d.](?:dvh|svh|lvh)\b|color-mix\(|oklch\(|light-dark\(/g;

type Node = Readonly<Record<string, unknown>>;

/** What is newer than ES2019 in a file, but for `import()` and `import.meta`, which came with modules. */
function newer(name: string): string[] {
  const found: string[] = [];
  const look = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(look);
    if (typeof node !== "object" || node === null) return;
    const what = newness(node as Node);
    if (what) found.push(`${name}: ${what}`);
    Object.values(node).forEach(look);
  };
  look(parseAst(readFileSync(join(DIST, name), "utf8")));
  return found;
}

function newness(node: Node): string | undefined {
  const { type, operator } = node;
  if (NEWER_SYNTAX.has(String(type)) || NEWER_OPERATORS.has(String(operator)) || (type === "Literal" && typeof node["bigint"] === "string")) return `${type} ${operator ?? ""}`;
  if (type === "Identifier" && NEWER_NAMES.has(String(node["name"]))) return String(node["name"]);
  const called = type === "CallExpression" ? ((node["callee"] as Node)["property"] as Node | undefined) : undefined;
  return called && NEWER_METHODS.has(String(called["name"])) ? `.${called["name"]}()` : undefined;
}

function chunksOf(manifest: Readonly<Record<string, Chunk>>, names: readonly string[]): Set<Chunk> {
  const found = new Set<Chunk>();
  const walk = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk || found.has(chunk)) return;
    found.add(chunk);
    [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])].forEach(walk);
  };
  names.forEach(walk);
  return found;
}

describe("what was built", () => {
  it("runs in the browser of an old television: no newer syntax, method or style", () => {
    expect(existsSync(MANIFEST), "npm run build comes first").toBe(true);
    const chunks = [...chunksOf(JSON.parse(readFileSync(MANIFEST, "utf8")) as Record<string, Chunk>, ENTRIES)];
    expect(chunks.length).toBeGreaterThan(ENTRIES.length);
    const styles = new Set(chunks.flatMap((chunk) => chunk.css ?? []));
    expect(chunks.map((chunk) => chunk.file).filter((name) => name.endsWith(".js")).flatMap(newer)).toEqual([]);
    expect([...styles].flatMap((name) => (readFileSync(join(DIST, name), "utf8").match(NEWER_CSS) ?? []).map((what) => `${name}: ${what}`))).toEqual([]);
  });
});
