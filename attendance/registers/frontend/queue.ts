import { type Conflict, type MarkValue, type Operation, overlaid, PRESENT, sameValue, type Save, type Standing, type Submit, valueOf } from "./model";

/** What one device holds of one register: taps that wait for "Gửi", saves on their way, crossings to decide. Pure. */
export interface Queue {
  readonly drafts: readonly Operation[];
  readonly saves: readonly Save[];
  readonly conflicts: readonly Conflict[];
  /** How the save was meant that met a conflict; undefined when none has been sent. */
  readonly settling: Submit | undefined;
}

export const EMPTY: Queue = { drafts: [], saves: [], conflicts: [], settling: undefined };

/** Each pupil's value as shown: what the server has, then what waits here, later taps last. */
export function shown(queue: Queue, standing: Standing): ReadonlyMap<number, MarkValue> {
  return overlaid(standing.marks, [...inSaves(queue), ...queue.drafts]);
}

/** A tap. It takes the place of an earlier unsent one of the same pupil; one that says what stands is taken back. */
export function tapped(queue: Queue, standing: Standing, operation: Operation): Queue {
  const others = queue.drafts.filter((one) => one.pupil !== operation.pupil);
  const beneath = overlaid(standing.marks, inSaves(queue)).get(operation.pupil) ?? PRESENT;
  return { ...queue, drafts: sameValue(beneath, operation) ? others : [...others, operation] };
}

/** Everything unsent becomes one save. */
export function saved(queue: Queue, save: Save): Queue {
  return { ...queue, drafts: [], saves: [...queue.saves, save] };
}

/** The server has it. */
export function stored(queue: Queue, save: Save): Queue {
  return { ...queue, saves: queue.saves.filter((one) => one.id !== save.id) };
}

/** The server did not take all of it: what is not stored waits again, so that nothing is lost. Without a standing, all. */
export function refused(queue: Queue, save: Save, standing: Standing | undefined): Queue {
  const conflicts = standing?.conflicts ?? [];
  const lost = standing ? save.operations.filter((one) => conflicts.some((found) => found.operation === one.id)) : save.operations;
  const redone = new Set([...queue.drafts, ...inSaves(stored(queue, save))].map((one) => one.pupil));
  return {
    drafts: [...lost.filter((one) => !redone.has(one.pupil)), ...queue.drafts],
    saves: queue.saves.filter((one) => one.id !== save.id),
    conflicts: joined(queue.conflicts, conflicts.filter((one) => !redone.has(one.pupil))),
    settling: standing ? save.submit : queue.settling,
  };
}

/** What stands has moved on, by somebody's hand: an unsent tap on a pupil who changed to something else is a conflict
    now, one that says the same is done. `mine` is what this device knows to be its own part of the change. */
export function crossed(queue: Queue, before: Standing, after: Standing, by: Author, mine: readonly Operation[] = []): Queue {
  const under = new Set(inSaves(queue).map((one) => one.pupil)); // their save will be told by the server itself
  const was = overlaid(before.marks, mine);
  const now = overlaid(after.marks, []);
  const open = queue.drafts.filter((one) => !under.has(one.pupil));
  const agreed = new Set(open.filter((one) => sameValue(now.get(one.pupil) ?? PRESENT, one)).map((one) => one.id));
  const told = (id: string, current: MarkValue): boolean =>
    queue.conflicts.some((conflict) => conflict.operation === id && sameValue(conflict.current, current));
  const found = open.flatMap((one): Conflict[] => {
    const current = now.get(one.pupil) ?? PRESENT;
    if (agreed.has(one.id) || told(one.id, current) || sameValue(was.get(one.pupil) ?? PRESENT, current)) return [];
    return [{ operation: one.id, pupil: one.pupil, refusal: "changed", yours: valueOf(one), current, by: by.name, at: by.at }];
  });
  const drafts = queue.drafts.filter((one) => !agreed.has(one.id));
  const waiting = new Set(drafts.map((one) => one.id));
  return { ...queue, drafts, conflicts: joined(queue.conflicts.filter((one) => waiting.has(one.operation)), found) };
}

/** Who changed something, as far as this device was told, and when. */
export interface Author {
  readonly name: string;
  readonly at: string | null;
}

/** A person has decided: `mine` is the tap again, on what stands now; without it what stands stays. */
export function settled(queue: Queue, conflict: Conflict, mine: Operation | undefined): Queue {
  const others = queue.drafts.filter((one) => one.pupil !== conflict.pupil);
  const conflicts = queue.conflicts.filter((one) => one.pupil !== conflict.pupil);
  return { ...queue, drafts: mine ? [...others, mine] : others, conflicts };
}

function inSaves(queue: Queue): readonly Operation[] {
  return queue.saves.flatMap((save) => save.operations);
}

/** One conflict a pupil: the later one knows more. */
function joined(old: readonly Conflict[], later: readonly Conflict[]): readonly Conflict[] {
  const pupils = new Set(later.map((one) => one.pupil));
  return [...old.filter((one) => !pupils.has(one.pupil)), ...later];
}
