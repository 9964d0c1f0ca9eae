/**
 * The code of a pupil's card, from its QR to the field that asks for it. It stands behind the "#" of the address, which
 * no browser sends: no server and no log on the way sees it. It is kept in this tab alone, for a few minutes.
 */

const KEY = "bx-card";
const KEPT_FOR = 10 * 60_000;

/** The card's code in the part of an address behind "#", "" where there is none. */
export function cardIn(hash: string): string {
  const code = hash.replace(/^#/, "").toUpperCase();
  return /^[A-Z0-9]{4,8}$/.test(code) ? code : "";
}

/** Keep the code that the address brings and take it out of the address bar and the history; say whether one came. */
export function keepCard(address: Location, storage: Storage, now: number): boolean {
  const code = cardIn(address.hash);
  if (!code) return false;
  storage.setItem(KEY, `${now}:${code}`);
  history.replaceState(null, "", address.pathname + address.search);
  return true;
}

/** The code that was kept of late, "" for none. */
export function keptCard(storage: Storage, now: number): string {
  const [at, code] = (storage.getItem(KEY) ?? "").split(":");
  return code && now - Number(at) < KEPT_FOR ? code : "";
}

/** Forget the code: it was used, or is another pupil's. On a shared tablet the next one finds an empty field. */
export function forgetCard(storage: Storage): void {
  storage.removeItem(KEY);
}

const LESSON = "bx-lesson";
const LESSON_LASTS = 2 * 3_600_000;

/** Note the lesson whose page is open: the camera opens a card's address in a tab of its own, which knows nothing of it. */
export function keepLesson(storage: Storage, code: string, now: number): void {
  storage.setItem(LESSON, `${now}:${code}`);
}

/** The code of the lesson that was open on this device of late, "" for none. */
export function keptLesson(storage: Storage, now: number): string {
  const [at, code] = (storage.getItem(LESSON) ?? "").split(":");
  return code && /^[A-Z0-9]+$/.test(code) && now - Number(at) < LESSON_LASTS ? code : "";
}

/** Forget the lesson: it is over. */
export function forgetLesson(storage: Storage): void {
  storage.removeItem(LESSON);
}
