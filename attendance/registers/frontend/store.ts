import { request } from "@app/api";
import { newId } from "@app/outbox";
import type { LinkState } from "@app/socket";
import type { Vault } from "@app/vault";
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { deviceId, linkAfter, RegisterDesk, scopeOf } from "./desk";
import { type LiveSheet, type OthersTaps, openLive, type Sighting } from "./live";
import {
  type Code,
  type Conflict,
  isOffered,
  makeOperation,
  type Mark,
  type MarkValue,
  type Operation,
  PRESENT,
  type Pupil,
  type Save,
  type Standing,
  type Submit,
} from "./model";
import { type Author, crossed, type Queue, saved, settled, shown, tapped } from "./queue";
import { suggestionOf } from "./sighting";
import { t } from "./words";

export interface SheetData {
  /** The register's id; below zero a period of which there was no register when the device kept its sheet. */
  readonly register: number;
  readonly user: number;
  readonly classId?: number;
  readonly className: string;
  /** Which session or period of which day, in words. */
  readonly title: string;
  /** The register's day, as "2026-10-05", and its place in the day. */
  readonly day: string;
  readonly slot: number;
  readonly pupils: readonly Pupil[];
  /** How the class sits on the day; a sheet that a device kept before it knew of seats has none. */
  readonly seats?: Seats | null;
  /** Where the class's photographs are; null where the school keeps none, absent where nobody has asked. */
  readonly photos?: string | null;
  readonly codes: readonly Code[];
  readonly standing: Standing;
  readonly suggestions: Readonly<Record<string, readonly Suggestion[]>>;
  /** Which kind of suggestion comes first at this school, and as of when they are; absent on sheets of an older version. */
  readonly order?: readonly string[];
  readonly asOf?: string;
  /** Reasons of approved excuses that cover a pupil's absence here; the mark itself stays what it is. */
  readonly excused: Readonly<Record<string, string>>;
  readonly mayTake: boolean;
  readonly mayCorrect: boolean;
  readonly isClosed: boolean;
  readonly urls: { readonly state: string; readonly save: string; readonly correct: string; readonly signIn: string };
}

/** The size of the room and [pupil, row, column] of everybody with a seat; rows count from the board, columns from the left. */
export interface Seats {
  readonly rows: number;
  readonly columns: number;
  readonly places: readonly (readonly [number, number, number])[];
}

/** Something known of a pupil, in the school's order; `letter` null speaks for being there. Never a mark by itself. */
export interface Suggestion {
  readonly kind: string;
  readonly words: string;
  readonly letter: string | null;
  /** Minutes late that go with the letter; absent on sheets kept by an older version. */
  readonly minutes?: number | null;
}

export interface Correction {
  readonly pupil: number;
  readonly letter: string;
  readonly why: string;
}

const POLL = 15_000;

/** The state of one sheet on this device: what the server has, taps that wait for "Gửi", saves on their way. */
export class SheetStore {
  readonly standing;
  readonly drafts: ReadonlySignal<readonly Operation[]>;
  readonly sending: ReadonlySignal<readonly Save[]>;
  readonly conflicts: ReadonlySignal<readonly Conflict[]>;
  readonly link;
  readonly problem;
  /** The last save that the server took, to tell the person once. */
  readonly stored = signal<Submit | undefined>(undefined);
  /** Suggestions that were waved away on this device, as "pupil:kind". */
  readonly dismissed = signal<ReadonlySet<string>>(new Set());
  readonly values: ReadonlySignal<ReadonlyMap<number, MarkValue>>;
  readonly pending: ReadonlySignal<number>;
  /** What others tap on this register right now and have not sent. */
  readonly others = signal<readonly OthersTaps[]>([]);
  private readonly device = deviceId();
  /** What came in since the page was made: the gate's word on a pupil, in place of what it said before. */
  private readonly seen = signal<ReadonlyMap<number, Suggestion>>(new Map());
  private live: LiveSheet | undefined;

  private constructor(
    readonly data: SheetData,
    readonly desk: RegisterDesk,
  ) {
    const { queue } = desk;
    this.standing = signal<Standing>(data.standing);
    this.link = desk.link;
    this.problem = desk.problem;
    this.drafts = computed(() => queue.value.drafts);
    this.sending = computed(() => queue.value.saves);
    this.conflicts = computed(() => queue.value.conflicts);
    this.values = computed(() => shown(queue.value, this.standing.value));
    this.pending = computed(() => queue.value.saves.length);
    desk.onAnswer = (save, standing, isWhole, queue) => this.arrived(save, standing, isWhole, queue);
  }

  /** Opens the sheet with what this person left on this device, and sends what was on its way. */
  static async open(data: SheetData, vault?: Vault): Promise<SheetStore> {
    const store = new SheetStore(data, await RegisterDesk.open(data.user, data.register, vault));
    store.dismissed.value = new Set(readDismissed(scopeOf(data.user, data.register)));
    void store.desk.flush();
    store.watch();
    return store;
  }

  get durable(): boolean {
    return this.desk.durable;
  }

  /** Lets others who have this register open see the taps made here, and shows theirs. */
  goLive(): void {
    if (this.data.register < 0) return;
    this.live ??= openLive(this.data.register, this.data.user, this.device, {
      taps: (others) => (this.others.value = others),
      standing: (standing, by) => void this.follow(standing, by),
      seen: (sightings) => this.see(sightings),
      mine: () => this.drafts.value.map((one) => ({ pupil: one.pupil, letter: one.letter })),
    });
  }

  /** The letter that counts for a pupil: the office's correction, else what the teacher says here. */
  letterOf(pupil: number): string {
    return this.markOf(pupil)?.office ?? this.valueOf(pupil).letter;
  }

  valueOf(pupil: number): MarkValue {
    return this.values.value.get(pupil) ?? PRESENT;
  }

  markOf(pupil: number): Mark | undefined {
    return this.standing.value.marks[String(pupil)];
  }

  isDraft(pupil: number): boolean {
    return this.drafts.value.some((operation) => operation.pupil === pupil);
  }

  /** What others tap on a pupil and have not sent: their names and letters. */
  othersOn(pupil: number): readonly { readonly name: string; readonly letter: string }[] {
    return this.others.value.flatMap((other) =>
      other.taps.filter((tap) => tap.pupil === pupil).map((tap) => ({ name: other.name, letter: tap.letter })),
    );
  }

  /** What is still suggested of a pupil: not what was dismissed, and no letter once something was said. */
  suggestionsOf(pupil: number): readonly Suggestion[] {
    const said = this.letterOf(pupil) !== "";
    return this.knownOf(pupil).filter(
      (one) => !this.dismissed.value.has(`${pupil}:${one.kind}`) && !(said && (one.letter !== null || one.kind === "outing")),
    );
  }

  private knownOf(pupil: number): readonly Suggestion[] {
    const known = this.data.suggestions[String(pupil)] ?? [];
    const seen = this.seen.value.get(pupil);
    if (!seen) return known;
    const place = (one: Suggestion): number => this.data.order?.indexOf(one.kind) ?? 0;
    return [...known.filter((one) => one.kind !== seen.kind), seen].sort((one, other) => place(one) - place(other));
  }

  /** Somebody of the class came through a gate: it is suggested, at once, and marks nobody. */
  see(sightings: readonly Sighting[]): void {
    const late = this.data.codes.find((code) => code.isLate && isOffered(code))?.letter ?? null;
    this.seen.value = new Map([...this.seen.value, ...sightings.map((one) => [one.pupil, suggestionOf(one, late)] as const)]);
  }

  /** Waves a suggestion away on this device; nothing is stored anywhere else. */
  dismiss(pupil: number, kind: string): void {
    this.dismissed.value = new Set([...this.dismissed.value, `${pupil}:${kind}`]);
    writeDismissed(scopeOf(this.data.user, this.data.register), [...this.dismissed.value]);
  }

  /** Writes a tap down on this device; it is sent with the next save. A tap that says what stands is taken back. */
  async mark(pupil: number, value: MarkValue): Promise<void> {
    const operation = makeOperation(pupil, value, this.standing.value.version, new Date());
    const kept = this.desk.become(tapped(this.desk.queue.value, this.standing.value, operation));
    this.live?.announce();
    await kept;
  }

  /** Makes everybody present; returns what takes it back. */
  async markAllPresent(): Promise<() => void> {
    const before = [...this.values.value].filter(([, value]) => value.letter !== "");
    for (const [pupil] of before) await this.mark(pupil, PRESENT);
    return () => void this.restore(before);
  }

  /** Queues everything for the server. Safe on this device when it resolves; sent as soon as there is a connection. */
  async save(submit: Submit): Promise<void> {
    const base = this.standing.value.version;
    const author = this.data.user;
    const save: Save = { id: newId(), author, device: this.device, base, operations: this.drafts.value, submit };
    await this.desk.submit(save, saved(this.desk.queue.value, save));
    this.live?.announce();
  }

  /** Decides a conflict: keep one's own value over what stands now, or leave what stands. The last one saves again. */
  async settle(conflict: Conflict, keepMine: boolean): Promise<void> {
    const mine = makeOperation(conflict.pupil, conflict.yours, this.standing.value.version, new Date());
    await this.desk.become(settled(this.desk.queue.value, conflict, keepMine ? mine : undefined));
    this.live?.announce();
    const { conflicts, settling } = this.desk.queue.value;
    if (conflicts.length > 0 || settling === undefined) return;
    await this.desk.become({ ...this.desk.queue.value, settling: undefined });
    await this.save(settling);
  }

  /** Stores a correction by the office; returns what is wrong, or "" when it is stored. */
  async correct(correction: Correction): Promise<string> {
    const body = { ...correction, id: newId(), device: this.device, base: this.standing.value.version };
    const result = await request<Standing>(this.data.urls.correct, { body, retries: 3 });
    if (result.ok) this.standing.value = result.value;
    else await this.refresh();
    return result.ok ? "" : result.message || t("Chưa sửa được. Hãy kiểm tra kết nối rồi thử lại.");
  }

  /** Drops what is tapped here and cannot be sent any more: a person has seen it and decided so. */
  async dropDrafts(): Promise<void> {
    await this.desk.become({ ...this.desk.queue.value, drafts: [], conflicts: [], settling: undefined });
    this.live?.announce();
  }

  retry(): void {
    void this.desk.flush();
    void this.refresh();
    this.live?.retry();
  }

  // --- what the server says ---

  /** An answer to a save of this device: its own part of the change surprises nobody here. */
  private arrived(save: Save, standing: Standing, isWhole: boolean, queue: Queue): Queue {
    const before = this.standing.value;
    if (isWhole) this.stored.value = save.submit;
    if (standing.version < before.version) return queue; // somebody else's change was told first
    this.standing.value = standing;
    return crossed(queue, before, standing, NOBODY, save.operations);
  }

  /** What stands has moved on by somebody else's hand. */
  private async follow(standing: Standing, by: Author): Promise<void> {
    const before = this.standing.value;
    if (standing.version <= before.version) return;
    this.standing.value = standing;
    await this.desk.become(crossed(this.desk.queue.value, before, standing, by));
    this.live?.announce();
  }

  private async restore(before: readonly (readonly [number, MarkValue])[]): Promise<void> {
    for (const [pupil, value] of before) await this.mark(pupil, value);
  }

  private watch(): void {
    window.addEventListener("online", () => this.retry());
    window.addEventListener("offline", () => {
      this.link.value = "offline";
    });
    setInterval(() => {
      if (document.visibilityState === "visible" && this.sending.value.length === 0) void this.refresh();
    }, POLL);
  }

  private async refresh(): Promise<void> {
    if (this.data.urls.state === "") return; // nobody has made this register yet
    const url = `${this.data.urls.state}?since=${this.standing.value.version}`;
    const result = await request<Standing | undefined>(url);
    if (!result.ok) this.link.value = linkAfter(result);
    else {
      this.link.value = "online" satisfies LinkState;
      if (result.value) await this.follow(result.value, NOBODY);
    }
  }
}

/** Somebody of whom only the deed is known. */
const NOBODY: Author = { name: "", at: null };

function readDismissed(scope: string): string[] {
  try {
    const known: unknown = JSON.parse(sessionStorage.getItem(`bx-dismissed/${scope}`) ?? "[]");
    return Array.isArray(known) ? known.map(String) : [];
  } catch {
    return [];
  }
}

function writeDismissed(scope: string, keys: readonly string[]): void {
  try {
    sessionStorage.setItem(`bx-dismissed/${scope}`, JSON.stringify(keys));
  } catch {
    // Without storage it is shown again after a reload: a suggestion too many does no harm.
  }
}
