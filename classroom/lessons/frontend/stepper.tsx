import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import { around, type Desk, inOrder, type TeacherActivity } from "./lesson";

const t = translator(en);

/** Where the last step went, until the lesson says that it is there: two steps in a row are two steps. */
const aimed = signal<number | null>(null);
const FORGET_AFTER = 1500;

async function go(desk: Desk, to: TeacherActivity | undefined): Promise<void> {
  if (!to) return;
  aimed.value = to.id;
  await desk.move(to.id, "show");
  setTimeout(() => aimed.value === to.id && (aimed.value = null), FORGET_AFTER);
}

/** What stands before and behind what was shown or asked for last, at this moment: a key may come before the next drawing. */
function standing(desk: Desk) {
  const items = inOrder(desk.lesson.value);
  const place = items.findIndex((item) => item.id === (aimed.value ?? desk.lesson.value.current));
  return { items, place, now: items[place], ...around(items, place) };
}

/** Through slides and questions in the plan's order, by tap, arrow key or a presenter's clicker. */
export function Stepper({ desk }: { desk: Desk }) {
  const { items, place, now, before, after } = standing(desk);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [role=tablist]") !== null;
      const by = standing(desk);
      const to = event.key === "PageDown" || event.key === "ArrowRight" ? by.after : event.key === "PageUp" || event.key === "ArrowLeft" ? by.before : undefined;
      if (isTyping || !to || event.altKey || event.ctrlKey || event.metaKey || !by.items.some((item) => item.kind === "slide")) return;
      event.preventDefault();
      void go(desk, to);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [desk]);
  if (!items.some((item) => item.kind === "slide")) return null;
  // While a question asks, its own next step is the main one.
  const isMain = !now || now.kind === "slide" || now.phase === "revealed";
  return (
    <nav class={now?.kind === "slide" ? "stepper stepper--low" : "stepper"} aria-label={t("Trang và câu hỏi")}>
      <button type="button" class="btn btn--large" disabled={!before} onClick={() => void go(desk, before)}>
        <Icon name="left" />
        {t("Trước")}
      </button>
      <span class="num" aria-live="polite">
        {place + 1} / {items.length}
      </span>
      <button type="button" class={isMain ? "btn btn--main btn--large" : "btn btn--large"} disabled={!after} onClick={() => void go(desk, after)}>
        {after && after.kind !== "slide" ? t("Tới câu hỏi") : t("Tiếp")}
        <Icon name="right" />
      </button>
    </nav>
  );
}
