import "./language";
import "./companion.css";
import "../../registers/frontend/sheet.css";
import { mount } from "@app/island";
import { canSeal, keptVault, openVault, type Vault, whoIsSignedIn } from "@app/vault";
import { keepSheet, keptSheet, keptSheets } from "../../registers/frontend/kept";
import { showPhotos } from "../../registers/frontend/photos";
import { Sheet } from "../../registers/frontend/sheet";
import { type SheetData, SheetStore } from "../../registers/frontend/store";
import { DeviceStatus } from "./companion";
import { KeptList, Locked, Missing, SheetHead } from "./kept-list";
import { Post } from "./post";
import { waitingOf } from "./waiting";

/** Asked for by this address, or by the number of a period that has no register yet, a page is always the device's. */
const SHELL = "/offline";

void begin();

/** Shows what the device keeps at the address where the browser is: one sheet, or the list of them. */
async function begin(): Promise<void> {
  const vault = await vaultHere();
  if (!vault) return mount("device", <Locked />);
  const wanted = Number(/^\/registers\/(-?\d+)/.exec(location.pathname)?.[1]);
  const isSheet = Number.isInteger(wanted);
  const sheet = isSheet ? await keptSheet(vault, wanted) : undefined;
  const isCut = location.pathname !== SHELL && !(wanted < 0);
  const post = new Post(vault.user, sheet?.register, isCut);
  mount("companion", <DeviceStatus link={post.link} waiting={post.waiting} />);
  if (sheet) await showSheet(vault, sheet);
  else if (isSheet) mount("device", <Missing />);
  else mount("device", <KeptList name={vault.name} sheets={await keptSheets(vault)} waiting={await waitingOf(vault.user)} />);
  await post.begin();
}

async function showSheet(vault: Vault, sheet: SheetData): Promise<void> {
  const store = await SheetStore.open(sheet, vault);
  document.title = sheet.className;
  mount(
    "device",
    <>
      <SheetHead sheet={sheet} />
      <Sheet store={store} />
    </>,
  );
  store.goLive();
  void showPhotos(sheet, vault);
  store.standing.subscribe((standing) => void keepSheet(vault, { ...sheet, standing }));
}

/** This device's vault; with a network, the one of who is signed in. */
async function vaultHere(): Promise<Vault | undefined> {
  const kept = await keptVault();
  if (kept || !canSeal() || !navigator.onLine) return kept;
  const who = await whoIsSignedIn();
  return who.ok ? openVault(who.value) : undefined;
}
