import { Icon } from "@app/icon";
import { signal } from "@preact/signals";
import { t } from "./words";

export type Layout = "list" | "room";

const KEY = "bx-sheet-layout";

/** How this device shows a class: by its list or as it sits. It names nobody and stays after signing out. */
export const layout = signal<Layout>(readLayout());

/** Lets a person choose; only where the class has a seat plan. */
export function LayoutSwitch() {
  return (
    <div class="btn-group" role="group" aria-label={t("Cách xem lớp")}>
      <button type="button" class="btn" aria-pressed={layout.value === "list"} onClick={() => choose("list")}>
        <Icon name="list" />
        {t("Danh sách")}
      </button>
      <button type="button" class="btn" aria-pressed={layout.value === "room"} onClick={() => choose("room")}>
        <Icon name="grid" />
        {t("Sơ đồ lớp")}
      </button>
    </div>
  );
}

function choose(wanted: Layout): void {
  layout.value = wanted;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // A browser without storage: it is remembered until the page is left.
  }
}

function readLayout(): Layout {
  try {
    return localStorage.getItem(KEY) === "room" ? "room" : "list";
  } catch {
    return "list";
  }
}
