import { request } from "@app/api";
import { openOutbox } from "@app/outbox";
import { isRecord } from "@app/result";
import { forgetLesson, keepCard, keptCard, keptLesson } from "./card-code";

/** Answers that still wait on this device, of lessons that have ended meanwhile: sent from here, stored as late. */
interface Waiting {
  readonly key: IDBValidKey;
  readonly lesson: string;
  readonly payload: unknown;
}

const SCOPE = /^lesson:(\d+)\/pupil:\d+$/;

async function sendWhatWaits(): Promise<void> {
  await openOutbox("enter"); // makes the database with its tables where there is none yet
  const database = await open();
  for (const { key, lesson, payload } of await waiting(database)) {
    const result = await request<unknown>(`/live/pupil/answer?lesson=${lesson}`, { body: payload });
    const settled = result.ok ? isRecord(result.value) && result.value["error"] !== "failed" : result.kind === "not_found";
    if (settled) await finished(database.transaction("operations", "readwrite").objectStore("operations").delete(key));
  }
}

async function waiting(database: IDBDatabase): Promise<Waiting[]> {
  const store = database.transaction("operations").objectStore("operations");
  const [keys, rows] = await Promise.all([finished(store.getAllKeys()), finished<unknown[]>(store.getAll())]);
  return rows.flatMap((row, place) => {
    const key = keys[place];
    const lesson = isRecord(row) ? SCOPE.exec(String(row["scope"]))?.[1] : undefined;
    return key !== undefined && lesson && isRecord(row) ? [{ key, lesson, payload: row["payload"] }] : [];
  });
}

function open(): Promise<IDBDatabase> {
  return finished(indexedDB.open("bx-outbox"));
}

function finished<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("IndexedDB failed"));
  });
}

/**
 * A scanned card comes here with its code. Who has a lesson open on this device goes on to it and finds the card's code
 * there; without one the lesson's code is asked for first.
 */
async function takeCard(): Promise<void> {
  if (!keepCard(location, sessionStorage, Date.now()) && !keptCard(sessionStorage, Date.now())) return;
  const lesson = keptLesson(localStorage, Date.now());
  if (lesson && (await isLive(lesson))) location.replace(`/j/${lesson}`);
  else document.getElementById("card-kept")?.removeAttribute("hidden");
}

/** Whether a lesson still goes on; one that is over is forgotten. */
async function isLive(code: string): Promise<boolean> {
  const answer = await fetch(`/j/${code}`, { method: "HEAD" }).catch(() => undefined);
  if (answer?.status === 404) forgetLesson(localStorage);
  return answer?.ok ?? false;
}

const takeCardAtEase = () => void takeCard().catch(() => undefined);
takeCardAtEase();
window.addEventListener("hashchange", takeCardAtEase);
sendWhatWaits().catch(() => undefined);
