import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import en from "../../translations/en.json";
import { Choices } from "../../ledger/frontend/choices";
import { type Activity, isSameAnswer, type Stage } from "../../ledger/frontend/stage";
import type { OwnAnswers, Saved } from "./own-answers";

const t = translator(en);

/** Letters ticked but not sent yet, for questions with several right answers: of one activity and round. */
const draft = signal<{ key: string; letters: readonly string[] }>({ key: "", letters: [] });

interface Props {
  readonly stage: Stage;
  readonly answers: OwnAnswers;
}

/** What is on stage, for the pupil: wait, read, answer, see what was right. */
export function OnStage({ stage, answers }: Props) {
  if (stage.state === "ended") return <Notice icon="done" title={t("Tiết học đã kết thúc")} text={t("Cảm ơn em đã tham gia.")} />;
  const activity = stage.activity;
  if (!activity || activity.phase === "prepared") {
    return <Notice icon="clock" title={t("Em đã vào lớp")} text={t("Chờ thầy cô mở câu hỏi.")} />;
  }
  return (
    <>
      {activity.question && <h1 class="question">{activity.question}</h1>}
      {!activity.question && <h1 class="question">{t("Em chọn đáp án nào?")}</h1>}
      <Answering activity={activity} answers={answers} />
    </>
  );
}

function Answering({ activity, answers }: { activity: Activity; answers: OwnAnswers }) {
  const chosen = answers.chosen(activity);
  const saved = answers.saved(activity);
  const isOpen = activity.phase === "open" || (activity.phase === "closed" && saved === "nothing");
  const ticked = activity.several && isOpen ? ticks(activity, chosen) : chosen;
  const choose = (letter: string) => {
    if (activity.several) tick(activity, ticked, letter);
    else if (!isSameAnswer(chosen, [letter])) void answers.give(activity, [letter]);
  };
  const toSend = activity.several && isOpen && ticked.length > 0 && !isSameAnswer(ticked, chosen);
  return (
    <>
      <p class="muted">{instruction(activity, saved)}</p>
      <Choices activity={activity} chosen={ticked} {...(isOpen ? { onChoose: choose } : {})} />
      {toSend && (
        <button type="button" class="btn btn--main btn--large btn--wide" onClick={() => void answers.give(activity, ticked)}>
          {t("Gửi câu trả lời")}
        </button>
      )}
      <SavedNote saved={toSend ? "nothing" : saved} late={answers.isLate(activity)} />
      {answers.refusal.value && <p role="alert" class="status-strip tone-bad">{answers.refusal.value}</p>}
      {activity.phase === "revealed" && <Verdict activity={activity} chosen={chosen} />}
    </>
  );
}

function key(activity: Activity): string {
  return `${activity.id}:${activity.round}`;
}

function ticks(activity: Activity, chosen: readonly string[]): readonly string[] {
  return draft.value.key === key(activity) ? draft.value.letters : chosen;
}

function tick(activity: Activity, ticked: readonly string[], letter: string): void {
  const letters = ticked.includes(letter) ? ticked.filter((one) => one !== letter) : [...ticked, letter].sort();
  draft.value = { key: key(activity), letters };
}

function instruction(activity: Activity, saved: Saved): string {
  if (activity.phase === "reading") return t("Đọc câu hỏi, thầy cô sắp mở trả lời.");
  if (activity.phase === "discussion") return t("Thảo luận với bạn, rồi em sẽ trả lời lần nữa.");
  if (activity.phase === "revealed") return t("Đáp án đã hiện.");
  if (activity.phase === "closed") {
    return saved === "nothing" ? t("Câu hỏi đã khóa. Em vẫn gửi được, câu trả lời được ghi là trễ.") : t("Câu hỏi đã khóa.");
  }
  if (activity.several) return t("Chọn mọi đáp án đúng, rồi bấm Gửi.");
  return saved === "nothing" ? t("Chạm vào một đáp án.") : t("Em có thể đổi cho đến khi thầy cô khóa câu hỏi.");
}

/** "Đang gửi…" until the server has stored it, "Đã lưu ✓" after: never earlier. */
function SavedNote({ saved, late }: { saved: Saved; late: boolean }) {
  if (saved === "nothing") return null;
  const stored = saved === "stored";
  return (
    <p class={`status-strip ${stored ? "tone-good" : "tone-info"}`} role="status">
      <Icon name={stored ? "check" : "sync"} spin={!stored} />
      <span>{stored ? (late ? t("Đã lưu ✓ (gửi trễ)") : t("Đã lưu ✓")) : t("Đang gửi…")}</span>
    </p>
  );
}

function Verdict({ activity, chosen }: { activity: Activity; chosen: readonly string[] }) {
  const solution = activity.solution ?? [];
  if (solution.length === 0) return activity.explanation ? <p>{activity.explanation}</p> : null;
  const right = chosen.length > 0 && isSameAnswer(chosen, solution);
  const words = chosen.length === 0 ? t("Em chưa trả lời câu này.") : right ? t("Em trả lời đúng.") : t("Em trả lời chưa đúng.");
  return (
    <div class={`alert ${right ? "tone-good" : "tone-info"}`} role="status">
      <Icon name={right ? "check" : "info"} />
      <div class="alert__body">
        <p class="alert__title">{words}</p>
        <p>{t("Đáp án đúng: {letters}", { letters: solution.join(", ") })}</p>
        {activity.explanation && <p>{activity.explanation}</p>}
      </div>
    </div>
  );
}

function Notice({ icon, title, text }: { icon: string; title: string; text: string }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <p class="empty__title">{title}</p>
      <p class="empty__why">{text}</p>
    </div>
  );
}
