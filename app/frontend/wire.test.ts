import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openLink } from "./socket";
import { success } from "./result";

/** The server's side of one WebSocket of the page. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readonly readyState = 1;
  readonly sent: string[] = [];
  isClosed = false;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly address: string) {
    FakeSocket.all.push(this);
  }

  send(packet: string): void {
    this.sent.push(packet);
  }

  close(): void {
    this.isClosed = true;
  }

  say(packet: string): void {
    this.onmessage?.({ data: packet });
  }

  /** The handshake as the server answers it. */
  letIn(): this {
    this.say('0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}');
    this.say('40{"sid":"b"}');
    return this;
  }
}

const newest = (): FakeSocket => FakeSocket.all[FakeSocket.all.length - 1] as FakeSocket;

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});

afterEach(() => {
  vi.useRealTimers();
});

test("it knocks at its door, opens, hears events and answers pings", () => {
  const link = openLink({ door: "pupil", query: { lesson: "7" } });
  const heard = vi.fn();
  link.on("stage", heard);
  expect(newest().address).toContain("/socket.io/?EIO=4&transport=websocket&lesson=7&door=pupil");
  expect(link.state.value).toBe("connecting");
  newest().letIn();
  expect(newest().sent).toEqual(["40"]);
  expect(link.state.value).toBe("online");
  newest().say('42["stage",{"seq":3,"question":"[1, 2]?"}]');
  newest().say("2");
  expect(heard).toHaveBeenCalledExactlyOnceWith({ seq: 3, question: "[1, 2]?" });
  expect(newest().sent[1]).toBe("3");
  link.close();
});

test("each acknowledgement finds what it answers, in whatever order", async () => {
  const link = openLink();
  newest().letIn();
  const [first, second] = [link.ask("answer", { n: 1 }), link.ask("answer", { n: 2 })];
  expect(newest().sent.slice(1)).toEqual(['420["answer",{"n":1}]', '421["answer",{"n":2}]']);
  newest().say('431[{"ok":true,"seq":2}]');
  newest().say('430[{"ok":true,"seq":1}]');
  expect([await first, await second]).toEqual([success({ ok: true, seq: 1 }), success({ ok: true, seq: 2 })]);
  link.close();
});

test("what is asked in a connection that breaks, or is never answered, is unreachable", async () => {
  const link = openLink();
  expect((await link.ask("answer", {})).ok).toBe(false);
  newest().letIn();
  const [broken] = [link.ask("answer", {})];
  newest().onclose?.();
  expect(await broken).toMatchObject({ ok: false, kind: "unreachable" });
  vi.advanceTimersByTime(400);
  newest().letIn();
  const late = link.ask("answer", {});
  vi.advanceTimersByTime(6000);
  expect(await late).toMatchObject({ ok: false, kind: "unreachable" });
  link.close();
});

test.each([
  ["the network closes it", () => newest().onclose?.()],
  ["the browser goes offline", () => dispatchEvent(new Event("offline"))],
  ["the server pings no more", () => vi.advanceTimersByTime(45_000)],
])("it comes back by itself when %s, once", (_name, happen) => {
  const link = openLink();
  const greeted = vi.fn();
  link.onConnect(greeted);
  newest().letIn();
  happen();
  expect(link.state.value).toBe("offline");
  expect(newest().isClosed).toBe(true);
  vi.advanceTimersByTime(400);
  expect(FakeSocket.all).toHaveLength(2);
  newest().letIn();
  expect(link.state.value).toBe("online");
  expect(greeted).toHaveBeenCalledTimes(2);
  FakeSocket.all[0]?.say('42["stage",{}]');
  link.close();
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(2);
});

test("a device that is no longer let in stays outside until it asks", async () => {
  const probe = vi.fn(() => Promise.resolve({ ok: false, kind: "not_found", message: "", fields: {}, current: null, retryAfter: null } as never));
  const link = openLink({ probe });
  newest().letIn();
  newest().say("41");
  await vi.advanceTimersByTimeAsync(0);
  expect(link.state.value).toBe("refused");
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
  link.retry();
  expect(link.state.value).toBe("connecting");
  expect(FakeSocket.all).toHaveLength(2);
  link.close();
});

test("a server that restarts is asked, and come back to", async () => {
  const link = openLink({ probe: () => Promise.resolve({ ok: false, kind: "unreachable", message: "", fields: {}, current: null, retryAfter: null } as never) });
  newest().letIn();
  newest().say("41");
  await vi.advanceTimersByTimeAsync(400);
  expect(link.state.value).toBe("offline");
  expect(FakeSocket.all).toHaveLength(2);
  link.close();
});

test("a browser that forbids sockets by throwing is offline and tries again, and the page goes on", async () => {
  const forbid = vi.fn(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  vi.stubGlobal("WebSocket", forbid);
  const link = openLink();
  await vi.advanceTimersByTimeAsync(1);
  expect(link.state.value).toBe("offline");
  vi.stubGlobal("WebSocket", FakeSocket);
  // Its first wait, and less than a handshake may take: later it may have given that try up and stand between two.
  await vi.advanceTimersByTimeAsync(400);
  newest().letIn();
  expect(link.state.value).toBe("online");
  link.close();
});
