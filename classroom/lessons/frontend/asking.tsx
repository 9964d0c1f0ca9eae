import { formatShare, translator } from "@app/i18n";
import { Icon } from "@app/icon";
import en from "../../translations/en.json";
import { Histogram } from "../../ledger/frontend/histogram";
import { answeredCount, type Desk, type Move, takingPart, tally, type TeacherActivity } from "./lesson";

const t = translator(en);

interface Props {
  readonly desk: Desk;
  readonly activity: TeacherActivity | null;
}

/** The question on stage: what it is, who answered what, and the one next step. */
export function Asking({ desk, activity }: Props) {
  if (!activity) {
    return (
      <section class="card">
        <div class="empty">
          <Icon name="question" />
          <p class="empty__title">{t("Chưa có câu hỏi nào được mở")}</p>
          <p class="empty__why">{t("Soạn một câu hỏi, hoặc hỏi nhanh A B C D khi đề đã có trên bảng.")}</p>
        </div>
      </section>
    );
  }
  const lesson = desk.lesson.value;
  const answered = answeredCount(lesson, activity);
  const expected = takingPart(lesson, activity);
  const rounds = Array.from({ length: activity.round }, (_, place) => place + 1);
  return (
    <section class="card asking">
      <div class="card__head">
        <h2 class="card__title">
          {t("Câu {n}", { n: activity.position })}. {activity.question || t("Hỏi nhanh A B C D")}
        </h2>
        <PhaseBadge activity={activity} />
      </div>
      {rounds.map((round) => (
        <div key={round}>
          {rounds.length > 1 && <h3>{t("Lần {round}", { round })}</h3>}
          <Histogram activity={activity} counts={tally(lesson, activity, round)} />
        </div>
      ))}
      {activity.solution.length > 0 && (
        <p class="muted small">{t("Đáp án đúng: {letters}", { letters: activity.solution.join(", ") })}</p>
      )}
      <div class="asking__next">
        <p class="asking__count" role="status">
          <b>{answered}</b> / {expected} {t("đã trả lời")} <Right desk={desk} activity={activity} />
        </p>
        <Next desk={desk} activity={activity} />
      </div>
    </section>
  );
}

function Right({ desk, activity }: { desk: Desk; activity: TeacherActivity }) {
  const counts = tally(desk.lesson.value, activity);
  const answered = answeredCount(desk.lesson.value, activity);
  const [only] = activity.solution;
  if (activity.phase !== "revealed" || activity.solution.length !== 1 || !only || !answered) return null;
  return <span>· {t("{share} đúng", { share: formatShare((counts[only] ?? 0) / answered, 0) })}</span>;
}

function PhaseBadge({ activity }: { activity: TeacherActivity }) {
  const looks = {
    prepared: ["", "clock", t("Chưa mở")],
    reading: ["tone-info", "eye", t("Đang đọc")],
    open: ["tone-good", "unlock", t("Đang mở")],
    closed: ["tone-warn", "lock", t("Đã khóa")],
    discussion: ["tone-info", "message", t("Thảo luận")],
    revealed: ["tone-info", "check", t("Đã hiện đáp án")],
  } as const;
  const [tone, icon, words] = looks[activity.phase];
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {words}
    </span>
  );
}

interface Step {
  readonly move: Move;
  readonly words: string;
  readonly icon: string;
}

/** The main step of the phase first; the others are quiet. */
function stepsFrom(activity: TeacherActivity): readonly Step[] {
  const open = { move: "open", words: t("Mở trả lời"), icon: "unlock" } as const;
  const close = { move: "close", words: t("Khóa câu trả lời"), icon: "lock" } as const;
  const reveal = { move: "reveal", words: t("Hiện đáp án"), icon: "eye" } as const;
  const again = { move: "open", words: t("Mở lại"), icon: "undo" } as const;
  const discuss = { move: "discuss", words: t("Thảo luận rồi trả lời lại"), icon: "message" } as const;
  const second = { move: "open", words: t("Mở trả lời lần 2"), icon: "unlock" } as const;
  switch (activity.phase) {
    case "prepared":
      return [open, { move: "read", words: t("Chỉ chiếu câu hỏi"), icon: "eye" }];
    case "reading":
      return [open];
    case "open":
      return [close];
    case "closed":
      return activity.round === 1 ? [reveal, discuss, again] : [reveal, again];
    case "discussion":
      return [second, reveal];
    case "revealed":
      return [];
  }
}

function Next({ desk, activity }: { desk: Desk; activity: TeacherActivity }) {
  return (
    <div class="row row--end">
      {stepsFrom(activity).map((step, place) => (
        <button
          type="button"
          key={step.words}
          class={place === 0 ? "btn btn--main btn--large" : "btn"}
          onClick={() => void desk.move(activity.id, step.move)}
        >
          <Icon name={step.icon} />
          {step.words}
        </button>
      ))}
    </div>
  );
}
