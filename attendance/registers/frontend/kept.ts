import { dropThing, keepThing, keptNames, keptThing, type Vault } from "@app/vault";
import type { Standing } from "./model";
import type { SheetData } from "./store";

const SHEET = "sheet/";

/** Keeps a sheet on this device for times without a network. */
export function keepSheet(vault: Vault, sheet: SheetData): Promise<void> {
  return keepThing(vault, `${SHEET}${sheet.register}`, sheet).catch(() => undefined);
}

/** Keeps what stands in a register beside the rest of its sheet, so that the device does not show an older state. */
export async function keepStanding(vault: Vault, register: number, standing: Standing): Promise<void> {
  const sheet = await keptSheet(vault, register);
  if (sheet) await keepSheet(vault, { ...sheet, standing: { ...standing, conflicts: [] } });
}

export function keptSheet(vault: Vault, register: number): Promise<SheetData | undefined> {
  return keptThing<SheetData>(vault, `${SHEET}${register}`);
}

/** The sheets of this account on this device, by day, slot and class. */
export async function keptSheets(vault: Vault): Promise<readonly SheetData[]> {
  const names = (await keptNames(vault)).filter((name) => name.startsWith(SHEET));
  const found = await Promise.all(names.map((name) => keptThing<SheetData>(vault, name)));
  return found.filter((one) => one !== undefined).sort(byTime);
}

/** Leaves only these sheets on the device: last week's are nobody's business any more. */
export async function keepOnly(vault: Vault, registers: ReadonlySet<number>): Promise<void> {
  for (const name of await keptNames(vault)) {
    if (name.startsWith(SHEET) && !registers.has(Number(name.slice(SHEET.length)))) await dropThing(vault, name);
  }
}

function byTime(one: SheetData, other: SheetData): number {
  return one.day.localeCompare(other.day) || one.slot - other.slot || one.className.localeCompare(other.className, "vi");
}
