import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "./english";
import type { Activity } from "./stage";

const t = translator(en);

/** How far the server's clock is ahead of this device's, in milliseconds. */
const ahead = signal(0);
const tick = signal(0);

/** Sets the clock by what a message said. */
export function heardClock(now: number | undefined): void {
  if (now !== undefined) ahead.value = now - Date.now();
}

/** Seconds left for this device, null without a timer. `extra` is the pupil's extra time in per cent of the timer. */
export function secondsLeft(activity: Activity, extra = 0): number | null {
  if (activity.closes_at === null || activity.opened_at === null) return null;
  void tick.value;
  const ends = activity.closes_at + ((activity.closes_at - activity.opened_at) * extra) / 100;
  const now = activity.paused_at ?? Date.now() + ahead.value;
  return Math.max(0, Math.ceil((ends - now) / 1000));
}

/** The time that is left, counted down while the question is open; the last ten seconds are said to screen readers. */
export function Countdown({ activity, extra = 0 }: { activity: Activity; extra?: number }) {
  useEffect(() => {
    const timer = setInterval(() => (tick.value += 1), 500);
    return () => clearInterval(timer);
  }, []);
  const left = secondsLeft(activity, extra);
  if (left === null || (activity.phase !== "open" && activity.phase !== "paused")) return null;
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <p class={left <= 10 ? "countdown tone-warn" : "countdown"} role="timer" aria-live={left === 10 || left === 0 ? "polite" : "off"}>
      <Icon name="clock" label={t("Thời gian còn lại")} /> {left === 0 ? t("Hết giờ") : clock}
    </p>
  );
}
