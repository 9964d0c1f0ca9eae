import { newId } from "@app/outbox";

/** What the server says of one pupil. `office` is the office's letter ("" is present) when it corrected the teacher's. */
export interface Mark extends MarkValue {
  readonly office: string | null;
}

/** What a teacher says of one pupil; letter "" is present, and then nothing else matters. */
export interface MarkValue {
  readonly letter: string;
  readonly minutes_late: number | null;
  readonly arrived: string | null;
  readonly left: string | null;
  readonly reason: string;
  readonly note: string;
}

export type State = "due" | "open" | "provisional" | "submitted" | "locked" | "not_held";
export type Submit = "" | "provisional" | "final";

export interface Pupil {
  readonly id: number;
  readonly number: number;
  readonly name: string;
}

export interface Code {
  readonly letter: string;
  readonly name: string;
  readonly isPresent: boolean;
  readonly isLate: boolean;
  readonly isEarlyLeave: boolean;
  readonly needsReason: boolean;
  /** Whether a tap goes through it; the others stand where somebody else wrote them. Absent on sheets of an older version. */
  readonly isOffered?: boolean;
}

export function isOffered(code: Code): boolean {
  return code.isOffered !== false;
}

/** Whether a letter stands for being away on the school's business: present, and neither late nor gone early. */
export function isEvent(code: Code): boolean {
  return code.isPresent && !code.isLate && !code.isEarlyLeave;
}

/** What stands in the register, as the server said last. */
export interface Standing {
  readonly version: number;
  readonly state: State;
  readonly marks: Readonly<Record<string, Mark>>;
  readonly conflicts: readonly Conflict[];
}

/** A wish that somebody else crossed: both values, for a person to choose. */
export interface Conflict {
  readonly operation: string;
  readonly pupil: number;
  readonly refusal: "changed" | "not_in_class";
  readonly yours: MarkValue;
  readonly current: MarkValue;
  readonly by: string;
  readonly at: string | null;
}

/** One tap. `base` is the version of the register that the teacher was looking at; `at` is this device's clock. */
export interface Operation extends MarkValue {
  readonly id: string;
  readonly pupil: number;
  readonly base: number;
  readonly at: string;
}

/** What is sent: taps in order, and how the whole is meant. */
export interface Save {
  readonly id: string;
  /** Whose taps these are: the server stores them for nobody else. */
  readonly author: number;
  readonly device: string;
  readonly base: number;
  readonly operations: readonly Operation[];
  readonly submit: Submit;
}

export const PRESENT: MarkValue = { letter: "", minutes_late: null, arrived: null, left: null, reason: "", note: "" };

/** The letter after this one: present, then the codes in their order, then present again. */
export function nextLetter(letter: string, codes: readonly Code[]): string {
  const letters = ["", ...codes.filter(isOffered).map((code) => code.letter)];
  return letters[(letters.indexOf(letter) + 1) % letters.length] ?? "";
}

/** A value with another letter; details that the new letter has no place for are dropped. */
export function withLetter(value: MarkValue, letter: string, codes: readonly Code[]): MarkValue {
  const code = codes.find((found) => found.letter === letter);
  if (!code) return PRESENT;
  return {
    letter,
    minutes_late: code.isLate ? value.minutes_late : null,
    arrived: code.isLate ? value.arrived : null,
    left: code.isEarlyLeave ? value.left : null,
    reason: value.reason,
    note: value.note,
  };
}

/** What a suggestion comes to when it is taken over: its letter, and its minutes where the letter is one of being late. */
export function suggested(value: MarkValue, letter: string, minutes: number | null, codes: readonly Code[]): MarkValue {
  return withLetter({ ...value, reason: "", minutes_late: minutes }, letter, codes);
}

export function sameValue(a: MarkValue, b: MarkValue): boolean {
  return (Object.keys(PRESENT) as (keyof MarkValue)[]).every((part) => a[part] === b[part]);
}

/** Only the value's own parts, whatever else the object carries. */
export function valueOf(found: MarkValue): MarkValue {
  const { letter, minutes_late, arrived, left, reason, note } = found;
  return { letter, minutes_late, arrived, left, reason, note };
}

export function makeOperation(pupil: number, value: MarkValue, base: number, now: Date): Operation {
  return { ...valueOf(value), id: newId(), pupil, base, at: now.toISOString() };
}

/** The teacher's value of each pupil as shown: what the server has, then what waits here, later taps last. */
export function overlaid(
  marks: Readonly<Record<string, Mark>>,
  operations: readonly Operation[],
): ReadonlyMap<number, MarkValue> {
  const shown = new Map<number, MarkValue>(
    Object.entries(marks).map(([pupil, mark]) => [Number(pupil), valueOf(mark)]),
  );
  for (const operation of operations) shown.set(operation.pupil, valueOf(operation));
  return shown;
}

export interface Totals {
  readonly expected: number;
  readonly present: number;
  readonly absent: number;
  /** How many carry each letter. */
  readonly byLetter: Readonly<Record<string, number>>;
}

/** What the register adds up to with these letters, one for each pupil. */
export function totalsOf(letters: readonly string[], codes: readonly Code[]): Totals {
  const byLetter: Record<string, number> = {};
  let absent = 0;
  for (const letter of letters) {
    const code = codes.find((found) => found.letter === letter);
    if (!code) continue;
    byLetter[letter] = (byLetter[letter] ?? 0) + 1;
    if (!code.isPresent) absent += 1;
  }
  return { expected: letters.length, present: letters.length - absent, absent, byLetter };
}

/** A Vietnamese name in two parts: everything before the given name, and the given name. */
export function nameParts(name: string): readonly [string, string] {
  const cut = name.lastIndexOf(" ");
  return cut < 0 ? ["", name] : [name.slice(0, cut), name.slice(cut + 1)];
}

/** The last two words of a name: enough to tell pupils of a class apart when it is read aloud. */
export function shortName(name: string): string {
  return name.split(" ").slice(-2).join(" ");
}
