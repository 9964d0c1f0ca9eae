import { type ReadonlySignal, signal } from "@preact/signals";
import type { Operation, Outbox } from "./outbox";
import { backoff, wait } from "./pace";

/** What the server said to one operation. "later": no answer, or not now; it stays queued and is sent again. */
export type Verdict = "stored" | "refused" | "later";

export interface Delivery<Payload> {
  /** How many operations wait on this device. */
  readonly pending: ReadonlySignal<number>;
  /** Queues an operation and starts sending. Resolves when it is safe on this device, not when it is sent. */
  submit(operation: Operation<Payload>): Promise<void>;
  /** Sends what is queued, oldest first. Call it on start and when the connection is back. */
  flush(): Promise<void>;
  stop(): void;
}

/** Sends the queue one operation at a time, in order, until all are stored. `send` must carry the operation's id, since
    a lost acknowledgement means sending twice. A refused operation is handed to `onRefused` before it is dropped. */
export async function deliver<Payload>(
  outbox: Outbox<Payload>,
  send: (operation: Operation<Payload>) => Promise<Verdict>,
  onRefused: (operation: Operation<Payload>) => void | Promise<void>,
): Promise<Delivery<Payload>> {
  const pending = signal((await outbox.list()).length);
  let running: Promise<void> | undefined;
  let again = false;
  let wake: () => void = () => undefined;
  let stopped = false;

  async function recount(): Promise<void> {
    pending.value = (await outbox.list()).length;
  }

  /** Sends one; says whether to go on at once. */
  async function sendOne(operation: Operation<Payload>): Promise<boolean> {
    const verdict = await send(operation).catch((): Verdict => "later");
    if (verdict === "later") return false;
    if (verdict === "refused") await onRefused(operation);
    await outbox.remove(operation.id);
    await recount();
    return true;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopped) {
      again = false;
      const [next] = await outbox.list();
      if (!next) {
        if (again) continue;
        // In the same breath as the look at `again`: a flush from here on starts a new run.
        running = undefined;
        return;
      }
      if (await sendOne(next)) failures = 0;
      else await pause((failures += 1));
    }
  }

  /** Waits before the next try; a flush (the connection is back) ends the wait. */
  function pause(failures: number): Promise<void> {
    return Promise.race([wait(backoff(failures)), new Promise<void>((resolve) => (wake = resolve))]);
  }

  function flush(): Promise<void> {
    again = true;
    wake();
    running ??= run();
    return running;
  }

  return {
    pending,
    async submit(operation) {
      await outbox.put(operation);
      await recount();
      void flush();
    },
    flush,
    stop() {
      stopped = true;
      wake();
    },
  };
}
