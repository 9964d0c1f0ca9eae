/** A download leaves the page where it is, so the block ends by itself. */
const BLOCK = 4000;

/** A form that is on its way is not sent again by an impatient thumb. The server would not mind; the person would. */
export function watchSubmits(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    if (form.dataset["sent"]) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "yes";
    form.querySelector("button[type=submit]")?.setAttribute("aria-busy", "true");
    setTimeout(() => release(form), BLOCK);
  });
  // Coming back with the Back button finds the page as it was left: the form may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) release(form);
  });
}

function release(form: HTMLFormElement): void {
  delete form.dataset["sent"];
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}
