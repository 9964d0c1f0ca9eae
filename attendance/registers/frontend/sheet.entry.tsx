import "./sheet.css";
import { islandData, mount } from "@app/island";
import { keptVault, openVault, type Vault, whoIsSignedIn } from "@app/vault";
import { keepSheet } from "./kept";
import { showPhotos } from "./photos";
import { Sheet } from "./sheet";
import { type SheetData, SheetStore } from "./store";

void begin(islandData<SheetData>("sheet-data"));

async function begin(data: SheetData): Promise<void> {
  const vault = await vaultFor(data.user);
  const store = await SheetStore.open(data, vault);
  mount("sheet", <Sheet store={store} />);
  store.goLive();
  void showPhotos(data, vault);
  if (vault) store.standing.subscribe((standing) => void keepSheet(vault, { ...data, standing }));
}

/** This person's vault: as the device keeps it, else as the server gives it. The office keeps nothing: it takes no registers. */
async function vaultFor(user: number): Promise<Vault | undefined> {
  if (!document.getElementById("companion")) return undefined;
  const kept = await keptVault();
  if (kept?.user === user) return kept;
  const who = await whoIsSignedIn();
  return who.ok && who.value.user === user ? openVault(who.value) : undefined;
}
