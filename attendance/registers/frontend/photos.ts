import { request } from "@app/api";
import { dropThing, keepThing, keptThing, type Vault } from "@app/vault";
import { signal } from "@preact/signals";
import type { SheetData } from "./store";

/** Photographs of the class as data addresses, by pupil. */
export type Photos = Readonly<Record<string, string>>;

/** What the tiles of the open sheet show. */
export const photos = signal<Photos>({});

/**
 * Shows the class's photographs: the ones that this device keeps sealed, then those of now. Where a school has stopped
 * keeping photographs, the device forgets them.
 */
export async function showPhotos(data: SheetData, vault?: Vault): Promise<void> {
  if (data.classId === undefined) return;
  const name = `photos/${data.classId}`;
  if (data.photos === null) {
    if (vault) await dropThing(vault, name);
    return;
  }
  photos.value = (vault && (await keptThing<Photos>(vault, name))) ?? {};
  if (data.photos === undefined) return;
  const answer = await request<{ photos: Photos }>(data.photos);
  if (!answer.ok) return;
  photos.value = answer.value.photos;
  if (vault) await keepThing(vault, name, photos.value).catch(() => undefined);
}
