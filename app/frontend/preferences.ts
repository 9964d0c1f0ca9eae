/** Theme and language are kept per device in cookies that the server reads, so that no page flashes in the wrong one. */

const YEAR = 365 * 24 * 60 * 60;
const SECURE = location.protocol === "https:" ? "; secure" : "";

/** "auto" forgets the choice and follows the device. */
export function setTheme(theme: string): void {
  document.cookie = `bx_theme=${theme === "auto" ? "" : theme}; path=/; max-age=${theme === "auto" ? 0 : YEAR}; samesite=lax${SECURE}`;
  document.documentElement.dataset["theme"] = theme;
  for (const button of document.querySelectorAll<HTMLElement>("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset["setTheme"] === theme));
  }
}

/** The words come from the server, so the page is loaded again. */
export function setLanguage(language: string): void {
  document.cookie = `bx_lang=${language}; path=/; max-age=${YEAR}; samesite=lax${SECURE}`;
  location.reload();
}

export function watchPreferences(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    const theme = button?.dataset["setTheme"];
    const language = button?.dataset["setLanguage"];
    if (theme) setTheme(theme);
    if (language) setLanguage(language);
  });
}
