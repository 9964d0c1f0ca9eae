/** What the server tells of a lesson; the shapes of classroom/activities/queries.py and classroom/lessons/queries.py. */

export type Phase = "prepared" | "reading" | "open" | "closed" | "discussion" | "revealed";
export type LessonState = "lobby" | "running" | "ended";

export interface Activity {
  readonly id: number;
  readonly kind: "choice";
  readonly phase: Phase;
  readonly round: number;
  /** Milliseconds of the server's clock at which a timer ends. */
  readonly closes_at: number | null;
  readonly question: string;
  readonly options: readonly string[];
  readonly several: boolean;
  /** Only after the reveal, except on the teacher's screen. */
  readonly solution?: readonly string[];
  readonly explanation?: string;
}

export interface Stage {
  readonly seq: number;
  readonly state: LessonState;
  readonly activity: Activity | null;
}

/** An answer that the server has stored for this pupil. */
export interface OwnAnswer {
  readonly activity: number;
  readonly round: number;
  readonly uuid: string;
  readonly answer: readonly string[];
  readonly version: number;
  readonly late: boolean;
}

export const LETTERS = ["A", "B", "C", "D", "E", "F"] as const;

/** The letters of a question's options, in order. */
export function lettersOf(activity: Activity): readonly string[] {
  return LETTERS.slice(0, activity.options.length);
}

/** Whether two answers chose the same. */
export function isSameAnswer(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((letter) => other.includes(letter));
}
