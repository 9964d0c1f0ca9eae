import { countQueued } from "@app/outbox";

/** What one person has on this device that the server has not taken yet. */
export interface Waiting {
  /** Saves on their way. */
  readonly saves: number;
  /** Taps for which nobody has pressed "Gửi". */
  readonly drafts: number;
  /** Taps that somebody else crossed: a person decides. */
  readonly conflicts: number;
  readonly registers: ReadonlyMap<number, Counts>;
}

export interface Counts {
  readonly saves: number;
  readonly drafts: number;
  readonly conflicts: number;
}

const NONE: Counts = { saves: 0, drafts: 0, conflicts: 0 };

/** Counts this person's queues; another's are not looked at, and nothing is opened. */
export async function waitingOf(user: number): Promise<Waiting> {
  return read(await countQueued(`user:${user}/register:`));
}

/** Sums the scopes `user:17/register:2041`, `…/draft`, `…/conflict`. A tap in conflict is also a draft: told once. */
export function read(scopes: ReadonlyMap<string, number>): Waiting {
  const registers = new Map<number, Counts>();
  for (const [scope, n] of scopes) {
    const [, id, part] = /\/register:(-?\d+)(?:\/(draft|conflict))?$/.exec(scope) ?? [];
    if (id === undefined) continue;
    const counts = registers.get(Number(id)) ?? NONE;
    const name = part === "draft" ? "drafts" : part === "conflict" ? "conflicts" : "saves";
    registers.set(Number(id), { ...counts, [name]: n });
  }
  for (const [id, { saves, drafts, conflicts }] of registers) {
    registers.set(id, { saves, drafts: Math.max(0, drafts - conflicts), conflicts });
  }
  const sum = (name: keyof Counts): number => [...registers.values()].reduce((total, one) => total + one[name], 0);
  return { saves: sum("saves"), drafts: sum("drafts"), conflicts: sum("conflicts"), registers };
}
