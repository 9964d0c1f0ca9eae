// Prints what each entry costs over the wire (gzip), because the pupil's page has a budget of 100 kB in all.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../../static/dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const weight = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const sum = (files) => files.reduce((total, file) => total + weight(file), 0);

/** Files that a page with this entry loads at once: its script, the chunks it imports, and their style sheets. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return { scripts: [], styles: [] };
  seen.add(key);
  const chunk = manifest[key];
  const parts = (chunk.imports ?? []).map((name) => closure(name, seen));
  return {
    scripts: [chunk.file, ...parts.flatMap((part) => part.scripts)],
    styles: [...(chunk.css ?? []), ...parts.flatMap((part) => part.styles)],
  };
}

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
console.log(`\n${"entry (gzip)".padEnd(56)}${"js".padStart(10)}${"css".padStart(10)}${"total".padStart(10)}`);
for (const key of Object.keys(manifest).filter((name) => manifest[name].isEntry).sort()) {
  const { scripts, styles } = closure(key);
  const js = sum([...new Set(scripts)]);
  const css = sum([...new Set(styles)]);
  console.log(`${key.padEnd(56)}${kb(js)}${kb(css)}${kb(js + css)}`);
}
