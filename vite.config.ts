/// <reference types="vitest/config" />
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { appIcons } from "./app/frontend/build/app-icons.ts";
import { mathFont } from "./app/frontend/build/math-font.ts";
import { printFonts } from "./app/frontend/build/print-fonts.ts";
import { fontFolder, webFonts } from "./app/frontend/build/web-fonts.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** The Python packages that may carry front-end code: `app/frontend/` and `<package>/<slice>/frontend/`. */
const PACKAGES = ["app", "attendance", "classroom", "reports"];
const ENTRY = /^(?:[^/]+\/)?frontend\/[^/]+\.entry\.tsx?$/;

/** Every `*.entry.ts(x)` of the product, keyed by its path: a new island needs no change here. */
function entries(): string[] {
  return PACKAGES.flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => ENTRY.test(path))
      .map((path) => `${name}/${path}`),
  ).sort();
}

/**
 * What the islands share, in few files: a phone has six connections to a school's server, and each file costs it a
 * round trip. Each group is wanted whole by nearly every page that wants any of it.
 */
const SHARED = [
  { name: "preact", test: /node_modules\/(@preact|preact)\/|app\/frontend\/(icon|island)\.tsx?$/ },
  { name: "base", test: /app\/(frontend\/(i18n|api|result|signed-out)\.ts|translations\/en\.json)$/ },
  { name: "link", test: /app\/frontend\/(socket|wire|pace|delivery|status)\.tsx?$/ },
  { name: "lesson", test: /classroom\/ledger\/frontend\/(?!maths|histogram|rich)[\w-]+\.tsx?$/ },
];

export default defineConfig(({ mode }) => ({
  root,
  base: "/static/dist/",
  publicDir: false,
  plugins: [webFonts(root), mathFont(root), printFonts(root), appIcons(root)],
  resolve: { alias: { "@app": join(root, "app/frontend"), "@fonts": fontFolder(root) } },
  build: {
    outDir: "app/static/dist",
    emptyOutDir: true,
    manifest: true,
    // Television sets and old school PCs keep their first browser for years; `old-browsers.test.ts` reads what was built.
    target: "es2019",
    cssTarget: ["chrome73", "firefox78", "safari13"],
    cssCodeSplit: true,
    // A strict CSP has no data: for fonts, and a hashed file is cached for a year anyway.
    assetsInlineLimit: 0,
    // The polyfill is an inline script; browsers without modulepreload simply ignore the hint.
    modulePreload: { polyfill: false },
    sourcemap: mode === "development",
    reportCompressedSize: false,
    rolldownOptions: {
      input: entries(),
      output: { codeSplitting: { groups: SHARED } },
      // htmx carries an eval for attributes that we switch off (allowEval) and that the CSP refuses anyway.
      checks: { eval: false },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["app/frontend/**/*.test.{ts,tsx}", "*/*/frontend/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true,
    sequence: { shuffle: true },
  },
}));
