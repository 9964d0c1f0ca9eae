import { signal } from "@preact/signals";

/** Whether the page speaks to a guest: an observer or a parent is nobody's "em". */
export const isToGuest = signal(false);

/** Which of two translated sentences to say: the one that calls a pupil "em", or the one for a guest. */
export function to(pupil: string, guest: string): string {
  return isToGuest.value ? guest : pupil;
}
