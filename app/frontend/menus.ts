/** Menus and dialogs: what opens, closes again on Escape and on a press outside. */

const OPEN_MENU = "details[data-menu][open]";
const OPEN_TOGGLE = "[data-toggle][aria-expanded='true']";

export function watchMenus(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const toggle = event.target.closest<HTMLElement>("[data-toggle]");
    closeAllBut(event.target);
    if (toggle) toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
    openDialog(event.target);
    closeDialog(event.target);
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeAllBut(null, true);
  });
}

/** Closes every open menu that does not contain the target; with `refocus` the keyboard goes back to its button. */
function closeAllBut(target: Element | null, refocus = false): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN_MENU)) {
    if (menu.contains(target)) continue;
    menu.open = false;
    if (refocus) menu.querySelector("summary")?.focus();
  }
  for (const toggle of document.querySelectorAll<HTMLElement>(OPEN_TOGGLE)) {
    if (toggle.parentElement?.contains(target)) continue;
    toggle.setAttribute("aria-expanded", "false");
    if (refocus) toggle.focus();
  }
}

function openDialog(target: Element): void {
  const id = target.closest<HTMLElement>("[data-dialog]")?.dataset["dialog"];
  const dialog = id ? document.getElementById(id) : null;
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

function closeDialog(target: Element): void {
  const dialog = target.closest("dialog");
  // A press on the backdrop is a press on the dialog itself, since its content fills it.
  if (dialog && (target === dialog || target.closest("[data-dialog-close]"))) dialog.close();
}
