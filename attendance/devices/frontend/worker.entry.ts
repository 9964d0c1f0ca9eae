// The service worker: without a network it answers for the register pages with a shell that holds nothing of anybody.
// It imports nothing, since it is one classic script, and it keeps nothing but the shell and built files: pages of
// signed-in people are `no-store` and never come near its cache.

interface Kept {
  readonly shell: string;
  readonly files: readonly string[];
}

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetch extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface WorkerScope {
  readonly BX_KEPT: Kept;
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", hear: (event: Extendable) => void): void;
  addEventListener(name: "fetch", hear: (event: Fetch) => void): void;
}

const worker = self as unknown as WorkerScope;
const { shell, files } = worker.BX_KEPT;
const PREFIX = "bx-shell-";
const CACHE = `${PREFIX}${fingerprint(files.join())}`;
/** The pages for which the device can answer: home, the list of registers, one register (below zero: a period that has none yet). */
const ANSWERED = /^\/(?:registers(?:\/-?\d+)?\/?|offline)?$/;
/** Milliseconds after which a network that says nothing counts as none, on a page that the device can show. */
const PATIENCE = 6000;
const DOWN = new Set([502, 503, 504]);

worker.addEventListener("install", (event) => event.waitUntil(keepShell()));
worker.addEventListener("activate", (event) => event.waitUntil(dropOld().then(() => worker.clients.claim())));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate") {
    if (ANSWERED.test(url.pathname)) event.respondWith(page(request));
  } else if (files.includes(url.pathname)) event.respondWith(file(request, url.pathname));
});

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Without cookies, so that the shell is nobody's, whoever is signed in.
  const wanted = [shell, ...files].map((url) => new Request(url, { credentials: "omit", cache: "reload" }));
  await cache.addAll(wanted);
  await worker.skipWaiting();
}

async function dropOld(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

async function page(request: Request): Promise<Response> {
  const answer = await inTime(fetch(request)).catch(() => undefined);
  if (answer && !DOWN.has(answer.status)) return answer;
  return (await kept(shell)) ?? answer ?? Response.error();
}

function inTime(answer: Promise<Response>): Promise<Response | undefined> {
  return Promise.race([answer, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE))]);
}

async function file(request: Request, path: string): Promise<Response> {
  return (await kept(path)) ?? fetch(request);
}

async function kept(path: string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(path);
}

/** A short name of a text; the files' own names carry the hashes of what is in them. */
function fingerprint(text: string): string {
  let sum = 7;
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) >>> 0;
  return sum.toString(36);
}

export {};
