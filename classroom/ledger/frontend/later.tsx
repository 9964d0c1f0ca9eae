import type { FunctionComponent } from "preact";
import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "./english";

const t = translator(en);
const TRY_AGAIN = 3000;
const ENOUGH = 4;

/**
 * A part that a page rarely needs: fetched when it is shown for the first time, again when the network was away.
 *
 * What cannot be fetched again and again may be gone, since the server is newer than the page: then loading the page
 * anew is offered.
 */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  const made = signal<{ readonly is: FunctionComponent<P> } | null>(null);
  const failed = signal(0);
  let isOnItsWay = false;
  function fetchIt(): void {
    isOnItsWay = true;
    load().then(
      (found) => (made.value = { is: found }),
      () => {
        failed.value += 1;
        setTimeout(fetchIt, TRY_AGAIN);
      },
    );
  }
  return (props) => {
    if (!isOnItsWay) fetchIt();
    const Found = made.value?.is;
    if (Found) return <Found {...props} />;
    if (failed.value < ENOUGH) return <Icon name="sync" spin />;
    return (
      <button type="button" class="btn" onClick={() => location.reload()}>
        <Icon name="sync" />
        {t("Tải lại trang")}
      </button>
    );
  };
}
