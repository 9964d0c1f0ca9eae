import type { FunctionComponent } from "preact";
import { signal } from "@preact/signals";
import { Icon } from "@app/icon";

const TRY_AGAIN = 3000;

/** A part that a page rarely needs: fetched when it is shown for the first time, again when the network was away. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  const made = signal<{ readonly is: FunctionComponent<P> } | null>(null);
  let isOnItsWay = false;
  function fetchIt(): void {
    isOnItsWay = true;
    load().then(
      (found) => (made.value = { is: found }),
      () => setTimeout(fetchIt, TRY_AGAIN),
    );
  }
  return (props) => {
    if (!isOnItsWay) fetchIt();
    const Found = made.value?.is;
    return Found ? <Found {...props} /> : <Icon name="sync" spin />;
  };
}
