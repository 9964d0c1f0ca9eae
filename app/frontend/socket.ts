import { type ReadonlySignal, signal } from "@preact/signals";
import { io } from "socket.io-client";
import { backoff } from "./pace";
import { failure, type FailureKind, isRecord, type Result, success } from "./result";
import { announceSignedOut } from "./signed-out";

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

const KINDS: readonly FailureKind[] = ["signed_out", "not_found", "conflict", "invalid", "rate_limited"];

/** Opens the socket to our own server. Reconnects by itself, scattered in time, until it is closed or refused. */
export function openLink(options: LinkOptions = {}): Link {
  const state = signal<LinkState>("connecting");
  const socket = io("/", {
    query: { ...options.query, ...(options.door ? { door: options.door } : {}) },
    transports: ["websocket"],
    reconnectionDelay: 400,
    reconnectionDelayMax: 6000,
    randomizationFactor: 0.5,
    timeout: 8000,
  });
  let drops = 0;
  let closed = false;

  async function examine(): Promise<void> {
    if (!options.probe) return;
    const result = await options.probe();
    if (result.ok || (result.kind !== "signed_out" && result.kind !== "not_found") || socket.connected) return;
    state.value = "refused";
    socket.disconnect();
    if (result.kind === "signed_out") announceSignedOut();
  }

  socket.on("connect", () => {
    drops = 0;
    state.value = "online";
  });
  socket.on("connect_error", () => {
    state.value = "offline";
    void examine();
  });
  socket.on("disconnect", (reason) => {
    if (closed || state.value === "refused") return;
    state.value = "offline";
    if (reason !== "io server disconnect") return;
    // The server ended it (a revoked device, or a restart), so the client does not come back by itself.
    drops += 1;
    setTimeout(() => {
      if (!closed && state.value !== "refused") socket.connect();
    }, backoff(drops));
    void examine();
  });

  return {
    state,
    on<T>(event: string, handler: (payload: T) => void) {
      socket.on(event, handler as (payload: unknown) => void);
      return () => void socket.off(event, handler as (payload: unknown) => void);
    },
    async ask<T>(event: string, payload: unknown, timeout = 6000): Promise<Result<T>> {
      if (!socket.connected) return failure("unreachable");
      try {
        const answer: unknown = await socket.timeout(timeout).emitWithAck(event, payload);
        return readAnswer<T>(answer);
      } catch {
        return failure("unreachable");
      }
    },
    onConnect(handler) {
      socket.on("connect", handler);
      if (socket.connected) handler();
      return () => void socket.off("connect", handler);
    },
    retry() {
      if (socket.connected) return;
      state.value = "connecting";
      socket.connect();
    },
    close() {
      closed = true;
      socket.close();
    },
  };
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
