import { translator } from "@app/i18n";
import { Sketch } from "../../activities/frontend/sketch";
import "../../activities/frontend/drawing.css";
import { en } from "../../ledger/frontend/english";
import { type Answer, answerOf, type Desk, guestAnswers, type TeacherActivity } from "./lesson";

const t = translator(en);

interface Props {
  readonly desk: Desk;
  readonly activity: TeacherActivity;
}

/** A wall of what the class drew, with names for the teacher; the projector shows what was ticked, without names. */
export function Drawings({ desk, activity }: Props) {
  const lesson = desk.lesson.value;
  const drawn: (readonly [string, Answer])[] = [];
  for (const [id, pupil] of Object.entries(lesson.pupils)) {
    const given = answerOf(lesson, activity, id);
    if (given && !given.late) drawn.push([pupil.name, given]);
  }
  for (const given of guestAnswers(lesson, activity)) drawn.push([t("Khách"), given]);
  if (drawn.length === 0) return <p class="muted">{t("Chưa có hình nào.")}</p>;
  return (
    <>
      <p class="muted small">{t("Chọn hình muốn chiếu lên màn hình.")}</p>
      <ul class="drawings">
        {drawn.map(([name, given], place) => (
          <li key={`${place}:${name}`} class="drawing">
            <Sketch answer={given.answer} label={t("Hình của {name}", { name })} />
            <label class="check">
              <input
                type="checkbox"
                checked={activity.moderation.includes(given.key ?? "")}
                onChange={() => given.key && void desk.moderate(activity.id, given.key, !activity.moderation.includes(given.key))}
              />
              {name}
            </label>
          </li>
        ))}
      </ul>
    </>
  );
}
