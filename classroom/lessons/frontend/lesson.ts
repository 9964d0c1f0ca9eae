import { type ReadonlySignal, signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { newId } from "@app/outbox";
import type { Result } from "@app/result";
import type { Link } from "@app/socket";
import type { Ink } from "../../ink/frontend/inked-slide";
import { followed } from "../../ledger/frontend/follow";
import { askEitherWay, type Door, openDoor } from "../../ledger/frontend/live";
import { heardClock } from "../../ledger/frontend/countdown";
import { en } from "../../ledger/frontend/english";
import type { Goal } from "../../goals/frontend/goal-bar";
import { keysOf } from "../../ledger/frontend/outcome";
import type { Activity, Kind, LessonState, Phase } from "../../ledger/frontend/stage";

const t = translator(en);

export interface Pupil {
  readonly no: number;
  readonly name: string;
  /** Milliseconds of joining, null before. */
  readonly joined: number | null;
  readonly device: boolean;
  /** Marked absent in the register. */
  readonly away: boolean;
  /** Extra time in per cent of a timer. */
  readonly extra: number;
  /** The raised hand: its turn among all, and since when it is up. */
  readonly hand: { readonly turn: number; readonly at: number } | null;
}

export interface Guest {
  readonly name: string;
  readonly joined: number;
  readonly out: boolean;
}

export interface Teacher {
  readonly id: number;
  readonly name: string;
  readonly owner: boolean;
}

export type InquiryState = "waiting" | "shown" | "hidden" | "answered";

export interface Inquiry {
  readonly pupil: number;
  readonly text: string;
  readonly state: InquiryState;
  readonly votes: number;
}

/** Everything that a tap switches; the same names in Python: classroom/lessons/rules.py, `Switch`. */
export type Switch = "blank" | "names" | "meter" | "inquiries" | "groups" | "board" | "takes_inquiries" | "takes_guests" | "asks_confidence";

export interface Answer {
  readonly answer: readonly string[];
  readonly source: "device" | "shared" | "card" | "teacher";
  readonly version: number;
  readonly late: boolean;
  /** Null when nothing is right or wrong. */
  readonly right: boolean | null;
  /** Of a drawing: the name by which it is let through. */
  readonly key?: string;
}

export interface TeacherActivity extends Activity {
  readonly position: number;
  readonly solution: readonly string[];
  readonly explanation: string;
  readonly misconceptions: readonly string[];
  /** Open texts that were let through, or phrases that were taken out. */
  readonly moderation: readonly string[];
}

/** The teacher's whole lesson, as classroom/lessons/queries/teaching.py `teacher_snapshot` has it. */
export interface Lesson {
  readonly seq: number;
  readonly lesson: { readonly id: number; readonly state: LessonState; readonly code: string; readonly subject: string } & Readonly<Record<Switch, boolean>>;
  readonly class_name: string;
  readonly pupils: Readonly<Record<string, Pupil>>;
  readonly activities: Readonly<Record<string, TeacherActivity>>;
  readonly current: number | null;
  readonly answers: Readonly<Record<string, Answer>>;
  readonly picked: { readonly pupil: number; readonly at: number } | null;
  readonly teachers: readonly Teacher[];
  /** {tap: [when, how many follow, how many are lost]}. */
  readonly meter: Readonly<Record<string, readonly [number, number, number]>>;
  readonly inquiries: Readonly<Record<string, Inquiry>>;
  /** What was drawn over slides, null once it was taken back. */
  readonly ink: Ink;
  /** Whether a pupil said to be sure, under the key of the answer. */
  readonly sure: Readonly<Record<string, boolean>>;
  readonly goal: Goal;
  readonly guests: Readonly<Record<string, Guest>>;
  readonly guest_answers: Readonly<Record<string, Answer>>;
  readonly groups: readonly (readonly number[])[] | null;
  readonly apart: readonly (readonly [number, number])[];
}

export type Presence = Readonly<Record<string, "here" | "asleep">>;

export interface Watched {
  readonly snapshot: Lesson;
  readonly presence: Presence;
  readonly now?: number;
}

interface Patch {
  readonly from: number;
  readonly to: number;
  readonly patch: Readonly<Record<string, unknown>>;
  readonly now?: number;
}

export interface PlanRow {
  readonly id: number;
  readonly title: string;
  readonly questions: number;
  readonly own: boolean;
}

/** A question that was asked before, and the text that asks it again. */
export interface Earlier {
  readonly question: string;
  readonly text: string;
}

export type Move = "show" | "read" | "open" | "pause" | "resume" | "close" | "discuss" | "reveal";

export interface Desk {
  readonly lesson: ReadonlySignal<Lesson>;
  readonly presence: ReadonlySignal<Presence>;
  readonly link: Link;
  /** How many of the teacher's own commands are on their way. */
  readonly pending: ReadonlySignal<number>;
  /** What the server refused last, in its words. */
  readonly refusal: ReadonlySignal<string>;
  move(activity: number, move: Move, seconds?: number): Promise<void>;
  /** Opens an activity that needs no preparation. */
  quick(kind: Kind): Promise<void>;
  /** Prepares the questions of a text; `open` asks the first at once. Says whether they could be read. */
  paste(text: string, open: boolean): Promise<boolean>;
  solve(activity: number, solution: readonly string[]): Promise<void>;
  moderate(activity: number, text: string, listed: boolean): Promise<void>;
  turn(what: Switch, on: boolean): Promise<void>;
  /** Sends an event of this lesson; only those that may be sent twice. */
  send<T>(event: string, payload: object): Promise<Result<T>>;
  pick(): Promise<void>;
  giveTime(pupil: number, percent: number): Promise<void>;
  plans(): Promise<readonly PlanRow[]>;
  takePlan(plan: number): Promise<boolean>;
  answerFor(pupil: number, activity: Activity, answer: readonly string[]): Promise<void>;
  freeSeat(pupil: number): Promise<void>;
  end(): Promise<void>;
  earlier(): Promise<readonly Earlier[]>;
}

/** The teacher's side of a lesson: follows the numbered patches, and asks for a snapshot when one is missing. */
export function openDesk(first: Watched): Desk {
  const id = first.snapshot.lesson.id;
  const door: Door = { name: "staff", query: {} };
  const lesson = signal(first.snapshot);
  const presence = signal(first.presence);
  const pending = signal(0);
  const refusal = signal("");
  const link = openDoor(door, "lesson_watch", { lesson: id });

  async function synchronise(): Promise<void> {
    const result = await askEitherWay<Watched>(link, door, "lesson_watch", { lesson: id });
    if (!result.ok) return;
    heardClock(result.value.now);
    lesson.value = result.value.snapshot;
    presence.value = result.value.presence;
  }

  async function send<T>(event: string, payload: object): Promise<Result<T>> {
    pending.value += 1;
    refusal.value = "";
    const result = await askEitherWay<T>(link, door, event, { lesson: id, ...payload });
    pending.value -= 1;
    if (!result.ok) refusal.value = result.message || t("Mất kết nối nên chưa làm được. Hãy bấm lại khi có kết nối.");
    if (link.state.value !== "online") await synchronise();
    return result;
  }

  link.onConnect(() => void synchronise());
  link.on<Patch>("patch", (frame) => {
    const known = lesson.value.seq;
    heardClock(frame.now);
    if (frame.to <= known) return;
    if (frame.from > known) return void synchronise();
    lesson.value = { ...followed(lesson.value, frame.patch), seq: frame.to };
  });
  link.on<{ presence: Presence }>("presence", (news) => (presence.value = news.presence));
  setInterval(() => {
    if (link.state.value === "offline") void synchronise();
  }, 4000);

  return {
    lesson,
    presence,
    link,
    pending,
    refusal,
    send,
    async move(activity, move, seconds) {
      await send<{ phase: Phase }>("activity_move", { activity, move, ...(seconds ? { seconds } : {}) });
    },
    async quick(kind) {
      await send("activity_quick", { op_id: newId(), kind });
    },
    async paste(text, open) {
      const made = await send<{ activities: readonly number[] }>("activity_paste", { op_id: newId(), lines: text.split("\n") });
      const [first] = made.ok ? made.value.activities : [];
      if (first !== undefined && open) await send("activity_move", { activity: first, move: "open" });
      return made.ok;
    },
    async solve(activity, solution) {
      await send("activity_solve", { activity, solution });
    },
    async moderate(activity, text, listed) {
      await send("activity_moderate", { activity, text, listed });
    },
    async turn(what, on) {
      await send("lesson_switch", { what, on });
    },
    async pick() {
      await send("pupil_pick", { op_id: newId() });
    },
    async giveTime(pupil, percent) {
      await send("seat_extra", { pupil, percent });
    },
    async plans() {
      const result = await send<{ plans: readonly PlanRow[] }>("plan_list", {});
      return result.ok ? result.value.plans : [];
    },
    async takePlan(plan) {
      return (await send("plan_take", { plan, op_id: newId() })).ok;
    },
    async answerFor(pupil, activity, answer) {
      const { id: number, round } = activity;
      await send("answer_for", { activity: number, round, pupil, uuid: newId(), answer });
    },
    async freeSeat(pupil) {
      await send("seat_free", { pupil });
    },
    async end() {
      await send("lesson_end", {});
    },
    async earlier() {
      const result = await send<{ questions: readonly Earlier[] }>("question_history", {});
      return result.ok ? result.value.questions : [];
    },
  };
}

/** The activity on stage, null before the first. */
export function onStage(lesson: Lesson): TeacherActivity | null {
  return lesson.current === null ? null : (lesson.activities[lesson.current] ?? null);
}

/** Slides and questions in the plan's order. */
export function inOrder(lesson: Lesson): readonly TeacherActivity[] {
  return Object.values(lesson.activities).sort((one, other) => one.position - other.position);
}

interface Around {
  readonly before: TeacherActivity | undefined;
  readonly after: TeacherActivity | undefined;
}

/** What stands before and behind the place that is on stage. A question that was asked without preparation stands at the
 * end of the plan: from there it goes on where the plan was left, and back to what was shown last. */
export function around(items: readonly TeacherActivity[], place: number): Around {
  const [before, after] = [items[place - 1], items[place + 1]];
  if (after || place < 0 || items[place]?.kind === "slide") return { before, after };
  let first = place;
  while (first > 0 && items[first - 1]?.phase !== "prepared") first -= 1;
  if (first === 0) return { before, after };
  const left = items.slice(0, first).map((one) => one.phase !== "prepared").lastIndexOf(true);
  return { before: first === place ? items[left] : before, after: items[left + 1] };
}

/** The number of a question among the questions; slides have none. */
export function numberOf(lesson: Lesson, activity: TeacherActivity): number {
  return inOrder(lesson).filter((one) => one.kind !== "slide" && one.position <= activity.position).length;
}

/** A pupil's answer in a round. */
export function answerOf(lesson: Lesson, activity: Activity, pupil: string, round = activity.round): Answer | undefined {
  return lesson.answers[`${activity.id}:${round}:${pupil}`];
}

/** {what: how many} over the answers of a round that count. */
export function tally(lesson: Lesson, activity: Activity, round = activity.round): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pupil of Object.keys(lesson.pupils)) {
    const given = answerOf(lesson, activity, pupil, round);
    for (const key of given && !given.late ? keysOf(activity, given.answer) : []) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Whether a typed answer was marked right, by the key under which it counts. */
export function isRightKey(lesson: Lesson, activity: Activity, key: string): boolean {
  return Object.keys(lesson.pupils).some((pupil) => {
    const given = answerOf(lesson, activity, pupil);
    return given?.right === true && keysOf(activity, given.answer).includes(key);
  });
}

/** How many of a round's answers in time are wholly right, null when nothing is right or wrong. */
export function rightCount(lesson: Lesson, activity: TeacherActivity, round = activity.round): number | null {
  if (activity.solution.length === 0) return null;
  return Object.keys(lesson.pupils).filter((pupil) => {
    const given = answerOf(lesson, activity, pupil, round);
    return given && !given.late && given.right;
  }).length;
}

/** How many answered in time. */
export function answeredCount(lesson: Lesson, activity: Activity, round = activity.round): number {
  return Object.keys(lesson.pupils).filter((pupil) => {
    const given = answerOf(lesson, activity, pupil, round);
    return given && !given.late;
  }).length;
}

/** How many can be expected to answer, with a device or without: all but those who are known to be away (live-lessons.md). */
export function takingPart(lesson: Lesson, activity: Activity): number {
  return Object.entries(lesson.pupils).filter(([id, pupil]) => !pupil.away || pupil.joined !== null || answerOf(lesson, activity, id)).length;
}

/** Whether answers are awaited: a question is open, or was just closed and still takes late ones. */
export function isAsking(activity: Activity | null): activity is Activity {
  return activity !== null && activity.kind !== "slide" && ["open", "paused", "closed"].includes(activity.phase);
}

/** Who has not answered and is not known to be away; nobody while nothing is asked. */
export function waitingFor(lesson: Lesson, activity: Activity | null): readonly string[] {
  if (!isAsking(activity)) return [];
  return Object.entries(lesson.pupils)
    .filter(([id, pupil]) => !answerOf(lesson, activity, id) && !(pupil.away && pupil.joined === null))
    .map(([id]) => id);
}

/** Who has time of their own left when the class's is over and has not answered; `left` says how many seconds a share of extra time leaves. */
export function stillTimed(lesson: Lesson, activity: Activity, left: (extra: number) => number | null): readonly string[] {
  if (activity.phase !== "open" || left(0) !== 0) return [];
  return Object.entries(lesson.pupils)
    .filter(([id, pupil]) => pupil.extra > 0 && pupil.joined !== null && !answerOf(lesson, activity, id) && left(pupil.extra) !== 0)
    .map(([, pupil]) => pupil.name);
}

/** {what: how many guests} over the guests' answers of a round that count. */
export function guestTally(lesson: Lesson, activity: Activity, round = activity.round): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const given of guestAnswers(lesson, activity, round)) {
    for (const key of keysOf(activity, given.answer)) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The guests' answers of a round that count. */
export function guestAnswers(lesson: Lesson, activity: Activity, round = activity.round): readonly Answer[] {
  return Object.entries(lesson.guest_answers)
    .filter(([key, given]) => key.startsWith(`${activity.id}:${round}:`) && !given.late)
    .map(([, given]) => given);
}

/** What was written on exit tickets, with the names of its writers; null for a guest. */
export function exitNotes(lesson: Lesson, activity: Activity): readonly (readonly [name: string | null, text: string])[] {
  if (activity.kind !== "exit") return [];
  const given = [
    ...Object.entries(lesson.pupils).map(([id, pupil]) => [pupil.name, answerOf(lesson, activity, id)?.answer[1]] as const),
    ...guestAnswers(lesson, activity).map(({ answer }) => [null, answer[1]] as const),
  ];
  return given.flatMap(([name, text]) => (text ? [[name, text] as const] : []));
}
