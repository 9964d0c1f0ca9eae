import { type Dictionary, pageLanguage } from "@app/i18n";

const words: Record<string, string> = {};

/** The English of the lessons' pages; empty until `english()` has fetched it. A Vietnamese page never pays for it. */
export const en: Dictionary = words;

/** Fetches the English where the page is English; call it before the first text is shown. */
export async function english(): Promise<void> {
  if (pageLanguage() !== "en") return;
  const { default: found } = await import("../../translations/en.json");
  Object.assign(words, found);
}
