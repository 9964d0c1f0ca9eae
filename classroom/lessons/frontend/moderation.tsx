import { translator } from "@app/i18n";
import { en } from "../../ledger/frontend/english";
import { answerOf, type Desk, guestAnswers, type TeacherActivity } from "./lesson";

const t = translator(en);

interface Props {
  readonly desk: Desk;
  readonly activity: TeacherActivity;
}

/** What the class wrote: open texts are shown to nobody until a tap, phrases of a cloud until they are taken out. */
export function Moderation({ desk, activity }: Props) {
  const counts = new Map<string, number>();
  for (const pupil of Object.keys(desk.lesson.value.pupils)) {
    const given = answerOf(desk.lesson.value, activity, pupil);
    for (const text of given && !given.late ? given.answer : []) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  for (const given of guestAnswers(desk.lesson.value, activity)) {
    for (const text of given.answer) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  if (counts.size === 0) return <p class="muted">{t("Chưa có câu trả lời nào.")}</p>;
  const isCloud = activity.kind === "words";
  return (
    <>
      <p class="muted small">{isCloud ? t("Bỏ chọn cụm từ không nên chiếu.") : t("Chọn câu muốn chiếu lên màn hình.")}</p>
      <ul class="list moderation">
        {[...counts].map(([text, count]) => (
          <Line key={text} desk={desk} activity={activity} text={text} count={count} isCloud={isCloud} />
        ))}
      </ul>
    </>
  );
}

function Line({ desk, activity, text, count, isCloud }: Props & { text: string; count: number; isCloud: boolean }) {
  const isListed = activity.moderation.includes(text);
  return (
    <li>
      <label class="check">
        <input
          type="checkbox"
          checked={isCloud ? !isListed : isListed}
          onChange={() => void desk.moderate(activity.id, text, !isListed)}
        />
        <span>
          {text} {count > 1 && <span class="muted">({count})</span>}
        </span>
      </label>
    </li>
  );
}
