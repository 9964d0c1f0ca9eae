import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { translator } from "@app/i18n";
import { islandData, mount } from "@app/island";
import { Icon } from "@app/icon";
import { Board, type BoardPlace } from "../../goals/frontend/board";
import { type Goal, GoalBar } from "../../goals/frontend/goal-bar";
import { en, english } from "../../ledger/frontend/english";
import { Choices } from "../../ledger/frontend/choices";
import { Histogram, Rounds } from "../../ledger/frontend/histogram";
import { askOverHttp, byHttp, type Door, openDoor } from "../../ledger/frontend/live";
import { followed } from "../../ledger/frontend/follow";
import { type Ink, InkedSlide, standing, type Stroke, StrokePath } from "../../ink/frontend/inked-slide";
import "../../activities/frontend/drawing.css";
import { SLIDE_WIDTH } from "../../activities/frontend/strokes";
import { Countdown, heardClock } from "../../ledger/frontend/countdown";
import { solutionOf } from "../../ledger/frontend/outcome";
import { Rich } from "../../ledger/frontend/rich";
import { type Activity, LETTERS, lettersOf, type ShownInquiry, type Stage } from "../../ledger/frontend/stage";
import "../../ledger/frontend/inputs.css";
import "./screen.css";

const t = translator(en);

type Tallies = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface ScreenStage extends Stage {
  readonly blank: boolean;
  readonly picked?: { readonly name: string; readonly at: number } | null;
  readonly code: string;
  readonly class_name: string;
  readonly subject: string;
  readonly joined: number;
  readonly answered: number;
  /** By round; null until the solution is revealed. */
  readonly tallies: Tallies | null;
  /** How many guests answered, and what; counted apart. */
  readonly guests?: number;
  readonly guest_tallies?: Tallies;
  /** What stands on the slide. */
  readonly ink?: Ink;
  readonly meter?: { readonly got: number; readonly lost: number };
  readonly inquiries?: readonly ShownInquiry[];
  readonly goal?: Goal & { readonly reached: number };
  /** Between questions only, where the teacher switched it on. */
  readonly board?: readonly BoardPlace[];
  /** First names where names are shown, else numbers in the class list. */
  readonly groups?: readonly (readonly string[])[] | null;
}

/** Strokes that came and went between two numbers of the lesson's events. */
interface InkFrame {
  readonly from: number;
  readonly to: number;
  readonly ink: Ink;
}

type Growing = Pick<Stroke, "activity" | "pen" | "points"> & { readonly uuid: string };

interface Island {
  readonly lesson: number;
  readonly token: string;
  readonly address: string;
  readonly qr: string;
  readonly state: { readonly stage: ScreenStage };
}

const LOOK_EVERY = 4000;
const MOST_ROWS = 6;
const MOST_IN_ROUNDS = 4;
const FEW_CHOICES = 4;
const island = islandData<Island>("screen-state");
const stage = signal(island.state.stage);
const live = signal<Growing | null>(null);
const door: Door = { name: "screen", query: { lesson: String(island.lesson), token: island.token } };
const link = openDoor(door, "screen_sync");

function show(next: ScreenStage): void {
  if (next.seq >= stage.value.seq) stage.value = next;
  heardClock(next.now);
}

link.on<ScreenStage>("stage", show);
link.on<InkFrame>("ink", (frame) => {
  const now = stage.value;
  if (frame.to <= now.seq) return;
  if (frame.from > now.seq) return void synchronise();
  stage.value = { ...followed(now, { ink: frame.ink }), seq: frame.to };
});
link.on<Growing>("ink_live", (stroke) => (live.value = stroke));
link.onConnect(() => void synchronise());
setInterval(() => {
  if (link.state.value === "offline") void synchronise();
}, LOOK_EVERY);

async function synchronise(): Promise<void> {
  const result =
    link.state.value === "online"
      ? await link.ask<{ stage: ScreenStage }>("screen_sync", {})
      : await askOverHttp<{ stage: ScreenStage }>(door, "screen_sync", {});
  if (result.ok) show(result.value.stage);
}

/**
 * A television cannot be scrolled: what does not fit first stands closer, with headings of less height, in letters that
 * the back row still reads; only then all of it is set smaller, at most down to six tenths.
 */
function fit(): void {
  const root = document.documentElement;
  const overflows = () => root.scrollHeight > window.innerHeight;
  root.style.fontSize = "";
  root.classList.remove("is-close", "is-tight");
  for (const closer of ["is-close", "is-tight"]) if (overflows()) root.classList.add(closer);
  const usual = parseFloat(getComputedStyle(root).fontSize);
  for (let share = 0.98; share >= 0.6 && overflows(); share -= 0.02) {
    root.style.fontSize = `${usual * share}px`;
  }
}

/** Fits after every change, and when something comes later: the typeface, a formula, another size of the window. */
function useFit(): void {
  useLayoutEffect(fit);
  useEffect(() => {
    const screen = document.getElementById("screen");
    const later = () => void setTimeout(fit);
    window.addEventListener("resize", later);
    if (screen && "ResizeObserver" in window) new ResizeObserver(later).observe(screen);
    // The screen is never lower than the window: what gets lower on it, a drawn formula, shows in its parts alone.
    if (screen) new MutationObserver(later).observe(screen, { childList: true, subtree: true });
    document.fonts?.addEventListener("loadingdone", later);
  }, []);
}

function Screen() {
  const now = stage.value;
  useFit();
  if (now.blank) return <p class="visually-hidden">{t("Màn hình đang tắt")}</p>;
  return (
    <div class="screen">
      <Head now={now} />
      {now.state === "ended" ? (
        <Over board={now.board} />
      ) : now.groups ? (
        <Groups groups={now.groups} />
      ) : now.inquiries && now.inquiries.length > 0 ? (
        <Inquiries inquiries={now.inquiries} />
      ) : now.activity?.kind === "slide" ? (
        <OnSlide activity={now.activity} ink={now.ink ?? {}} />
      ) : now.activity && now.activity.phase !== "prepared" ? (
        <Question activity={now.activity} now={now} />
      ) : (
        <Lobby now={now} />
      )}
    </div>
  );
}

function Over({ board }: { board: readonly BoardPlace[] | undefined }) {
  return (
    <>
      <p class={board ? "screen__notice screen__notice--high" : "screen__notice"}>{t("Tiết học đã kết thúc")}</p>
      {board && <Board board={board} />}
    </>
  );
}

/** A slide with its ink, as large as the screen lets it be; the stroke under the teacher's pen is drawn as it grows. */
function OnSlide({ activity, ink }: { activity: Activity; ink: Ink }) {
  const growing = live.value;
  const name = t("Trang chiếu {n}", { n: activity.page ?? 1 });
  return (
    <div class="screen__slide">
      <InkedSlide src={`${location.pathname}/slide?slide=${activity.id}`} alt={activity.question || name} high={activity.high ?? 1152}>
        {standing(ink, activity.id).map(([uuid, stroke]) => (
          <StrokePath key={uuid} pen={stroke.pen} points={stroke.points} />
        ))}
        {growing?.activity === activity.id && !(growing.uuid in ink) && <StrokePath pen={growing.pen} points={growing.points} />}
      </InkedSlide>
    </div>
  );
}

/** Groups take the stage while they are shown: each class member finds the own place from the back row. */
function Groups({ groups }: { groups: readonly (readonly string[])[] }) {
  return (
    <>
      <h1 class="visually-hidden">{t("Chia nhóm")}</h1>
      <ol class={groups.length > 8 ? "screen__groups screen__groups--many" : "screen__groups"}>
        {groups.map((group, place) => (
          <li key={place}>
            <b>{t("Nhóm {n}", { n: place + 1 })}</b>
            <span>
              {group.map((name, one) => (
                <span class="screen__name" key={one}>
                  {name}
                  {one < group.length - 1 && "\u00a0·\u00a0"}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

/** The class's questions that the teacher let through, the most wanted first. */
function Inquiries({ inquiries }: { inquiries: readonly ShownInquiry[] }) {
  return (
    <>
      <h1 class="question">{t("Câu hỏi của lớp")}</h1>
      <ul class="screen__lines screen__inquiries">
        {inquiries.map((one) => (
          <li key={one.id}>
            <b>{one.answered ? <Icon name="check" label={t("đã trả lời xong")} /> : `+${one.votes}`}</b> {one.text}
          </li>
        ))}
      </ul>
    </>
  );
}

function MeterNow({ meter }: { meter: { readonly got: number; readonly lost: number } }) {
  return (
    <p>
      {t("Hiểu: {n} em", { n: meter.got })} · {t("Chưa theo kịp: {n} em", { n: meter.lost })}
    </p>
  );
}

/** A picked name leaves the screen when the next question opens. */
function isNews({ picked, state, activity }: ScreenStage): boolean {
  return state !== "ended" && !!picked && picked.at > (activity?.opened_at ?? 0);
}

/** The code stays on the screen all the time: somebody is always late. */
function Head({ now }: { now: ScreenStage }) {
  const asked = now.activity !== null && now.activity.phase !== "prepared";
  const called = isNews(now) ? now.picked : null;
  const isCut = link.state.value === "offline" && !byHttp.value;
  return (
    <header class="screen__head">
      <div class="screen__lesson">
        {/* Whom the class listens to stands where subject and class do: what is on the screen keeps its size. */}
        <p class={called ? "screen__picked" : ""} role="status">
          {called ? (
            <>
              {t("Mời em")} <b>{called.name}</b>
            </>
          ) : (
            [now.subject, t("Lớp {name}", { name: now.class_name })].filter(Boolean).join(" · ")
          )}
        </p>
        {now.meter && now.state !== "ended" && <MeterNow meter={now.meter} />}
        {now.goal && <GoalBar goal={now.goal} />}
      </div>
      {/* Drawn from the beginning: a picture that is wanted when the server is gone must be there before. */}
      <p class={isCut ? "badge tone-warn" : "visually-hidden"}>
        <Icon name="offline" />
        {isCut && t("Mất kết nối")}
      </p>
      {asked && now.state !== "ended" && (
        <p class="screen__code">
          {t("Mã tham gia")} <b>{spaced(now.code)}</b>
          <img class="screen__qr" src={island.qr} alt={t("Mã QR để tham gia")} />
        </p>
      )}
    </header>
  );
}

function Lobby({ now }: { now: ScreenStage }) {
  return (
    <div class="screen__lobby">
      <div class="code-display">
        <p>{t("Mã tham gia")}</p>
        <p class="code-display__code">{spaced(now.code)}</p>
        <p class="screen__address">{island.address.replace(/^https?:\/\//, "").replace(/\/[^/]*$/, "")}</p>
      </div>
      <div class="code-display__qr">
        <img src={island.qr} alt={t("Mã QR để tham gia")} />
      </div>
      <p class="screen__count">{t("{n} bạn đã vào lớp", { n: now.joined })}</p>
    </div>
  );
}

function Question({ activity, now }: { activity: Activity; now: ScreenStage }) {
  // Two rounds side by side need the whole width to be read from the back row; the leaderboard waits for the next question.
  const board = Object.keys(now.tallies ?? {}).length > 1 ? undefined : now.board;
  return (
    <>
      <h1 class="question">
        <Rich text={activity.question || (activity.kind === "true_false" ? t("Đúng hay sai?") : t("Chọn đáp án nào?"))} />
      </h1>
      <div class={board ? "screen__beside" : ""}>
        <div class={activity.high === undefined ? "" : "screen__figured"}>
          {activity.high !== undefined && <img class="figure" src={`${location.pathname}/slide?slide=${activity.id}`} alt={t("Hình của câu hỏi")} width={SLIDE_WIDTH} height={activity.high} />}
          <div class="screen__stack">
            {now.tallies ? <Revealed activity={activity} tallies={now.tallies} guests={now.guest_tallies} answered={now.answered} /> : <Shown activity={activity} />}
          </div>
        </div>
        {board && <Board board={board} />}
      </div>
      <Countdown activity={activity} />
      <p class="screen__count" role="status">
        {activity.phase === "reading" ? t("Đọc câu hỏi, chuẩn bị trả lời") : t("{n} bạn đã trả lời", { n: now.answered })}
        {now.guests ? ` · ${t("{n} khách", { n: now.guests })}` : ""}
        {activity.phase === "paused" && ` · ${t("Đang tạm dừng")}`}
        {activity.phase === "closed" && ` · ${t("Đã khóa")}`}
        {activity.phase === "discussion" && ` · ${t("Thảo luận với bạn bên cạnh")}`}
      </p>
    </>
  );
}

/** What is asked, to be read from the back row; nothing here can be tapped. */
function Shown({ activity }: { activity: Activity }) {
  switch (activity.kind) {
    case "single":
    case "multiple":
    case "quick":
      return (
        <div class={lettersOf(activity).length > FEW_CHOICES ? "screen__many" : ""}>
          <Choices activity={activity} />
        </div>
      );
    case "statements":
      return <Lines lines={(activity.options ?? []).map((text, place) => [`${"abcd"[place]})`, text])} />;
    case "ordering":
      return <Lines lines={(activity.options ?? []).map((text) => ["•", text])} />;
    case "matching":
      return (
        <div class="grid">
          <Lines lines={(activity.options ?? []).map((text, place) => [`${place + 1}.`, text])} />
          <Lines lines={(activity.targets ?? []).map((text, place) => [`${LETTERS[place]}.`, text])} />
        </div>
      );
    case "scale":
      return <p>{[`1 – ${activity.most}`, ...(activity.options ?? [])].join(" · ")}</p>;
    default:
      return <p class="muted">{t("Trả lời trên máy của em.")}</p>;
  }
}

function Lines({ lines }: { lines: readonly (readonly [string, string])[] }) {
  return (
    <ul class="screen__lines">
      {lines.map(([mark, text]) => (
        <li key={text}>
          <b>{mark}</b> <Rich text={text} />
        </li>
      ))}
    </ul>
  );
}

function Revealed({ activity, tallies, guests, answered }: { activity: Activity; tallies: Tallies; guests: Tallies | undefined; answered: number }) {
  const rounds = Object.keys(tallies).sort();
  const solution = solutionOf(activity, { T: t("Đúng"), F: t("Sai") });
  return (
    <>
      {rounds.length > 1 && !isWall(activity) ? (
        <Rounds activity={activity} tallies={tallies} guests={guests} most={MOST_IN_ROUNDS} />
      ) : (
        <div class={rounds.length > 1 ? "grid" : ""}>
          {rounds.map((round) => (
            <section key={round}>
              {rounds.length > 1 && <h2>{t("Lần {round}", { round })}</h2>}
              <Histogram activity={activity} counts={tallies[round] ?? {}} guests={guests?.[round] ?? {}} most={MOST_ROWS} {...(rounds.length === 1 ? { answered } : {})} />
            </section>
          ))}
        </div>
      )}
      {solution && (activity.kind === "ordering" || activity.kind === "number") && (
        <p>
          <Icon name="check" label={t("Đáp án đúng")} /> <Rich text={solution} />
        </p>
      )}
      {activity.explanation && (
        <p>
          <Rich text={activity.explanation} />
        </p>
      )}
    </>
  );
}

/** What is no chart: words, texts and drawings stand beside each other. */
function isWall(activity: Activity): boolean {
  return activity.kind === "words" || activity.kind === "text" || activity.kind === "drawing";
}

/** "K7M2QX" as "K7M 2QX": read in two breaths. */
function spaced(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

void english().then(() => mount("screen", <Screen />));
// Fetched before it is wanted: a class must not read "\frac" on the board while the first formula waits for its drawing.
window.addEventListener("load", () => void import("../../ledger/frontend/maths").then(undefined, () => undefined));
