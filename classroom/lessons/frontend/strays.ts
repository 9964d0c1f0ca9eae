/**
 * Of a double click the second half may land on another button, which has moved under the pointer since the first one
 * opened a question: nobody meant it, so it does nothing. Two clicks on one button are that button's own affair.
 */
export function ignoreStrayClicks(root: Document = document): void {
  let first: Element | null = null;
  root.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest("button, a") : null;
      if (event.detail < 2) first = button;
      else if (button && button !== first) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    { capture: true },
  );
}
