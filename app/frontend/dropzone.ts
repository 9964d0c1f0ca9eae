import type { Translate } from "./i18n";
import { formatNumber } from "./i18n";

/** The file input covers its zone, so dropping works by itself; this shows what was chosen. */
export function watchDropzones(t: Translate): void {
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input instanceof HTMLInputElement && input.type === "file") show(input, t);
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = event.target instanceof Element ? event.target.closest("[data-dropzone]") : null;
      zone?.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
    });
  }
}

function show(input: HTMLInputElement, t: Translate): void {
  const place = input.closest("[data-dropzone]")?.querySelector("[data-dropzone-file]");
  if (!place) return;
  const files = [...(input.files ?? [])];
  place.textContent = files.map((file) => `${file.name} (${size(file.size, t)})`).join(", ");
}

function size(bytes: number, t: Translate): string {
  if (bytes < 1000) return t("{n} byte", { n: bytes });
  if (bytes < 1_000_000) return `${formatNumber(bytes / 1000)} kB`;
  return `${formatNumber(bytes / 1_000_000, 1)} MB`;
}
