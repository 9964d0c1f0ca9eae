/** Has the browser ask before a page is left on which something was written and not saved: a link, an upload, a tab. */
export function guardUnsaved(form: HTMLFormElement | null): void {
  if (!form) return;
  const before = written(form);
  let saving = false;
  form.addEventListener("submit", () => (saving = true));
  // Back from the next page the browser may show this one as it was left.
  addEventListener("pageshow", () => (saving = false));
  addEventListener("beforeunload", (event) => {
    if (!saving && (form.hasAttribute("data-unsaved") || written(form) !== before)) event.preventDefault();
  });
}

/** What stands in the fields that a person writes into; htmx may have put another field in a field's place. */
function written(form: HTMLFormElement): string {
  return JSON.stringify([...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("#title, #subject, #plan-text")].map((field) => field.value));
}
