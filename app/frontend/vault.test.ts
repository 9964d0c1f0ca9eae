import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { countQueued, openOutbox } from "./outbox";
import { keepThing, keptNames, keptThing, keptVault, openVault, type SignedIn, whoIsSignedIn, wipe, wipeWhenOver } from "./vault";

const person = (user: number): SignedIn => ({ user, name: `Cô ${user}`, key: String(user).repeat(64), csrf: "" });
const signIn = (share: string): string => (document.cookie = `bx_kept=${share}`);
const expire = (): string => (document.cookie = "bx_kept=; max-age=0");

async function lying(): Promise<string> {
  const all: unknown[] = [];
  for (const { name, version } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open(name ?? "", version);
      opening.onsuccess = () => resolve(opening.result);
    });
    for (const store of database.objectStoreNames) {
      const asked = database.transaction(store).objectStore(store).getAll();
      all.push(...(await new Promise<unknown[]>((resolve) => (asked.onsuccess = () => resolve(asked.result)))));
    }
  }
  const text = (one: unknown): unknown => (one instanceof ArrayBuffer ? new TextDecoder().decode(one) : one);
  return JSON.stringify(all, (_, one) => text(one));
}

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  localStorage.clear();
  expire();
});

test("a closed browser opens again what it keeps, as long as the sign-in holds; then it is gone", async () => {
  signIn("ab12");
  const vault = await openVault(person(1));
  if (!vault) throw new Error("no vault");
  await keepThing(vault, "sheet/7", { pupil: "Điểu K'Rân" });
  expect(await lying()).not.toContain("Rân");
  const again = await keptVault();
  expect([again?.user, again && (await keptThing(again, "sheet/7"))]).toEqual([1, { pupil: "Điểu K'Rân" }]);
  expire();
  await wipeWhenOver();
  signIn("ab12");
  expect(await keptVault()).toBeUndefined();
});

test("without the half of the sign-in, or with another one's, the key does not open", async () => {
  signIn("ab12");
  await openVault(person(1));
  signIn("cd34");
  expect(await keptVault()).toBeUndefined();
  expect(await lying()).toBe("[]");
});

test("the next person on the phone finds nothing of the last, and sends nothing of hers; her queue waits sealed", async () => {
  signIn("ab12");
  const first = await openVault(person(1));
  if (!first) throw new Error("no vault");
  await keepThing(first, "sheet/7", "4/1");
  const hers = await openOutbox<string>("user:1/register:7", first);
  await hers.put({ id: "a", payload: "sốt xuất huyết", queuedAt: 1 });
  signIn("cd34");
  const second = await openVault(person(2));
  if (!second) throw new Error("no vault");
  expect(await keptNames(second)).toEqual([]);
  expect(await (await openOutbox("user:1/register:7", second)).list()).toEqual([]);
  expect([...(await countQueued("user:2/"))]).toEqual([]);
  expect(await lying()).not.toContain("xuất");
  signIn("ef56");
  const back = await openVault(person(1));
  expect((await (await openOutbox("user:1/register:7", back)).list()).map((one) => one.payload)).toEqual(["sốt xuất huyết"]);
  expect([...(await countQueued("user:1/register:"))]).toEqual([["user:1/register:7", 1]]);
});

test("signing out wipes one's own things, not those of who signed in since", async () => {
  signIn("ab12");
  await openVault(person(2));
  await wipe(1);
  expect((await keptVault())?.user).toBe(2);
  await wipe(2);
  expect(await keptVault()).toBeUndefined();
});

test("two who ask at once who is signed in share one request; who asks later asks again", async () => {
  const answer = vi.fn(() => Promise.resolve(Response.json(person(1))));
  vi.stubGlobal("fetch", answer);
  const both = await Promise.all([whoIsSignedIn(), whoIsSignedIn()]);
  expect(both.map((one) => one.ok && one.value.user)).toEqual([1, 1]);
  expect(answer).toHaveBeenCalledTimes(1);
  await whoIsSignedIn();
  expect(answer).toHaveBeenCalledTimes(2);
});
