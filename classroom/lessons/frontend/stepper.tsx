import { useEffect } from "preact/hooks";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import { type Desk, inOrder } from "./lesson";

const t = translator(en);

/** Through slides and questions in the plan's order, by tap, arrow key or a presenter's clicker. */
export function Stepper({ desk }: { desk: Desk }) {
  const lesson = desk.lesson.value;
  const items = inOrder(lesson);
  const place = items.findIndex((item) => item.id === lesson.current);
  const [before, after] = [items[place - 1], items[place + 1]];
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [role=tablist]") !== null;
      const to = event.key === "PageDown" || event.key === "ArrowRight" ? after : event.key === "PageUp" || event.key === "ArrowLeft" ? before : undefined;
      if (isTyping || !to || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      void desk.move(to.id, "show");
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [before?.id, after?.id]);
  if (!items.some((item) => item.kind === "slide")) return null;
  const now = items[place];
  // While a question asks, its own next step is the main one.
  const isMain = !now || now.kind === "slide" || now.phase === "revealed";
  return (
    <nav class={now?.kind === "slide" ? "stepper stepper--low" : "stepper"} aria-label={t("Trang và câu hỏi")}>
      <button type="button" class="btn btn--large" disabled={!before} onClick={() => before && void desk.move(before.id, "show")}>
        <Icon name="left" />
        {t("Trước")}
      </button>
      <span class="num" aria-live="polite">
        {place + 1} / {items.length}
      </span>
      <button type="button" class={isMain ? "btn btn--main btn--large" : "btn btn--large"} disabled={!after} onClick={() => after && void desk.move(after.id, "show")}>
        {after && after.kind !== "slide" ? t("Tới câu hỏi") : t("Tiếp")}
        <Icon name="right" />
      </button>
    </nav>
  );
}
