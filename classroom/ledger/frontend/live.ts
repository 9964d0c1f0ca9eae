import { signal } from "@preact/signals";
import { request } from "@app/api";
import { failure, type Result } from "@app/result";
import { type Link, openLink, readAnswer } from "@app/socket";

/** A door of the server (app/realtime.py) and what proves that this device may pass it. */
export interface Door {
  readonly name: "staff" | "pupil" | "guest" | "screen";
  readonly query: Readonly<Record<string, string>>;
}

/** Whether the server last answered over HTTP though there is no socket: a network that blocks sockets is slow, not cut. */
export const byHttp = signal(false);

/** Sends an event over HTTP: the same check, the same command and the same answer as over the socket. */
export async function askOverHttp<T>(door: Door, event: string, payload: unknown): Promise<Result<T>> {
  const query = new URLSearchParams(door.query).toString();
  const result = await request<unknown>(`/live/${door.name}/${event}?${query}`, { body: payload });
  byHttp.value = result.ok || result.kind !== "unreachable";
  return result.ok ? readAnswer<T>(result.value) : result;
}

/** Sends an event over the socket, or over HTTP when the socket does not answer. Only for events that are repeatable. */
export async function askEitherWay<T>(link: Link, door: Door, event: string, payload: unknown): Promise<Result<T>> {
  const result = link.state.value === "online" ? await link.ask<T>(event, payload) : failure("unreachable");
  return result.ok || result.kind !== "unreachable" ? result : askOverHttp<T>(door, event, payload);
}

/** Opens the socket through a door; `sync` is the event with which this screen begins and resumes. */
export function openDoor(door: Door, sync: string, payload: unknown = {}): Link {
  const link = openLink({
    ...(door.name === "staff" ? {} : { door: door.name }),
    query: door.query,
    probe: () => askOverHttp(door, sync, payload),
  });
  link.onConnect(() => (byHttp.value = false));
  return link;
}

