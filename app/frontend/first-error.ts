/** A refused form opens at what is to be corrected, for the thumb, the keyboard and the screen reader alike. */
export function focusFirstError(): void {
  document.querySelector<HTMLElement>("main [aria-invalid='true']")?.focus();
}
