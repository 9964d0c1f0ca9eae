/** What the server tells of a lesson; the shapes of classroom/activities/queries.py and classroom/lessons/queries. */

export type Phase = "prepared" | "reading" | "open" | "paused" | "closed" | "discussion" | "revealed";
export type LessonState = "lobby" | "running" | "ended";
export type Kind =
  | "single"
  | "multiple"
  | "true_false"
  | "statements"
  | "short"
  | "number"
  | "ordering"
  | "matching"
  | "words"
  | "text"
  | "scale"
  | "exit"
  | "quick"
  | "drawing"
  | "slide";

/** A part of a formula as the server read it (classroom/activities/rules/formulas.py): name, attributes, children. */
export type FormulaTree = readonly [string, ...(string | Readonly<Record<string, string>> | FormulaTree)[]];

export interface Activity {
  readonly id: number;
  readonly kind: Kind;
  readonly phase: Phase;
  readonly round: number;
  readonly opened_at: number | null;
  /** Milliseconds of the server's clock at which a timer ends. */
  readonly closes_at: number | null;
  /** Since when the timer stands still. */
  readonly paused_at: number | null;
  readonly question: string;
  readonly points: number;
  /** Which of these a kind has is said in classroom/activities/rules/kinds.py. */
  readonly options?: readonly string[];
  readonly targets?: readonly string[];
  readonly unit?: string;
  readonly most?: number;
  /** Of a slide: its page in its file. */
  readonly page?: number;
  /** Of a slide, or a question with a picture: the picture's height where its width is 2048. */
  readonly high?: number;
  /** Where the picture is while a plan is tried out. */
  readonly picture?: string;
  /** Only after the reveal, except on the teacher's screen. */
  readonly solution?: readonly string[];
  readonly explanation?: string;
  readonly tolerance?: string;
  /** On pupils' devices: the formulas of the texts above, by what stands between the dollar signs. */
  readonly maths?: Readonly<Record<string, readonly (FormulaTree | string)[]>>;
}

/** A pupil's question as the class sees it: without a name. */
export interface ShownInquiry {
  readonly id: number;
  readonly text: string;
  readonly votes: number;
  readonly answered: boolean;
}

export interface Stage {
  readonly seq: number;
  readonly state: LessonState;
  readonly activity: Activity | null;
  /** What the teacher switched on for pupils' devices. */
  readonly offers?: { readonly inquiries: boolean; readonly confidence: boolean; readonly groups: boolean };
  readonly inquiries?: readonly ShownInquiry[];
  /** The server's clock when this was sent. */
  readonly now?: number;
}

/** An answer that the server has stored for this pupil. */
export interface OwnAnswer {
  readonly activity: number;
  readonly round: number;
  readonly uuid: string;
  readonly answer: readonly string[];
  readonly version: number;
  readonly late: boolean;
  /** Which share of the points it earns: only after the reveal, and only where something is right. */
  readonly share?: number;
}

export const LETTERS = ["A", "B", "C", "D", "E", "F", "G", "H"] as const;

/** An entry that was left out. */
export const BLANK = "-";

/** The letters of a question's options, in order. */
export function lettersOf(activity: Activity): readonly string[] {
  return LETTERS.slice(0, activity.options?.length ?? 0);
}

/** The option behind a letter. */
export function optionOf(activity: Activity, letter: string): string {
  return activity.options?.[LETTERS.indexOf(letter as (typeof LETTERS)[number])] ?? "";
}

/** The right-hand side behind a letter. */
export function targetOf(activity: Activity, letter: string): string {
  return activity.targets?.[LETTERS.indexOf(letter as (typeof LETTERS)[number])] ?? "";
}

/** Whether a kind is answered with letters of its options. */
export function isChoice(activity: Activity): boolean {
  return activity.kind === "single" || activity.kind === "multiple" || activity.kind === "quick";
}

/** Whether two answers are the same, entry by entry. */
export function isSameAnswer(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, place) => entry === other[place]);
}
