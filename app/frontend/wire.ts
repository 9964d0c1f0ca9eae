/**
 * One connection to the server's sockets: the client's half of Socket.IO protocol 5 over Engine.IO protocol 4
 * (socket.io/docs/v4/engine-io-protocol and /socket-io-protocol), of which our pages need little: a WebSocket, the main
 * namespace, JSON, acknowledgements asked by us. The packaged client weighs eight times as much (ADR 80).
 */

import { isRecord } from "./result";

/** What is heard of a connection. `onLost` comes once, however it ended, and nothing comes after it. */
export interface Heard {
  onOpen(): void;
  onEvent(name: string, payload: unknown): void;
  /** `refused`: it never opened; `server`: the server ended it in words; `network`: it broke off. */
  onLost(why: "refused" | "server" | "network"): void;
}

export interface Wire {
  /** Sends an event and resolves with its acknowledgement; rejects when the connection ends first. Only while it is open. */
  send(event: string, payload: unknown): Promise<unknown>;
  close(): void;
}

/** Milliseconds that a handshake may take. */
const OPEN_WITHIN = 8000;

/** The first sign of a message: Engine.IO's packet, then for messages Socket.IO's. */
const HANDSHAKE = "0";
const PING = "2";
const PONG = "3";
const CONNECT = "40";
const DISCONNECT = "41";
const EVENT = "42";
const ANSWER = "43";
const REFUSED = "44";

export function openWire(address: string, heard: Heard): Wire {
  let socket: WebSocket;
  try {
    socket = new WebSocket(address);
  } catch {
    // A browser whose administrator forbids sockets throws at once: it is told as late as any other refusal.
    const soon = setTimeout(() => heard.onLost("refused"));
    return { send: () => Promise.reject(new Error("no socket")), close: () => clearTimeout(soon) };
  }
  return wireOf(socket, heard);
}

function wireOf(socket: WebSocket, heard: Heard): Wire {
  const waiting = new Map<number, { answered: (answer: unknown) => void; lost: () => void }>();
  let sent = 0;
  let isOpen = false;
  let isOver = false;
  let patience = OPEN_WITHIN;
  let alarm = setTimeout(broken, patience);

  function lose(why: "refused" | "server" | "network"): void {
    if (isOver) return;
    end();
    heard.onLost(isOpen ? why : "refused");
  }

  function broken(): void {
    lose("network");
  }

  function end(): void {
    isOver = true;
    clearTimeout(alarm);
    removeEventListener("offline", broken);
    socket.close();
    for (const asked of waiting.values()) asked.lost();
  }

  /** The server pings; when it has not for too long, the connection is dead though no one has said so. */
  function wait(): void {
    clearTimeout(alarm);
    alarm = setTimeout(broken, patience);
  }

  function hear(packet: string): void {
    const kind = packet[0] === "4" ? packet.slice(0, 2) : packet[0];
    if (kind === HANDSHAKE) {
      const told: unknown = JSON.parse(packet.slice(1));
      if (isRecord(told)) patience = Number(told["pingInterval"]) + Number(told["pingTimeout"]) || OPEN_WITHIN;
      socket.send(CONNECT);
    } else if (kind === PING) {
      wait();
      socket.send(PONG);
    } else if (kind === CONNECT) {
      isOpen = true;
      wait();
      heard.onOpen();
    } else if (kind === EVENT || kind === ANSWER) {
      tell(kind, packet.slice(2));
    } else if (kind === DISCONNECT || kind === REFUSED) {
      lose("server");
    }
  }

  /** `12[…]`: the number of what is answered, if there is one, and a list. */
  function tell(kind: string, rest: string): void {
    const start = rest.indexOf("[");
    const list = JSON.parse(rest.slice(start)) as readonly unknown[];
    if (kind === EVENT) return heard.onEvent(String(list[0]), list[1]);
    const number = Number(rest.slice(0, start));
    waiting.get(number)?.answered(list[0]);
    waiting.delete(number);
  }

  addEventListener("offline", broken);
  socket.onmessage = (message: MessageEvent) => {
    if (!isOver && typeof message.data === "string") hear(message.data);
  };
  socket.onclose = broken;
  socket.onerror = broken;

  return {
    send(event, payload) {
      const number = sent;
      sent += 1;
      socket.send(`${EVENT}${number}${JSON.stringify([event, payload])}`);
      return new Promise((answered, lost) => waiting.set(number, { answered, lost }));
    },
    close() {
      if (isOver) return;
      if (isOpen && socket.readyState === WebSocket.OPEN) socket.send(DISCONNECT);
      end();
    },
  };
}
