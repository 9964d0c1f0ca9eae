import { type ReadonlySignal, computed, signal } from "@preact/signals";
import { deliver, type Delivery, type Verdict } from "@app/delivery";
import { newId, openOutbox, type Operation } from "@app/outbox";
import type { Failure, Result } from "@app/result";
import { type Activity, isSameAnswer, type OwnAnswer } from "../../ledger/frontend/stage";

/** What a device sends for one tap; `uuid` is the operation's id. */
export interface Tap {
  readonly activity: number;
  readonly round: number;
  readonly uuid: string;
  readonly answer: readonly string[];
  readonly made: number;
}

export type Saved = "nothing" | "sending" | "stored";

export interface OwnAnswers {
  readonly pending: ReadonlySignal<number>;
  /** Whether what waits would survive closing the page. */
  readonly durable: boolean;
  /** What the server refused last, in its words; empty when nothing was. */
  readonly refusal: ReadonlySignal<string>;
  /** The server's word on which answer stands. An older one than known changes nothing. */
  heard(mine: OwnAnswer | null): void;
  give(activity: Activity, answer: readonly string[]): Promise<void>;
  /** The answer to show as chosen: what still waits here, else what is stored. */
  chosen(activity: Activity): readonly string[];
  saved(activity: Activity): Saved;
  /** Which share of the points the stored answer earns; null before the server has said it. */
  share(activity: Activity): number | null;
  /** The id of the answer that is shown as chosen, null without one. */
  uuid(activity: Activity): string | null;
  /** The stored answer came after the close. */
  isLate(activity: Activity): boolean;
  flush(): void;
}

type Send = (tap: Tap) => Promise<Result<{ mine: OwnAnswer }>>;

/** A pupil's answers on this device: first into the outbox, then to the server, and "stored" only when it says so. */
export async function ownAnswers(lesson: number, pupil: number | "guest", send: Send): Promise<OwnAnswers> {
  const outbox = await openOutbox<Tap>(`lesson:${lesson}/pupil:${pupil}`);
  const stored = signal<OwnAnswer | null>(null);
  const waiting = signal<readonly Tap[]>((await outbox.list()).map((operation) => operation.payload));
  const refusal = signal("");

  function heard(mine: OwnAnswer | null): void {
    const known = stored.value;
    const isSame = known && mine && known.activity === mine.activity && known.round === mine.round;
    if (!isSame || mine.version >= known.version) stored.value = mine;
  }

  async function sendOne(operation: Operation<Tap>): Promise<Verdict> {
    const result = await send(operation.payload);
    const verdict = result.ok ? "stored" : verdictOn(result);
    if (result.ok) heardOfTap(operation.payload, result.value.mine);
    else if (verdict === "refused") refusal.value = result.message;
    if (verdict !== "later") waiting.value = waiting.value.filter((tap) => tap.uuid !== operation.id);
    return verdict;
  }

  /** An acknowledgement of an older question's answer must not hide what is known of the present one. */
  function heardOfTap(tap: Tap, mine: OwnAnswer): void {
    const known = stored.value;
    if (!known || known.activity <= tap.activity) heard(mine);
  }

  const delivery: Delivery<Tap> = await deliver(outbox, sendOne, () => undefined);

  const ofActivity = (activity: Activity) =>
    waiting.value.filter((tap) => tap.activity === activity.id && tap.round === activity.round);
  const storedFor = (activity: Activity) => {
    const mine = stored.value;
    return mine && mine.activity === activity.id && mine.round === activity.round ? mine : null;
  };

  return {
    pending: computed(() => waiting.value.length),
    durable: outbox.durable,
    refusal,
    heard,
    async give(activity, answer) {
      const stored = storedFor(activity);
      // A second tap on what is stored already says nothing new, and what was said of that answer (sure?) still holds.
      if (stored && !stored.late && ofActivity(activity).length === 0 && isSameAnswer(stored.answer, answer)) return;
      const tap: Tap = { activity: activity.id, round: activity.round, uuid: newId(), answer, made: Date.now() };
      refusal.value = "";
      waiting.value = [...waiting.value, tap];
      await delivery.submit({ id: tap.uuid, payload: tap, queuedAt: tap.made });
    },
    chosen: (activity) => last(ofActivity(activity))?.answer ?? storedFor(activity)?.answer ?? [],
    saved: (activity) => {
      if (ofActivity(activity).length > 0) return "sending";
      return storedFor(activity) ? "stored" : "nothing";
    },
    share: (activity) => storedFor(activity)?.share ?? null,
    uuid: (activity) => last(ofActivity(activity))?.uuid ?? storedFor(activity)?.uuid ?? null,
    isLate: (activity) => storedFor(activity)?.late ?? false,
    flush: () => void delivery.flush(),
  };
}

/** Whether to try again. What can never be stored is dropped, and the person is told. */
function verdictOn(failure: Failure): Verdict {
  return ["invalid", "conflict", "not_found"].includes(failure.kind) ? "refused" : "later";
}

function last(taps: readonly Tap[]): Tap | undefined {
  return taps[taps.length - 1];
}
