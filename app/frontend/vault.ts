import { request } from "./api";
import { isRecord, type Result } from "./result";

/** What one account keeps on this device, readable only while its sign-in holds. docs/adr/0037 says against whom. */
export interface Vault {
  readonly user: number;
  readonly name: string;
  seal(value: unknown): Promise<Sealed>;
  /** The value, or undefined when it was sealed for another account or changed. */
  open<T>(sealed: Sealed): Promise<T | undefined>;
}

/** Encrypted and authenticated: AES-256-GCM with a nonce of its own. */
export interface Sealed {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly box: ArrayBuffer;
}

/** What the server says to a signed-in device. */
export interface SignedIn {
  readonly user: number;
  readonly name: string;
  /** The account's key, 32 bytes in hexadecimal; never stored as it is. */
  readonly key: string;
  readonly csrf: string;
}

interface KeptKey {
  readonly user: number;
  readonly name: string;
  /** This device's half: not extractable, and of no use without the half in the cookie of the sign-in. */
  readonly half: CryptoKey;
  readonly wrapped: Sealed;
}

interface KeptThing {
  readonly user: number;
  readonly name: string;
  readonly sealed: Sealed;
}

const DATABASE = "bx-device";
const KEYS = "keys";
const THINGS = "things";
const CURRENT = "current";
const FLAG = "bx-keeps";

/** Whether this browser can encrypt here at all: only over HTTPS or on the machine itself. */
export function canSeal(): boolean {
  return typeof crypto !== "undefined" && crypto.subtle !== undefined && typeof indexedDB !== "undefined";
}

let asking: Promise<Result<SignedIn>> | undefined;

/**
 * Asks who is signed in on this device; the answer renews the page's CSRF token, which may be of an earlier sign-in. Who asks
 * while the answer is on its way gets the same one: on a slow phone a sheet waits for it.
 */
export function whoIsSignedIn(): Promise<Result<SignedIn>> {
  asking ??= ask().finally(() => {
    asking = undefined;
  });
  return asking;
}

async function ask(): Promise<Result<SignedIn>> {
  const result = await request<SignedIn>("/account/device");
  if (result.ok) setToken(result.value.csrf);
  return result;
}

function setToken(token: string): void {
  let meta = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]');
  if (!meta) {
    meta = document.createElement("meta");
    meta.name = "csrf-token";
    document.head.append(meta);
  }
  meta.content = token;
}

/** Opens the vault of who is signed in, and keeps it for times without a network. What others kept here goes. */
export async function openVault(given: SignedIn): Promise<Vault | undefined> {
  if (!canSeal()) return undefined;
  const raw = bytesOf(given.key);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  await keep(given, raw).catch(() => undefined); // a browser that stores no keys works while the page is open
  return vaultOf(given.user, given.name, key);
}

/** Opens the vault that this device keeps; nothing once the sign-in has ended, and then its things go. */
export async function keptVault(): Promise<Vault | undefined> {
  if (!canSeal()) return undefined;
  try {
    const kept = await read<KeptKey>(KEYS, CURRENT);
    if (!kept) return undefined;
    const key = await unwrapped(kept);
    if (!key) await wipe();
    return key && vaultOf(kept.user, kept.name, key);
  } catch {
    return undefined;
  }
}

/** Removes the key and everything kept under it; of one account only when it is given. What is queued stays, sealed. */
export async function wipe(user?: number): Promise<void> {
  try {
    const kept = await read<KeptKey>(KEYS, CURRENT);
    if (user !== undefined && kept !== undefined && kept.user !== user) return;
    await clear();
    localStorage.removeItem(FLAG);
  } catch {
    // Without storage nothing was kept.
  }
}

/** Called on every page: once the browser has forgotten its share of the key, what lies here is of no use; it goes. */
export async function wipeWhenOver(): Promise<void> {
  try {
    if (localStorage.getItem(FLAG) !== null && share() === "") await wipe();
  } catch {
    // Without storage nothing was kept.
  }
}

// --- things -------------------------------------------------------------------------------------------------------

/** Keeps a thing of this account under a name; the name itself is readable. */
export async function keepThing(vault: Vault, name: string, value: unknown): Promise<void> {
  const sealed = await vault.seal(value);
  const thing: KeptThing = { user: vault.user, name, sealed };
  await write(THINGS, (store) => store.put(thing, `${vault.user}/${name}`));
}

export async function keptThing<T>(vault: Vault, name: string): Promise<T | undefined> {
  const thing = await read<KeptThing>(THINGS, `${vault.user}/${name}`).catch(() => undefined);
  return thing && vault.open<T>(thing.sealed);
}

/** The names of what this account keeps here. */
export async function keptNames(vault: Vault): Promise<readonly string[]> {
  const things = await transaction<KeptThing[]>(THINGS, "readonly", (store) => store.getAll()).catch(() => []);
  return things.filter((thing) => thing.user === vault.user).map((thing) => thing.name);
}

export async function dropThing(vault: Vault, name: string): Promise<void> {
  await write(THINGS, (store) => store.delete(`${vault.user}/${name}`)).catch(() => undefined);
}

// --- the key ------------------------------------------------------------------------------------------------------

function vaultOf(user: number, name: string, key: CryptoKey): Vault {
  return {
    user,
    name,
    seal: (value) => seal(key, new TextEncoder().encode(JSON.stringify(value))),
    async open<T>(sealed: Sealed) {
      try {
        const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.nonce }, key, sealed.box);
        return JSON.parse(new TextDecoder().decode(plain)) as T;
      } catch {
        return undefined;
      }
    },
  };
}

async function seal(key: CryptoKey, plain: BufferSource): Promise<Sealed> {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  return { nonce, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, plain) };
}

async function keep(given: SignedIn, raw: Uint8Array<ArrayBuffer>): Promise<void> {
  const before = await read<KeptKey>(KEYS, CURRENT);
  if (before && before.user !== given.user) await clear();
  const random = crypto.getRandomValues(new Uint8Array(32));
  const half = await crypto.subtle.importKey("raw", random, "HKDF", false, ["deriveKey"]);
  const wrapped = await seal(await wrapping(half, share()), raw);
  const kept: KeptKey = { user: given.user, name: given.name, half, wrapped };
  await write(KEYS, (store) => store.put(kept, CURRENT));
  localStorage.setItem(FLAG, "1");
}

async function unwrapped(kept: KeptKey): Promise<CryptoKey | undefined> {
  if (share() === "") return undefined;
  try {
    const algorithm = { name: "AES-GCM", iv: kept.wrapped.nonce };
    const by = await wrapping(kept.half, share());
    return await crypto.subtle.unwrapKey("raw", kept.wrapped.box, by, algorithm, "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
  } catch {
    return undefined;
  }
}

/** The key that wraps: from this device's half, and from the sign-in's half as the salt (HKDF, RFC 5869). */
function wrapping(half: CryptoKey, salt: string): Promise<CryptoKey> {
  const text = new TextEncoder();
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: text.encode(salt), info: text.encode("bx-device 1") },
    half,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "unwrapKey"],
  );
}

/** The sign-in's half, which the browser itself forgets with the sign-in; "" once it has. */
function share(): string {
  return /(?:^|;\s*)(?:__Host-)?bx_kept=([0-9a-f]+)/.exec(document.cookie)?.[1] ?? "";
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

// --- storage ------------------------------------------------------------------------------------------------------

async function read<T>(store: string, key: string): Promise<T | undefined> {
  const found = await transaction<unknown>(store, "readonly", (of) => of.get(key));
  return isRecord(found) ? (found as T) : undefined;
}

async function write(store: string, work: (store: IDBObjectStore) => IDBRequest): Promise<void> {
  await transaction(store, "readwrite", work);
}

async function clear(): Promise<void> {
  for (const store of [KEYS, THINGS]) await write(store, (of) => of.clear());
}

async function transaction<T>(name: string, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const running = database.transaction(name, mode);
      const asked = work(running.objectStore(name));
      running.oncomplete = () => resolve(asked.result);
      running.onabort = () => reject(running.error ?? new Error("IndexedDB transaction aborted"));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(KEYS);
      opening.result.createObjectStore(THINGS);
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error("IndexedDB failed"));
  });
}
