import { type ReadonlySignal, signal } from "@preact/signals";
import { backoff } from "./pace";
import { failure, type FailureKind, isRecord, type Result, success } from "./result";
import { announceSignedOut } from "./signed-out";
import { openWire, type Wire } from "./wire";

/** "refused": this device is no longer let in (signed out, revoked); it does not try again by itself. */
export type LinkState = "connecting" | "online" | "offline" | "refused";

export interface Link {
  readonly state: ReadonlySignal<LinkState>;
  /** Listens to an event; returns how to stop. */
  on<T>(event: string, handler: (payload: T) => void): () => void;
  /** Sends an event and resolves with the acknowledgement; "unreachable" when none comes in time. */
  ask<T>(event: string, payload: unknown, timeout?: number): Promise<Result<T>>;
  /** Calls back on every connection, the first and each later one, and at once when there is one already: the place to
      ask for a snapshot. */
  onConnect(handler: () => void): () => void;
  /** Tries again at once, after a refusal too. */
  retry(): void;
  close(): void;
}

export interface LinkOptions {
  /** Which door to knock at (app/realtime.py): left out for signed-in staff. */
  readonly door?: string;
  /** More of the handshake's query, for the door to read. */
  readonly query?: Readonly<Record<string, string>>;
  /** Asks over HTTP whether this device would still be let in. A refused handshake looks like a dead network to a
      browser; only an answer of 401 or 404 tells the two apart. */
  readonly probe?: () => Promise<Result<unknown>>;
}

/** Milliseconds before the first try to come back, and the most between two. */
const FIRST_WAIT = 400;
const LONGEST_WAIT = 6000;

const KINDS: readonly FailureKind[] = ["signed_out", "not_found", "conflict", "invalid", "rate_limited"];

/** Opens the socket to our own server. Reconnects by itself, scattered in time, until it is closed or refused. */
export function openLink(options: LinkOptions = {}): Link {
  const state = signal<LinkState>("connecting");
  const address = addressOf({ ...options.query, ...(options.door ? { door: options.door } : {}) });
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const greeted = new Set<() => void>();
  let wire: Wire | null = null;
  let isOpen = false;
  let drops = 0;
  let again: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    clearTimeout(again);
    wire = openWire(address, {
      onOpen() {
        isOpen = true;
        drops = 0;
        state.value = "online";
        for (const handler of [...greeted]) handler();
      },
      onEvent(name, payload) {
        for (const handler of [...(listeners.get(name) ?? [])]) handler(payload as never);
      },
      onLost(why) {
        wire = null;
        isOpen = false;
        state.value = "offline";
        drops += 1;
        again = setTimeout(connect, backoff(drops, FIRST_WAIT, LONGEST_WAIT));
        // The server ended it (a revoked device, or a restart) or did not let it in: only an answer tells which.
        if (why !== "network") void examine();
      },
    });
  }

  function stop(): void {
    clearTimeout(again);
    wire?.close();
    wire = null;
    isOpen = false;
  }

  async function examine(): Promise<void> {
    if (!options.probe) return;
    const result = await options.probe();
    if (result.ok || (result.kind !== "signed_out" && result.kind !== "not_found") || isOpen) return;
    stop();
    state.value = "refused";
    if (result.kind === "signed_out") announceSignedOut();
  }

  connect();
  return {
    state,
    on<T>(event: string, handler: (payload: T) => void) {
      const known = listeners.get(event) ?? new Set();
      listeners.set(event, known.add(handler as (payload: never) => void));
      return () => void known.delete(handler as (payload: never) => void);
    },
    async ask<T>(event: string, payload: unknown, timeout = 6000): Promise<Result<T>> {
      if (!wire || !isOpen) return failure("unreachable");
      try {
        return readAnswer<T>(await inTime(wire.send(event, payload), timeout));
      } catch {
        return failure("unreachable");
      }
    },
    onConnect(handler) {
      greeted.add(handler);
      if (isOpen) handler();
      return () => void greeted.delete(handler);
    },
    retry() {
      if (isOpen) return;
      stop();
      state.value = "connecting";
      connect();
    },
    close: stop,
  };
}

/** What was promised, or a rejection after so many milliseconds. */
function inTime<T>(promised: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(reject, milliseconds);
    promised.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

function addressOf(query: Readonly<Record<string, string>>): string {
  const words = new URLSearchParams({ EIO: "4", transport: "websocket", ...query });
  return `${location.origin.replace(/^http/, "ws")}/socket.io/?${words.toString()}`;
}

/** Reads an acknowledgement: `{ok: true, …}` with the answer beside it, or `{ok: false, error: code, message, …}`.
    The same answer comes when an event is sent over HTTP. */
export function readAnswer<T>(answer: unknown): Result<T> {
  if (!isRecord(answer)) return failure("failed");
  if (answer["ok"] === true) return success(answer as T);
  const kind = KINDS.find((known) => known === answer["error"]) ?? "failed";
  if (kind === "signed_out") announceSignedOut();
  return failure(kind, answer);
}
