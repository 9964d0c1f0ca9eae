import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import { to } from "../../ledger/frontend/addressing";
import { Countdown, secondsLeft } from "../../ledger/frontend/countdown";
import { AnswerInput } from "../../ledger/frontend/inputs";
import { later } from "../../ledger/frontend/later";
import { solutionOf } from "../../ledger/frontend/outcome";
import { Rich } from "../../ledger/frontend/rich";
import { type Activity, isChoice, type Stage } from "../../ledger/frontend/stage";
import type { Wire } from "../../slides/frontend/on-device";
import type { OwnAnswers, Saved } from "./own-answers";

const t = translator(en);

const Slide = later<{ activity: Activity; wire?: Wire | undefined }>(() => import("../../slides/frontend/on-device").then((made) => made.OnDevice));

const Figure = later<{ activity: Activity }>(() => import("../../slides/frontend/on-device").then((made) => made.Figure));

/** What the page needs of a pupil's answers; trying a plan out has one that sends nothing. */
export type Answers = Pick<OwnAnswers, "chosen" | "saved" | "isLate" | "share" | "give" | "refusal">;

interface Props {
  readonly stage: Stage;
  readonly answers: Answers;
  /** The pupil's extra time, in per cent of a timer. */
  readonly extra?: number;
  readonly wire?: Wire;
}

/** What is on stage, for the pupil: wait, read, answer, see what was right. */
export function OnStage({ stage, answers, extra = 0, wire }: Props) {
  if (stage.state === "ended") return <Notice icon="done" title={t("Tiết học đã kết thúc")} text={to(t("Cảm ơn em đã tham gia."), t("Cảm ơn quý khách đã tham gia."))} />;
  const activity = stage.activity;
  if (!activity || activity.phase === "prepared") {
    return <Notice icon="clock" title={to(t("Em đã vào lớp"), t("Đã vào lớp"))} text={t("Chờ thầy cô mở câu hỏi.")} />;
  }
  if (activity.kind === "slide") return <Slide activity={activity} wire={wire} />;
  return (
    <>
      <Question activity={activity} />
      {activity.high !== undefined && !isHidden.value && <Figure activity={activity} />}
      <Answering key={`${activity.id}:${activity.round}`} activity={activity} answers={answers} extra={extra} />
    </>
  );
}

/** Whether this pupil would rather read the questions on the class's screen; kept on the device. */
const HIDDEN = "bx-question-hidden";
const isHidden = signal(stored(HIDDEN));

function stored(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

function toggle(): void {
  isHidden.value = !isHidden.value;
  try {
    if (isHidden.value) localStorage.setItem(HIDDEN, "1");
    else localStorage.removeItem(HIDDEN);
  } catch {
    // a browser that keeps nothing asks again next time
  }
}

/** The question, whose text a pupil may leave to the class's screen: the answers are then nearer to the thumb. */
function Question({ activity }: { activity: Activity }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // A new question takes the keyboard's place where nothing else has it: it is read out, and its answers come next.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [activity.id]);
  if (!activity.question) {
    return (
      <h1 class="question" ref={heading} tabIndex={-1}>
        {asked(activity)}
      </h1>
    );
  }
  return (
    <>
      <h1 class={isHidden.value ? "visually-hidden" : "question"} ref={heading} tabIndex={-1}>
        <Rich text={activity.question} />
      </h1>
      <button type="button" class="btn btn--quiet" onClick={toggle}>
        <Icon name={isHidden.value ? "eye" : "eye-off"} />
        {isHidden.value ? t("Hiện câu hỏi trên máy") : t("Ẩn câu hỏi trên máy")}
      </button>
    </>
  );
}

/** What to say for a question that stands on the board only. */
export function asked(activity: Activity): string {
  return activity.kind === "true_false" ? t("Đúng hay sai?") : t("Chọn đáp án nào?");
}

function Answering({ activity, answers, extra }: { activity: Activity; answers: Answers; extra: number }) {
  const chosen = answers.chosen(activity);
  const saved = answers.saved(activity);
  const isOver = secondsLeft(activity, extra) === 0;
  const isShut = activity.phase === "closed" || isOver;
  const isOpen = (activity.phase === "open" && !isOver) || (isShut && saved === "nothing" && activity.phase !== "paused");
  return (
    <>
      <Countdown activity={activity} extra={extra} />
      <p class="muted" role="status">
        {instruction(activity, saved, isShut)}
      </p>
      <AnswerInput activity={activity} given={chosen} onGive={isOpen ? (answer) => void answers.give(activity, answer) : undefined} />
      {/* There from the beginning: a screen reader hears what comes into it, not what it comes with. */}
      <div class="stack" role="status">
        <SavedNote saved={saved} late={answers.isLate(activity)} />
        {activity.phase === "revealed" && <Verdict activity={activity} answered={chosen.length > 0} share={answers.share(activity)} />}
      </div>
      {answers.refusal.value && <p role="alert" class="status-strip tone-bad">{answers.refusal.value}</p>}
    </>
  );
}

function instruction(activity: Activity, saved: Saved, isShut: boolean): string {
  if (activity.phase === "reading") return t("Đọc câu hỏi, thầy cô sắp mở trả lời.");
  if (activity.phase === "paused") return t("Tạm dừng. Chờ thầy cô một chút.");
  if (activity.phase === "discussion") return to(t("Thảo luận với bạn, rồi em sẽ trả lời lần nữa."), t("Lớp thảo luận, rồi trả lời lần nữa."));
  if (activity.phase === "revealed") return activity.solution?.length ? t("Đáp án đã hiện.") : t("Kết quả đã hiện.");
  if (isShut) {
    return saved === "nothing" ? t("Câu hỏi đã khóa. Vẫn gửi được, câu trả lời được ghi là trễ.") : t("Câu hỏi đã khóa.");
  }
  if (saved !== "nothing") return t("Đổi được cho đến khi câu hỏi bị khóa.");
  if (activity.kind === "multiple") return t("Chọn mọi đáp án đúng, rồi bấm Gửi.");
  if (activity.kind === "ordering") return t("Dùng mũi tên để xếp, rồi bấm Gửi.");
  if (isChoice(activity) || activity.kind === "true_false" || activity.kind === "scale") return t("Chạm vào một đáp án.");
  return t("Trả lời rồi bấm Gửi.");
}

/** "Đang gửi…" until the server has stored it, "Đã lưu ✓" after: never earlier. */
function SavedNote({ saved, late }: { saved: Saved; late: boolean }) {
  if (saved === "nothing") return null;
  const stored = saved === "stored";
  return (
    <p class={`status-strip ${stored ? "tone-good" : "tone-info"}`}>
      <Icon name={stored ? "check" : "sync"} spin={!stored} />
      <span>{stored ? (late ? t("Đã lưu ✓ (gửi trễ)") : t("Đã lưu ✓")) : t("Đang gửi…")}</span>
    </p>
  );
}

function Verdict({ activity, answered, share }: { activity: Activity; answered: boolean; share: number | null }) {
  const solution = solutionOf(activity, { T: t("Đúng"), F: t("Sai") });
  if (!solution) return activity.explanation ? <p><Rich text={activity.explanation} /></p> : null;
  const right = answered && share === 1;
  return (
    <div class={`alert ${right ? "tone-good" : "tone-info"}`}>
      <Icon name={right ? "check" : "info"} />
      <div class="alert__body">
        <p class="alert__title">{verdict(answered, share)}</p>
        <p>
          {t("Đáp án đúng: {letters}", { letters: "" })} <Rich text={solution} />
        </p>
        {activity.explanation && <p><Rich text={activity.explanation} /></p>}
      </div>
    </div>
  );
}

function verdict(answered: boolean, share: number | null): string {
  if (!answered) return t("Chưa trả lời câu này.");
  if (share === null) return t("Đáp án đã hiện.");
  if (share === 1) return to(t("Em trả lời đúng."), t("Trả lời đúng."));
  return share > 0 ? to(t("Em trả lời đúng một phần."), t("Trả lời đúng một phần.")) : to(t("Em trả lời chưa đúng."), t("Trả lời chưa đúng."));
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
