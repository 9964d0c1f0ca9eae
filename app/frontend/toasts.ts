/** A message that leaves by itself, with room for one undo. Server fragments may add their own `.toast` to #toasts. */

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

const LIFETIME = 8000;

/** Shows a message; the action (an undo) closes it. */
export function toast(text: string, action?: ToastAction): void {
  const element = document.createElement("div");
  element.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  element.append(words);
  if (action) element.append(actionButton(element, action));
  region().append(element);
  expire(element);
}

/** Makes toasts that the server put into the page leave by themselves too. */
export function watchToasts(): void {
  const place = region();
  place.querySelectorAll<HTMLElement>(".toast").forEach(expire);
  new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes])) {
      if (node instanceof HTMLElement && node.classList.contains("toast")) expire(node);
    }
  }).observe(place, { childList: true });
}

function actionButton(element: HTMLElement, action: ToastAction): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = action.label;
  button.addEventListener("click", () => {
    element.remove();
    action.run();
  });
  return button;
}

/** Nobody loses an undo while reaching for it: a toast that is pointed at or focused stays. */
function expire(element: HTMLElement): void {
  if (element.dataset["expires"]) return;
  element.dataset["expires"] = "yes";
  const check = (): void => {
    if (element.matches(":hover, :focus-within")) setTimeout(check, 1000);
    else element.remove();
  };
  setTimeout(check, LIFETIME);
}

function region(): HTMLElement {
  const found = document.getElementById("toasts");
  if (found) return found;
  const made = document.createElement("div");
  made.id = "toasts";
  made.className = "toasts";
  made.setAttribute("role", "status");
  made.setAttribute("aria-live", "polite");
  document.body.append(made);
  return made;
}
