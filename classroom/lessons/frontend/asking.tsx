import { formatShare, translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import { Histogram, Rounds } from "../../ledger/frontend/histogram";
import { signal } from "@preact/signals";
import { Countdown, secondsLeft } from "../../ledger/frontend/countdown";
import { solutionOf } from "../../ledger/frontend/outcome";
import { Rich } from "../../ledger/frontend/rich";
import { lettersOf } from "../../ledger/frontend/stage";
import { SLIDE_WIDTH } from "../../activities/frontend/strokes";
import { titleOf } from "./kinds";
import { answeredCount, answerOf, around, type Desk, exitNotes, guestAnswers, guestTally, inOrder, isRightKey, type Lesson, type Move, numberOf, rightCount, stillTimed, takingPart, tally, type TeacherActivity } from "./lesson";
import { SlideDesk } from "../../ink/frontend/slide-desk";
import { Drawings } from "./drawings";
import { Moderation } from "./moderation";

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
  if (activity.kind === "slide") return <SlideDesk desk={desk} activity={activity} />;
  const lesson = desk.lesson.value;
  const answered = answeredCount(lesson, activity);
  const expected = takingPart(lesson, activity);
  return (
    <section class="card asking">
      <div class="card__head">
        <h2 class="card__title">
          {t("Câu {n}", { n: numberOf(lesson, activity) })}. <Rich text={activity.question || titleOf(activity.kind)} />
        </h2>
        <PhaseBadge activity={activity} />
      </div>
      {activity.high !== undefined && <img class="figure" src={`/slides/${activity.id}?size=s`} alt={t("Hình của câu hỏi")} width={SLIDE_WIDTH} height={activity.high} />}
      <Countdown activity={activity} />
      <StillTimed lesson={lesson} activity={activity} />
      {(activity.kind === "text" || activity.kind === "words") && <Moderation desk={desk} activity={activity} />}
      {activity.kind === "drawing" && <Drawings desk={desk} activity={activity} />}
      {activity.kind !== "text" && activity.kind !== "drawing" && <Answers lesson={lesson} activity={activity} />}
      <ExitNotes lesson={lesson} activity={activity} />
      <Shift lesson={lesson} activity={activity} />
      <Solution activity={activity} />
      {activity.kind === "quick" && activity.phase !== "revealed" && <Solve desk={desk} activity={activity} />}
      <Beside lesson={lesson} activity={activity} />
      <div class="asking__next">
        <p class="asking__count" role="status">
          <b>{answered}</b> / {expected} {t("đã trả lời")} <Right desk={desk} activity={activity} />
        </p>
        <Next desk={desk} activity={activity} />
      </div>
    </section>
  );
}

/** Whose extra time goes on when the class's is over: locking the question now would end it for them too. */
function StillTimed({ lesson, activity }: { lesson: Lesson; activity: TeacherActivity }) {
  const names = stillTimed(lesson, activity, (extra) => secondsLeft(activity, extra));
  if (names.length === 0) return null;
  return (
    <p class="status-strip tone-info" role="status">
      <Icon name="clock" />
      {t("Còn giờ thêm: {names}", { names: names.join(", ") })}
    </p>
  );
}

function Right({ desk, activity }: { desk: Desk; activity: TeacherActivity }) {
  const right = rightCount(desk.lesson.value, activity);
  const answered = answeredCount(desk.lesson.value, activity);
  if (right === null || !answered || activity.phase === "open") return null;
  return <span>· {t("{share} đúng", { share: formatShare(right / answered, 0) })}</span>;
}

/** Guests who answered, and how many pupils are sure of their answers: the wrong ones among them are worth a talk. */
function Beside({ lesson, activity }: { lesson: Lesson; activity: TeacherActivity }) {
  const guests = guestAnswers(lesson, activity).length;
  const said = Object.keys(lesson.pupils).filter((pupil) => `${activity.id}:${activity.round}:${pupil}` in lesson.sure && answerOf(lesson, activity, pupil));
  const sure = said.filter((pupil) => lesson.sure[`${activity.id}:${activity.round}:${pupil}`]);
  const surelyWrong = sure.filter((pupil) => answerOf(lesson, activity, pupil)?.right === false).length;
  const surely = said.length > 0 && (
    <span>
      {t("{n} em chắc chắn", { n: sure.length })}
      {surelyWrong > 0 && activity.phase !== "open" && ` (${t("{n} em trong đó sai", { n: surelyWrong })})`}
    </span>
  );
  if (guests === 0 && !surely) return null;
  return (
    <p class="row muted">
      {guests > 0 && <span>{t("{n} khách", { n: guests })}</span>}
      {surely}
    </p>
  );
}

/** What was answered; both rounds in one chart, so that the next step stays in sight. */
function Answers({ lesson, activity }: { lesson: Lesson; activity: TeacherActivity }) {
  const rightOf = (key: string) => isRightKey(lesson, activity, key);
  const of = <T,>(told: (round: number) => T): Record<string, T> => Object.fromEntries(Array.from({ length: activity.round }, (_, place) => [place + 1, told(place + 1)]));
  const tallies = of((round) => tally(lesson, activity, round));
  const answered = of((round) => answeredCount(lesson, activity, round));
  const guests = of((round) => guestTally(lesson, activity, round));
  if (activity.round > 1 && activity.kind !== "words") return <Rounds activity={activity} tallies={tallies} answered={answered} guests={guests} rightOf={rightOf} />;
  return (
    <div class={activity.round > 1 ? "grid" : ""}>
      {Object.keys(tallies).map((round) => (
        <div key={round}>
          {activity.round > 1 && <h3>{t("Lần {round}", { round })}</h3>}
          <Histogram activity={activity} counts={tallies[round] ?? {}} answered={answered[round] ?? 0} rightOf={rightOf} guests={guests[round] ?? {}} />
        </div>
      ))}
    </div>
  );
}

/** What is still unclear, while the class is there to be told: the projector shows none of it. */
function ExitNotes({ lesson, activity }: { lesson: Lesson; activity: TeacherActivity }) {
  const notes = exitNotes(lesson, activity);
  if (notes.length === 0) return null;
  return (
    <>
      <h3>{t("Điều các em chưa rõ")}</h3>
      <ul class="list">
        {notes.map(([name, text], place) => (
          <li key={place}>
            <span class="list__main">
              {text} <span class="muted small">{name ?? t("Khách")}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the discussion moved: the share of right answers before and after. */
function Shift({ lesson, activity }: { lesson: Lesson; activity: TeacherActivity }) {
  const [before, after] = [rightCount(lesson, activity, 1), rightCount(lesson, activity)];
  const [first, last] = [answeredCount(lesson, activity, 1), answeredCount(lesson, activity)];
  if (activity.round === 1 || before === null || after === null || !first || !last) return null;
  return (
    <p>
      {t("Sau thảo luận: đúng từ {before} thành {after}.", { before: formatShare(before / first, 0), after: formatShare(after / last, 0) })}
    </p>
  );
}

function Solution({ activity }: { activity: TeacherActivity }) {
  const solution = solutionOf(activity, { T: t("Đúng"), F: t("Sai") });
  if (!solution) return null;
  return (
    <details class="disclosure">
      <summary>
        <Icon name="right" />
        {t("Xem đáp án")}
      </summary>
      <p>
        <Rich text={solution} />
      </p>
      {activity.explanation && (
        <p class="muted small">
          <Rich text={activity.explanation} />
        </p>
      )}
    </details>
  );
}

/** A quick question has no solution until the teacher taps one. */
function Solve({ desk, activity }: { desk: Desk; activity: TeacherActivity }) {
  return (
    <div class="row">
      <span class="muted">{t("Đáp án đúng là")}</span>
      <div class="btn-group" role="group" aria-label={t("Đáp án đúng là")}>
        {lettersOf(activity).map((letter) => (
          <button
            type="button"
            class="btn"
            key={letter}
            aria-pressed={activity.solution.includes(letter)}
            onClick={() => void desk.solve(activity.id, activity.solution.includes(letter) ? [] : [letter])}
          >
            {letter}
          </button>
        ))}
      </div>
    </div>
  );
}

function PhaseBadge({ activity }: { activity: TeacherActivity }) {
  const looks = {
    prepared: ["", "clock", t("Chưa mở")],
    reading: ["tone-info", "eye", t("Đang đọc")],
    open: ["tone-good", "unlock", t("Đang mở")],
    paused: ["tone-warn", "clock", t("Đang tạm dừng")],
    closed: ["tone-warn", "lock", t("Đã khóa")],
    discussion: ["tone-info", "message", t("Thảo luận")],
    revealed: ["tone-info", "check", activity.solution?.length ? t("Đã hiện đáp án") : t("Đã hiện kết quả")],
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
  /** What a phone shows, where the other steps share a line with the main one. */
  readonly short?: string;
  readonly icon: string;
}

/** The main step of the phase first; the others are quiet. */
function stepsFrom(activity: TeacherActivity): readonly Step[] {
  const open = { move: "open", words: t("Mở trả lời"), icon: "unlock" } as const;
  const close = { move: "close", words: t("Khóa câu trả lời"), icon: "lock" } as const;
  const reveal = { move: "reveal", words: activity.solution.length > 0 ? t("Hiện đáp án") : t("Hiện kết quả"), icon: "eye" } as const;
  const pause = { move: "pause", words: t("Tạm dừng"), icon: "clock" } as const;
  const again = { move: "open", words: t("Mở lại"), icon: "undo" } as const;
  const discuss = { move: "discuss", words: t("Thảo luận rồi trả lời lại"), short: t("Thảo luận"), icon: "message" } as const;
  const second = { move: "open", words: t("Mở trả lời lần 2"), icon: "unlock" } as const;
  switch (activity.phase) {
    case "prepared":
      return [open, { move: "read", words: t("Chỉ chiếu câu hỏi"), short: t("Chỉ chiếu"), icon: "eye" }];
    case "reading":
      return [open];
    case "open":
      return [close, pause];
    case "paused":
      return [{ move: "resume", words: t("Tiếp tục"), icon: "play" }, close];
    case "closed":
      return activity.round === 1 ? [reveal, discuss, again] : [reveal, again];
    case "discussion":
      return [second, reveal];
    case "revealed":
      return [];
  }
}

/** Seconds that the next question is open, 0 for no timer. */
export const timer = signal(0);

export function Timer() {
  return (
    <select class="input input--short" aria-label={t("Hẹn giờ")} value={timer.value} onChange={(event) => (timer.value = Number(event.currentTarget.value))}>
      <option value={0}>{t("Không hẹn giờ")}</option>
      {[20, 30, 60, 90, 120, 300].map((seconds) => (
        <option key={seconds} value={seconds}>
          {t("{n} giây", { n: seconds })}
        </option>
      ))}
    </select>
  );
}

/** The question to go on with once this one is over: the next that was prepared. */
function following(desk: Desk, activity: TeacherActivity): TeacherActivity | undefined {
  const items = inOrder(desk.lesson.value);
  const place = items.findIndex((one) => one.id === activity.id);
  return items.slice(place + 1).find((one) => one.phase === "prepared") ?? around(items, place).after;
}

function Next({ desk, activity }: { desk: Desk; activity: TeacherActivity }) {
  const steps = stepsFrom(activity);
  const hasSlides = Object.values(desk.lesson.value.activities).some((one) => one.kind === "slide");
  const next = activity.phase === "revealed" && !hasSlides ? following(desk, activity) : undefined;
  return (
    <div class="row row--end">
      {(steps.some((step) => step.move === "open") || next) && <Timer />}
      {next && (
        <button type="button" key={MAIN} class="btn btn--main btn--large" onClick={once(() => desk.move(next.id, "open", timer.value))}>
          <Icon name="forward" />
          {t("Câu tiếp theo")}
        </button>
      )}
      {steps.map((step, place) => (
        <button
          type="button"
          key={place === 0 ? MAIN : step.words}
          class={place === 0 ? "btn btn--main btn--large" : "btn"}
          aria-label={step.short && step.words}
          onClick={once(() => desk.move(activity.id, step.move, step.move === "open" ? timer.value : undefined))}
        >
          <Icon name={step.icon} />
          {step.short ? (
            <>
              <span class="asking__long">{step.words}</span>
              <span class="asking__short">{step.short}</span>
            </>
          ) : (
            step.words
          )}
        </button>
      ))}
    </div>
  );
}

/** The main step is one button whatever it says, so that a keyboard keeps its place from step to step. */
const MAIN = "main";

const KEY_REPEATS = 600;
let pressedAt = -KEY_REPEATS;

/** The second half of a double click, and a key that is held, are no second step: it would lock what the first one opened. */
function once(step: () => Promise<void>): (event: MouseEvent) => void {
  return (event) => {
    const isHeld = event.detail === 0 && event.timeStamp - pressedAt < KEY_REPEATS;
    if (event.detail === 0) pressedAt = event.timeStamp;
    if (event.detail < 2 && !isHeld) void step();
  };
}
