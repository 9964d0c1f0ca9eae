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

/**
 * Has a form sent only once the server answers: a browser that reaches nobody puts a page of its own in this one's place,
 * and what was written is gone. `say` tells that nothing was sent.
 */
export function sendWhenReached(form: HTMLFormElement | null, isThere: () => Promise<boolean>, say: () => void): void {
  let state: "idle" | "asking" | "reached" = "idle";
  form?.addEventListener("submit", (event) => {
    if (state === "reached") return void (state = "idle");
    event.preventDefault();
    // Not for the others: this submit did not happen.
    event.stopImmediatePropagation();
    if (state === "asking") return;
    state = "asking";
    void isThere().then((there) => {
      state = there ? "reached" : "idle";
      if (there) form.requestSubmit(event.submitter);
      else say();
    });
  });
}

/** Whether the server answers within a few seconds. */
export function isServerThere(): Promise<boolean> {
  const answers = fetch("/healthz", { cache: "no-store" }).then(
    (answer) => answer.ok,
    () => false,
  );
  return Promise.race([answers, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 8000))]);
}
