import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";
import { fontFolder } from "./web-fonts.ts";

/** `count` characters from a place of Unicode on. */
function from(place: number, count: number): string {
  return Array.from({ length: count }, (_, step) => String.fromCodePoint(place + step)).join("");
}

/** What school books set: italic letters, digits, signs; words are in the typeface of the page. */
const ITALICS = `${from(0x1d434, 52)}ℎ${from(0x1d6fc, 25)}`;
const SIGNS =
  "0123456789()[]{}|/+-=<>,.:;!'*%^~−×÷±∓·∘∗≤≥≠≈≡∼≅∝∈∉⊂⊃⊆⊇∪∩∅∞∂∇√∑∏∫∠⟂∥∣‖→←↔⇒⇐⇔↦∀∃¬∧∨′″…⋮⋯⋱△°ℝℕℤℚℂ⟨⟩‾―¯˙˜ˇ⏞⏟⏜∴⩽⩾ΔΩΣΠΦ";

/**
 * A typeface for formulas that browsers draw: its MATH table says where a root, a fraction and a brace have their
 * places, and many phones have no font with one. Of 250 kB a tenth is left; it is fetched by the page that has a formula.
 * From the package's WOFF 1.0 file, which comes without hints (see web-fonts.ts).
 */
export function mathFont(root: string): Plugin {
  return {
    name: "math-font",
    async config() {
      const whole = readFileSync(join(root, "node_modules/@fontsource/noto-sans-math/files/noto-sans-math-latin-400-normal.woff"));
      mkdirSync(fontFolder(root), { recursive: true });
      const part = await subsetFont(whole, ITALICS + SIGNS, { targetFormat: "woff2" });
      writeFileSync(join(fontFolder(root), "noto-sans-math.woff2"), part);
    },
  };
}
