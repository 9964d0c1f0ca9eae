import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import { Rich } from "../../ledger/frontend/rich";
import { Timer, timer } from "./asking";
import { titleOf } from "./kinds";
import { type Desk, inOrder, numberOf, type TeacherActivity } from "./lesson";

const t = translator(en);

/** The questions of this lesson in their order; those not asked yet can be asked. */
export function Plan({ desk }: { desk: Desk }) {
  const lesson = desk.lesson.value;
  const items = inOrder(lesson);
  if (items.length === 0) return null;
  return (
    <section class="card">
      <div class="card__head">
        <h2 class="card__title">{items.some((item) => item.kind === "slide") ? t("Trang và câu hỏi của tiết này") : t("Câu hỏi của tiết này")}</h2>
        <Timer />
      </div>
      <ul class="list">
        {items.map((item) => (
          <Row key={item.id} desk={desk} item={item} isCurrent={item.id === lesson.current} />
        ))}
      </ul>
    </section>
  );
}

function Row({ desk, item, isCurrent }: { desk: Desk; item: TeacherActivity; isCurrent: boolean }) {
  return (
    <li aria-current={isCurrent ? "true" : undefined}>
      <span class="list__main plan__item">
        {item.kind === "slide" ? (
          <>
            <b>{t("Trang chiếu {n}", { n: item.page ?? 1 })}</b> <span class="muted small">{shortened(item.question)}</span>
          </>
        ) : (
          <>
            <b>{t("Câu {n}", { n: numberOf(desk.lesson.value, item) })}.</b> <Rich text={item.question || titleOf(item.kind)} />
          </>
        )}
      </span>
      {item.kind === "slide" && !isCurrent && (
        <button type="button" class="btn" onClick={() => void desk.move(item.id, "show")}>
          <Icon name="screen" />
          {t("Chiếu")}
        </button>
      )}
      {item.kind !== "slide" && item.phase === "prepared" && (
        <button type="button" class="btn" onClick={() => void desk.move(item.id, "open", timer.value)}>
          <Icon name="unlock" />
          {t("Mở trả lời")}
        </button>
      )}
      {isCurrent && <span class="badge tone-info">{t("đang chiếu")}</span>}
    </li>
  );
}

function shortened(text: string): string {
  return text.length > 70 ? `${text.slice(0, 70)}…` : text;
}
