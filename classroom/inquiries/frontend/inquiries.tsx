import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Desk, Inquiry, InquiryState } from "../../lessons/frontend/lesson";

const t = translator(en);

/** What pupils ask: nothing reaches the class before the teacher lets it through. */
export function Inquiries({ desk }: { desk: Desk }) {
  const { lesson, inquiries } = desk.lesson.value;
  const all = Object.entries(inquiries);
  const waiting = all.filter(([, one]) => one.state === "waiting");
  const order: readonly InquiryState[] = ["waiting", "shown", "answered", "hidden"];
  const sorted = [...all].sort(
    ([one, a], [other, b]) => order.indexOf(a.state) - order.indexOf(b.state) || b.votes - a.votes || Number(one) - Number(other),
  );
  return (
    <details class="disclosure">
      <summary>
        <Icon name="right" />
        {t("Câu hỏi của học sinh")} {waiting.length > 0 && <span class="badge tone-warn">{t("{n} câu chờ duyệt", { n: waiting.length })}</span>}
      </summary>
      <div class="stack">
        <div class="row">
          <label class="check">
            <input type="checkbox" checked={lesson.takes_inquiries} onChange={() => void desk.turn("takes_inquiries", !lesson.takes_inquiries)} />
            {t("Nhận câu hỏi của học sinh")}
          </label>
          <label class="check">
            <input type="checkbox" checked={lesson.inquiries} onChange={() => void desk.turn("inquiries", !lesson.inquiries)} />
            {t("Chiếu câu hỏi đã duyệt")}
          </label>
        </div>
        {all.length > 0 && (
          <ul class="list moderation">
            {sorted.map(([id, one]) => (
              <Row key={id} desk={desk} id={Number(id)} inquiry={one} />
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}

function Row({ desk, id, inquiry }: { desk: Desk; id: number; inquiry: Inquiry }) {
  const words = { waiting: t("chờ duyệt"), shown: t("đã duyệt"), hidden: t("đã ẩn"), answered: t("đã trả lời xong") };
  const judge = (state: InquiryState) => void desk.send("inquiry_judge", { inquiry: id, state });
  const steps: readonly (readonly [InquiryState, string])[] = {
    waiting: [["shown", t("Duyệt")], ["hidden", t("Ẩn")]] as const,
    shown: [["answered", t("Đã trả lời")], ["hidden", t("Ẩn")]] as const,
    hidden: [["shown", t("Duyệt")]] as const,
    answered: [["shown", t("Mở lại")]] as const,
  }[inquiry.state];
  return (
    <li>
      <span class="list__main">
        {inquiry.text}
        <br />
        <span class="muted small">
          {desk.lesson.value.pupils[inquiry.pupil]?.name} · {words[inquiry.state]}
          {inquiry.votes > 0 && ` · ${t("{n} bình chọn", { n: inquiry.votes })}`}
        </span>
      </span>
      {steps.map(([state, label], place) => (
        <button type="button" key={state} class={place === 0 ? "btn" : "btn btn--quiet"} onClick={() => judge(state)}>
          {label}
        </button>
      ))}
    </li>
  );
}
