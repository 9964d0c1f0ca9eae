import { request } from "@app/api";
import { deliver, type Delivery, type Verdict } from "@app/delivery";
import { newId, openOutbox, type Operation as Queued, type Outbox, passingOutbox } from "@app/outbox";
import type { Failure, Result } from "@app/result";
import { isRecord } from "@app/result";
import type { LinkState } from "@app/socket";
import { canSeal, type Vault, whoIsSignedIn } from "@app/vault";
import { signal } from "@preact/signals";
import type { Conflict, Operation, Save, Standing, Submit } from "./model";
import { EMPTY, type Queue, refused, stored } from "./queue";
import { t } from "./words";

interface KeptConflict {
  readonly conflict: Conflict;
  readonly settling: Submit | undefined;
}

/** The queue of one register for one person on this device: kept until the server has it, and sent from any page. */
export class RegisterDesk {
  readonly queue = signal<Queue>(EMPTY);
  readonly link = signal<LinkState>("online");
  readonly problem = signal("");
  /** Told when the server took a save, wholly or but for its conflicts; gives back the queue as it is on what stands now. */
  onAnswer: (save: Save, standing: Standing, isWhole: boolean, queue: Queue) => Queue = (_save, _standing, _isWhole, queue) => queue;
  durable = true;
  private drafts!: Outbox<Operation>;
  private conflicts!: Outbox<KeptConflict>;
  private delivery!: Delivery<Save>;
  private failure: Failure | undefined;
  /** The register of a period that had none when this device kept it. */
  private made: number | undefined;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly user: number,
    readonly register: number,
  ) {}

  /** Opens what this person left here for this register. Nothing is sent before `flush`. */
  static async open(user: number, register: number, vault: Vault | undefined): Promise<RegisterDesk> {
    const desk = new RegisterDesk(user, register);
    const open = <P>(part: string): Promise<Outbox<P>> => box<P>(`${scopeOf(user, register)}${part}`, user, vault);
    const saves = await open<Save>("");
    desk.drafts = await open<Operation>("/draft");
    desk.conflicts = await open<KeptConflict>("/conflict");
    desk.durable = saves.durable;
    const kept = (await desk.conflicts.list()).map((row) => row.payload);
    const drafts = (await desk.drafts.list()).map((row) => row.payload);
    const waiting = new Set(drafts.map((one) => one.id));
    desk.queue.value = {
      drafts,
      saves: (await saves.list()).map((row) => row.payload),
      conflicts: kept.map((one) => one.conflict).filter((one) => waiting.has(one.operation)),
      settling: kept[kept.length - 1]?.settling,
    };
    desk.delivery = await deliver(saves, (row) => desk.send(row), (row) => desk.putBack(row.payload));
    return desk;
  }

  flush(): Promise<void> {
    return this.delivery.flush();
  }

  stop(): void {
    this.delivery.stop();
  }

  /** Moves to another state of the queue; safe on this device when it resolves. */
  async become(next: Queue): Promise<void> {
    const before = this.queue.value;
    this.queue.value = next;
    // One after the other: a removal must not overtake the writing of the same tap.
    this.writing = this.writing.then(() => this.write(before, next));
    await this.writing;
  }

  private async write(before: Queue, next: Queue): Promise<void> {
    const kept = (queue: Queue): KeptConflict[] =>
      queue.conflicts.map((conflict) => ({ conflict, settling: queue.settling }));
    await keepDifference(this.drafts, before.drafts, next.drafts);
    await keepDifference(this.conflicts, kept(before), kept(next), (one) => one.conflict.operation);
  }

  /** Queues a save in place of the taps in it, and begins to send. Safe on this device when it resolves. */
  async submit(save: Save, next: Queue): Promise<void> {
    this.problem.value = "";
    this.queue.value = { ...next, drafts: this.queue.value.drafts };
    await this.delivery.submit({ id: save.id, payload: save, queuedAt: Date.now() });
    await this.become({ ...this.queue.value, drafts: this.queue.value.drafts.filter((one) => !save.operations.includes(one)) });
  }

  // --- sending ---

  private async send(row: Queued<Save>): Promise<Verdict> {
    let result = await this.post(row.payload);
    if (!result.ok && (result.kind === "invalid" || result.kind === "not_found")) {
      // Perhaps only the page's token is of an earlier sign-in, or of none, or somebody else has signed in here since.
      const who = await whoIsSignedIn();
      if (!who.ok) return this.later(linkAfter(who));
      if (who.value.user !== this.user) return this.later("refused");
      result = await this.post(row.payload);
    }
    if (result.ok) {
      this.link.value = "online";
      await this.become(this.onAnswer(row.payload, result.value, true, stored(this.queue.value, row.payload)));
      return "stored";
    }
    this.failure = result;
    return isFinal(result) ? "refused" : this.later(linkAfter(result));
  }

  /** Sends a save; the register of a period that was kept ahead is made first, by whoever comes first. */
  private async post(save: Save): Promise<Result<Standing>> {
    if (this.register < 0 && this.made === undefined) {
      const made = await request<{ readonly register: number }>("/registers/device/period", { body: { period: -this.register } });
      if (!made.ok) return made;
      this.made = made.value.register;
    }
    return request<Standing>(`/registers/${this.made ?? this.register}/save`, { body: save });
  }

  private later(link: LinkState): Verdict {
    this.link.value = link;
    return "later";
  }

  private async putBack(save: Save): Promise<void> {
    const failure = this.failure;
    const standing = failure?.kind === "conflict" ? standingIn(failure.current) : undefined;
    this.link.value = "online";
    this.problem.value = standing ? "" : failure?.message || t("Máy chủ không nhận. Hãy tải lại trang rồi gửi lại.");
    const queue = refused(this.queue.value, save, standing);
    await this.become(standing ? this.onAnswer(save, standing, false, queue) : queue);
  }
}

/** Where a person's things of a register are queued. */
export function scopeOf(user: number, register: number): string {
  return `user:${user}/register:${register}`;
}

/** Where a browser can encrypt, nothing lies here in the open: without the key the queue dies with the page, and says so.
    A school without HTTPS keeps the queue as it is; its browsers can do no better. */
function box<P>(scope: string, user: number, vault: Vault | undefined): Promise<Outbox<P>> {
  if (vault?.user === user) return openOutbox<P>(scope, vault);
  return canSeal() ? Promise.resolve(passingOutbox<P>()) : openOutbox<P>(scope);
}

async function keepDifference<P>(
  outbox: Outbox<P>,
  before: readonly P[],
  after: readonly P[],
  idOf: (one: P) => string = (one) => (one as { readonly id: string }).id,
): Promise<void> {
  const kept = new Set(before.map(idOf));
  const wanted = new Set(after.map(idOf));
  for (const one of after) {
    if (!kept.has(idOf(one))) await outbox.put({ id: idOf(one), payload: one, queuedAt: Date.now() });
  }
  for (const one of before) if (!wanted.has(idOf(one))) await outbox.remove(idOf(one));
}

/** Whether sending the same again can only get the same answer. */
function isFinal(failure: Failure): boolean {
  return failure.kind === "conflict" || failure.kind === "invalid" || failure.kind === "not_found";
}

export function linkAfter(failure: Failure): LinkState {
  if (failure.kind === "signed_out") return "refused";
  return failure.kind === "unreachable" ? "offline" : "online";
}

function standingIn(current: unknown): Standing | undefined {
  return isRecord(current) && Array.isArray(current["conflicts"]) ? (current as unknown as Standing) : undefined;
}

/** A random name that this device gives itself, so that its own taps never look like somebody else's. */
export function deviceId(): string {
  try {
    const known = localStorage.getItem("bx-device") ?? newId();
    localStorage.setItem("bx-device", known);
    return known;
  } catch {
    return newId();
  }
}
