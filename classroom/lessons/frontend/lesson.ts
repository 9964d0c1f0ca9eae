import { type ReadonlySignal, signal } from "@preact/signals";
import { newId } from "@app/outbox";
import type { Result } from "@app/result";
import type { Link } from "@app/socket";
import { followed } from "../../ledger/frontend/follow";
import { askEitherWay, type Door, openDoor } from "../../ledger/frontend/live";
import type { Activity, LessonState, Phase } from "../../ledger/frontend/stage";

export interface Pupil {
  readonly no: number;
  readonly name: string;
  /** Milliseconds of joining, null before. */
  readonly joined: number | null;
  readonly device: boolean;
}

export interface Answer {
  readonly answer: readonly string[];
  readonly source: "device" | "shared" | "card" | "teacher";
  readonly version: number;
  readonly late: boolean;
}

export interface TeacherActivity extends Activity {
  readonly position: number;
  readonly solution: readonly string[];
  readonly explanation: string;
}

/** The teacher's whole lesson, as classroom/lessons/queries.py `teacher_snapshot` has it. */
export interface Lesson {
  readonly seq: number;
  readonly lesson: { readonly id: number; readonly state: LessonState; readonly code: string; readonly subject: string };
  readonly class_name: string;
  readonly pupils: Readonly<Record<string, Pupil>>;
  readonly activities: Readonly<Record<string, TeacherActivity>>;
  readonly current: number | null;
  readonly answers: Readonly<Record<string, Answer>>;
}

export type Presence = Readonly<Record<string, "here" | "asleep">>;

export interface Watched {
  readonly snapshot: Lesson;
  readonly presence: Presence;
}

interface Patch {
  readonly from: number;
  readonly to: number;
  readonly patch: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly question: string;
  readonly options: readonly string[];
  readonly solution: readonly string[];
  readonly several: boolean;
  readonly explanation: string;
}

export type Move = "read" | "open" | "close" | "discuss" | "reveal";

export interface Desk {
  readonly lesson: ReadonlySignal<Lesson>;
  readonly presence: ReadonlySignal<Presence>;
  readonly link: Link;
  /** How many of the teacher's own commands are on their way. */
  readonly pending: ReadonlySignal<number>;
  /** What the server refused last, in its words. */
  readonly refusal: ReadonlySignal<string>;
  move(activity: number, move: Move): Promise<void>;
  /** Prepares a question; `open` asks it at once. */
  ask(question: Question, open: boolean): Promise<boolean>;
  answerFor(pupil: number, activity: Activity, answer: readonly string[]): Promise<void>;
  freeSeat(pupil: number): Promise<void>;
  end(): Promise<void>;
  earlier(): Promise<readonly Question[]>;
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
    lesson.value = result.value.snapshot;
    presence.value = result.value.presence;
  }

  async function send<T>(event: string, payload: object): Promise<Result<T>> {
    pending.value += 1;
    refusal.value = "";
    const result = await askEitherWay<T>(link, door, event, { lesson: id, ...payload });
    pending.value -= 1;
    if (!result.ok) refusal.value = result.message;
    if (link.state.value !== "online") await synchronise();
    return result;
  }

  link.onConnect(() => void synchronise());
  link.on<Patch>("patch", (frame) => {
    const known = lesson.value.seq;
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
    async move(activity, move) {
      await send<{ phase: Phase }>("activity_move", { activity, move });
    },
    async ask(question, open) {
      const made = await send<{ activity: number }>("activity_add", { op_id: newId(), ...question });
      if (made.ok && open) await send("activity_move", { activity: made.value.activity, move: "open" });
      return made.ok;
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
      const result = await send<{ questions: readonly Question[] }>("question_history", {});
      return result.ok ? result.value.questions : [];
    },
  };
}

/** The activity on stage, null before the first. */
export function onStage(lesson: Lesson): TeacherActivity | null {
  return lesson.current === null ? null : (lesson.activities[lesson.current] ?? null);
}

/** A pupil's answer in a round. */
export function answerOf(lesson: Lesson, activity: Activity, pupil: string, round = activity.round): Answer | undefined {
  return lesson.answers[`${activity.id}:${round}:${pupil}`];
}

/** {letter: how many} over the answers of a round that count. */
export function tally(lesson: Lesson, activity: Activity, round = activity.round): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pupil of Object.keys(lesson.pupils)) {
    const given = answerOf(lesson, activity, pupil, round);
    for (const letter of given && !given.late ? given.answer : []) counts[letter] = (counts[letter] ?? 0) + 1;
  }
  return counts;
}

/** How many answered in time. */
export function answeredCount(lesson: Lesson, activity: Activity): number {
  return Object.keys(lesson.pupils).filter((pupil) => {
    const given = answerOf(lesson, activity, pupil);
    return given && !given.late;
  }).length;
}

/** How many can be expected to answer: those who joined, and those for whom an answer was entered. */
export function takingPart(lesson: Lesson, activity: Activity): number {
  return Object.entries(lesson.pupils).filter(([id, pupil]) => pupil.joined !== null || answerOf(lesson, activity, id)).length;
}
