const EVENT = "bx:signed-out";

/** Tells the page that its sign-in has ended. What waits on this device stays here. */
export function announceSignedOut(): void {
  window.dispatchEvent(new CustomEvent(EVENT));
}

/** Calls back when the sign-in has ended; returns how to stop listening. */
export function onSignedOut(callback: () => void): () => void {
  window.addEventListener(EVENT, callback);
  return () => window.removeEventListener(EVENT, callback);
}
