import { request } from "@app/api";
import { deliver, type Delivery, type Verdict } from "@app/delivery";
import { newId, openOutbox, type Operation as Queued, type Outbox } from "@app/outbox";
import type { Failure } from "@app/result";
import { isRecord } from "@app/result";
import type { LinkState } from "@app/socket";
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import {
  type Code,
  type Conflict,
  makeOperation,
  type Mark,
  type MarkValue,
  type Operation,
  overlaid,
  PRESENT,
  type Pupil,
  sameValue,
  type Save,
  type Standing,
  type Submit,
} from "./model";
import { t } from "./words";

export interface SheetData {
  readonly register: number;
  readonly user: number;
  readonly className: string;
  readonly pupils: readonly Pupil[];
  readonly codes: readonly Code[];
  readonly standing: Standing;
  readonly suggestions: Readonly<Record<string, readonly Suggestion[]>>;
  /** Reasons of approved excuses that cover a pupil's absence here; the mark itself stays what it is. */
  readonly excused: Readonly<Record<string, string>>;
  readonly mayTake: boolean;
  readonly mayCorrect: boolean;
  readonly isClosed: boolean;
  readonly urls: { readonly state: string; readonly save: string; readonly correct: string; readonly signIn: string };
}

/** Something known of a pupil, in the school's order; `letter` null speaks for being there. Never a mark by itself. */
export interface Suggestion {
  readonly kind: string;
  readonly words: string;
  readonly letter: string | null;
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
  readonly drafts = signal<readonly Operation[]>([]);
  readonly sending = signal<readonly Save[]>([]);
  readonly conflicts = signal<readonly Conflict[]>([]);
  readonly link = signal<LinkState>("online");
  readonly problem = signal("");
  /** The last save that the server took, to tell the person once. */
  readonly stored = signal<Submit | undefined>(undefined);
  /** Suggestions that were waved away on this device, as "pupil:kind". */
  readonly dismissed = signal<ReadonlySet<string>>(new Set());
  readonly values: ReadonlySignal<ReadonlyMap<number, MarkValue>>;
  readonly pending: ReadonlySignal<number>;
  durable = true;

  private readonly device = deviceId();
  private draftBox!: Outbox<Operation>;
  private delivery!: Delivery<Save>;
  private failure: Failure | undefined;
  private settling: Submit = "";

  private constructor(readonly data: SheetData) {
    this.standing = signal<Standing>(data.standing);
    this.values = computed(() =>
      overlaid(this.standing.value.marks, [
        ...this.sending.value.flatMap((save) => save.operations),
        ...this.drafts.value,
      ]),
    );
    this.pending = computed(() => this.sending.value.length);
  }

  /** Opens the sheet with what this person left on this device, and sends what was on its way. */
  static async open(data: SheetData): Promise<SheetStore> {
    const store = new SheetStore(data);
    const scope = `user:${data.user}/register:${data.register}`;
    const queue = await openOutbox<Save>(scope);
    store.draftBox = await openOutbox<Operation>(`${scope}/draft`);
    store.durable = queue.durable;
    store.dismissed.value = new Set(readDismissed(scope));
    store.drafts.value = (await store.draftBox.list()).map((row) => row.payload);
    store.sending.value = (await queue.list()).map((row) => row.payload);
    store.delivery = await deliver(queue, (row) => store.send(row), (row) => void store.putBack(row.payload));
    void store.delivery.flush();
    store.watch();
    return store;
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

  /** What is still suggested of a pupil: not what was dismissed, and no letter once something was said. */
  suggestionsOf(pupil: number): readonly Suggestion[] {
    const said = this.letterOf(pupil) !== "";
    return (this.data.suggestions[String(pupil)] ?? []).filter(
      (one) => !this.dismissed.value.has(`${pupil}:${one.kind}`) && !(said && one.letter !== null),
    );
  }

  /** Waves a suggestion away on this device; nothing is stored anywhere else. */
  dismiss(pupil: number, kind: string): void {
    this.dismissed.value = new Set([...this.dismissed.value, `${pupil}:${kind}`]);
    writeDismissed(`user:${this.data.user}/register:${this.data.register}`, [...this.dismissed.value]);
  }

  /** Writes a tap down on this device; it is sent with the next save. A tap that says what stands is taken back. */
  async mark(pupil: number, value: MarkValue): Promise<void> {
    const old = this.drafts.value.filter((operation) => operation.pupil === pupil);
    const others = this.drafts.value.filter((operation) => operation.pupil !== pupil);
    const beneath = overlaid(
      this.standing.value.marks,
      this.sending.value.flatMap((save) => save.operations),
    );
    const operation = makeOperation(pupil, value, this.standing.value.version, new Date());
    const isNew = !sameValue(beneath.get(pupil) ?? PRESENT, value);
    this.drafts.value = isNew ? [...others, operation] : others;
    if (isNew) await this.draftBox.put({ id: operation.id, payload: operation, queuedAt: Date.now() });
    for (const one of old) await this.draftBox.remove(one.id);
  }

  /** Makes everybody present; returns what takes it back. */
  async markAllPresent(): Promise<() => void> {
    const before = [...this.values.value].filter(([, value]) => value.letter !== "");
    for (const [pupil] of before) await this.mark(pupil, PRESENT);
    return () => void this.restore(before);
  }

  /** Queues everything for the server. Safe on this device when it resolves; sent as soon as there is a connection. */
  async save(submit: Submit): Promise<void> {
    const operations = this.drafts.value;
    const save: Save = { id: newId(), device: this.device, base: this.standing.value.version, operations, submit };
    this.problem.value = "";
    this.sending.value = [...this.sending.value, save];
    this.drafts.value = [];
    await this.delivery.submit({ id: save.id, payload: save, queuedAt: Date.now() });
    for (const operation of operations) await this.draftBox.remove(operation.id);
  }

  /** Decides a conflict: keep one's own value over what stands now, or leave what stands. The last one saves again. */
  async settle(conflict: Conflict, keepMine: boolean): Promise<void> {
    if (keepMine) await this.mark(conflict.pupil, conflict.yours);
    else await this.forget(conflict.pupil);
    this.conflicts.value = this.conflicts.value.filter((found) => found !== conflict);
    if (this.conflicts.value.length === 0) await this.save(this.settling);
  }

  /** Stores a correction by the office; returns what is wrong, or "" when it is stored. */
  async correct(correction: Correction): Promise<string> {
    const body = { ...correction, id: newId(), device: this.device, base: this.standing.value.version };
    const result = await request<Standing>(this.data.urls.correct, { body, retries: 3 });
    if (result.ok) this.standing.value = result.value;
    else await this.refresh();
    return result.ok ? "" : result.message || t("Chưa sửa được. Hãy kiểm tra kết nối rồi thử lại.");
  }

  retry(): void {
    void this.delivery.flush();
    void this.refresh();
  }

  // --- sending ---

  private async send(row: Queued<Save>): Promise<Verdict> {
    const result = await request<Standing>(this.data.urls.save, { body: row.payload });
    if (result.ok) {
      this.arrived(row.payload, result.value);
      this.stored.value = row.payload.submit;
      return "stored";
    }
    this.failure = result;
    this.link.value = linkAfter(result);
    return isFinal(result) ? "refused" : "later";
  }

  private arrived(save: Save, standing: Standing): void {
    this.link.value = "online";
    this.sending.value = this.sending.value.filter((found) => found.id !== save.id);
    this.standing.value = standing;
  }

  /** A save that the server will not take: what was not stored is a draft again, so that nothing is lost. */
  private async putBack(save: Save): Promise<void> {
    const failure = this.failure;
    const standing = failure?.kind === "conflict" ? standingIn(failure.current) : undefined;
    const lost = standing
      ? save.operations.filter((one) => standing.conflicts.some((found) => found.operation === one.id))
      : save.operations;
    for (const one of lost) await this.draftBox.put({ id: one.id, payload: one, queuedAt: Date.now() });
    const redone = new Set(this.drafts.value.map((one) => one.pupil));
    this.drafts.value = [...lost.filter((one) => !redone.has(one.pupil)), ...this.drafts.value];
    this.arrived(save, standing ?? this.standing.value);
    this.conflicts.value = standing?.conflicts ?? [];
    this.settling = save.submit;
    this.problem.value = standing ? "" : failure?.message || t("Máy chủ không nhận. Hãy tải lại trang rồi gửi lại.");
  }

  private async forget(pupil: number): Promise<void> {
    const mine = this.drafts.value.filter((operation) => operation.pupil === pupil);
    this.drafts.value = this.drafts.value.filter((operation) => operation.pupil !== pupil);
    for (const one of mine) await this.draftBox.remove(one.id);
  }

  private async restore(before: readonly (readonly [number, MarkValue])[]): Promise<void> {
    for (const [pupil, value] of before) await this.mark(pupil, value);
  }

  // --- what others do meanwhile ---

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
    const url = `${this.data.urls.state}?since=${this.standing.value.version}`;
    const result = await request<Standing | undefined>(url);
    if (!result.ok) this.link.value = linkAfter(result);
    else {
      this.link.value = "online";
      if (result.value && result.value.version > this.standing.value.version) this.standing.value = result.value;
    }
  }
}

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

/** Whether sending the same again can only get the same answer. */
function isFinal(failure: Failure): boolean {
  return failure.kind === "conflict" || failure.kind === "invalid" || failure.kind === "not_found";
}

function linkAfter(failure: Failure): LinkState {
  if (failure.kind === "signed_out") return "refused";
  return failure.kind === "unreachable" ? "offline" : "online";
}

function standingIn(current: unknown): Standing | undefined {
  return isRecord(current) && Array.isArray(current["conflicts"]) ? (current as unknown as Standing) : undefined;
}

/** A random name that this device gives itself, so that its own taps never look like somebody else's. */
function deviceId(): string {
  try {
    const known = localStorage.getItem("bx-device") ?? newId();
    localStorage.setItem("bx-device", known);
    return known;
  } catch {
    return newId();
  }
}
