import { isRecord } from "@app/result";
import { openLink } from "@app/socket";
import { whoIsSignedIn } from "@app/vault";
import type { Standing } from "./model";
import type { Author } from "./queue";

/** A tap that somebody has made and not sent: shown to the others, stored nowhere. */
export interface Tap {
  readonly pupil: number;
  readonly letter: string;
}

/** What is tapped and not sent on one other device. */
export interface OthersTaps {
  readonly device: string;
  readonly name: string;
  readonly taps: readonly Tap[];
}

/** A pupil whose card a gate has just read: when by the school's clock, and how many minutes late (null: in time). */
export interface Sighting {
  readonly pupil: number;
  readonly time: string;
  readonly minutes: number | null;
}

export interface Hears {
  taps(others: readonly OthersTaps[]): void;
  standing(standing: Standing, by: Author): void;
  seen(sightings: readonly Sighting[]): void;
  /** This device's own unsent taps, to tell the others. */
  mine(): readonly Tap[];
}

export interface LiveSheet {
  /** Tells the others what is tapped here now; a moment later, so that a run through the letters is one message. */
  announce(): void;
  retry(): void;
}

const PAUSE = 250;

/** Joins those who have this register open. Everything told is the whole state of a device, so that a lost message
    harms nobody: the next one says it again. */
export function openLive(register: number, author: number, device: string, hears: Hears): LiveSheet {
  const link = openLink({ probe: whoIsSignedIn });
  const here = { register, author, device };
  const others = new Map<string, OthersTaps>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (): void => void link.ask("register_taps", { ...here, taps: hears.mine() });

  link.onConnect(() => {
    others.clear();
    hears.taps([]);
    void link.ask("register_watch", here).then((answer) => {
      if (answer.ok && hears.mine().length > 0) tell();
    });
  });
  link.on<{ readonly device: string }>("register_joined", (who) => {
    if (who.device !== device && hears.mine().length > 0) tell();
  });
  link.on<OthersTaps>("register_taps", (told) => {
    if (told.device === device) return;
    if (told.taps.length > 0) others.set(told.device, told);
    else others.delete(told.device);
    hears.taps([...others.values()]);
  });
  link.on<{ readonly device: string; readonly by: string; readonly at: string; readonly standing: unknown }>(
    "register_standing",
    ({ device: source, by, at, standing }) => {
      if (source !== device && isRecord(standing)) hears.standing(standing as unknown as Standing, { name: by, at });
    },
  );
  link.on<{ readonly seen: readonly Sighting[] }>("register_seen", ({ seen }) => hears.seen(seen));
  return {
    announce() {
      clearTimeout(timer);
      timer = setTimeout(tell, PAUSE);
    },
    retry: () => link.retry(),
  };
}
