import type { Sealed, Vault } from "./vault";

/** Something this device has to tell the server: kept here until the server has said that it is stored. */
export interface Operation<Payload> {
  /** Made by this device; the server answers a repeated id with the same answer. */
  readonly id: string;
  readonly payload: Payload;
  /** Milliseconds since 1970 by this device's clock; for people to read, never to decide by. */
  readonly queuedAt: number;
}

/** One person's queue for one thing (a register, a lesson), in the order of queueing. Another scope never sees it. */
export interface Outbox<Payload> {
  /** False when the browser gives no storage (private windows of old browsers): the queue dies with the page. */
  readonly durable: boolean;
  /** Stores an operation; resolves once it would survive a reload. An id that is already queued stays as it is. */
  put(operation: Operation<Payload>): Promise<void>;
  list(): Promise<readonly Operation<Payload>[]>;
  remove(id: string): Promise<void>;
}

interface Row<Payload> {
  readonly scope: string;
  readonly id: string;
  readonly queuedAt: number;
  /** In the open, when the queue has no vault. */
  readonly payload?: Payload;
  readonly sealed?: Sealed;
}

/** What this page's window hears whenever a queue of this device has changed; another page's does not. */
export const QUEUE_CHANGED = "bx-queue-changed";

const DATABASE = "bx-outbox";
const STORE = "operations";

/** Opens the queue of a scope. Build the scope from who and what: `user:17/register:2041`. With a vault, what is queued
    lies on the device encrypted, and rows that another account's vault sealed are left alone. */
export async function openOutbox<Payload>(scope: string, vault?: Vault): Promise<Outbox<Payload>> {
  try {
    return new StoredOutbox<Payload>(await openDatabase(), scope, vault);
  } catch {
    return new PassingOutbox<Payload>();
  }
}

/** A queue that dies with the page: where nothing may lie on the device. */
export function passingOutbox<Payload>(): Outbox<Payload> {
  return new PassingOutbox<Payload>();
}

/** How many operations wait on this device in each scope that begins so. Nothing is opened. */
export async function countQueued(prefix: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  let database: IDBDatabase | undefined;
  try {
    database = await openDatabase();
    const store = database.transaction(STORE, "readonly").objectStore(STORE);
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    await eachKey(store.index("by_scope").openKeyCursor(range), (scope) => counts.set(scope, (counts.get(scope) ?? 0) + 1));
  } catch {
    // Without storage nothing waits.
  } finally {
    database?.close();
  }
  return counts;
}

function eachKey(request: IDBRequest<IDBCursor | null>, visit: (key: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed"));
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      visit(String(cursor.key));
      cursor.continue();
    };
  });
}

class StoredOutbox<Payload> implements Outbox<Payload> {
  readonly durable = true;

  constructor(
    private readonly database: IDBDatabase,
    private readonly scope: string,
    private readonly vault: Vault | undefined,
  ) {}

  async put(operation: Operation<Payload>): Promise<void> {
    const { id, payload, queuedAt } = operation;
    // Sealed before the transaction begins: one that waits for anything else ends by itself.
    const kept = this.vault ? { sealed: await this.vault.seal(payload) } : { payload };
    const row: Row<Payload> = { scope: this.scope, id, queuedAt, ...kept };
    await this.write(async (store) => {
      const known = await done(store.index("by_id").getKey([this.scope, operation.id]));
      if (known === undefined) store.add(row);
    });
  }

  async list(): Promise<readonly Operation<Payload>[]> {
    const store = this.database.transaction(STORE, "readonly").objectStore(STORE);
    // The primary key grows with every put, so the index gives the rows of a scope in the order of queueing.
    const rows = await done<Row<Payload>[]>(store.index("by_scope").getAll(this.scope));
    const opened = await Promise.all(rows.map((row) => this.opened(row)));
    return opened.filter((row) => row !== undefined);
  }

  async remove(id: string): Promise<void> {
    await this.write(async (store) => {
      const key = await done(store.index("by_id").getKey([this.scope, id]));
      if (key !== undefined) store.delete(key);
    });
  }

  private async opened({ id, queuedAt, payload, sealed }: Row<Payload>): Promise<Operation<Payload> | undefined> {
    const found = sealed ? await this.vault?.open<Payload>(sealed) : payload;
    return found === undefined ? undefined : { id, payload: found, queuedAt };
  }

  private async write(work: (store: IDBObjectStore) => Promise<void>): Promise<void> {
    const transaction = durableTransaction(this.database);
    const finished = completed(transaction);
    await Promise.all([work(transaction.objectStore(STORE)), finished]);
    dispatchEvent(new Event(QUEUE_CHANGED));
  }
}

/** The queue of a browser without storage: better than none while the page is open. */
class PassingOutbox<Payload> implements Outbox<Payload> {
  readonly durable = false;
  private readonly operations = new Map<string, Operation<Payload>>();

  async put(operation: Operation<Payload>): Promise<void> {
    if (!this.operations.has(operation.id)) this.operations.set(operation.id, operation);
  }

  async list(): Promise<readonly Operation<Payload>[]> {
    return [...this.operations.values()];
  }

  async remove(id: string): Promise<void> {
    this.operations.delete(id);
  }
}

/** A new id for an operation. Works without HTTPS, where `crypto.randomUUID` is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => {
    const store = opening.result.createObjectStore(STORE, { autoIncrement: true });
    store.createIndex("by_scope", "scope");
    store.createIndex("by_id", ["scope", "id"], { unique: true });
  };
  return done(opening);
}

function durableTransaction(database: IDBDatabase): IDBTransaction {
  // "strict" waits for the disk; browsers that do not know the option ignore it.
  return database.transaction(STORE, "readwrite", { durability: "strict" });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed"));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB transaction aborted"));
    transaction.onerror = () => reject(transaction.error ?? new Error("IndexedDB transaction failed"));
  });
}
