import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId, openOutbox, QUEUE_CHANGED } from "./outbox";

interface Mark {
  readonly pupil: number;
  readonly code: string;
}

const operation = (id: string, pupil: number) => ({ id, payload: { pupil, code: "P" }, queuedAt: 1 });

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
});

describe("outbox", () => {
  test("keeps operations in the order of queueing, over a reload", async () => {
    const outbox = await openOutbox<Mark>("user:1/register:9");
    for (const [index, id] of ["c", "a", "b"].entries()) await outbox.put(operation(id, index));
    const reloaded = await openOutbox<Mark>("user:1/register:9");
    expect((await reloaded.list()).map(({ id }) => id)).toEqual(["c", "a", "b"]);
    expect(reloaded.durable).toBe(true);
    expect((await reloaded.list())[0]).toEqual(operation("c", 0));
  });

  test("the same id is one operation, and the first one stands", async () => {
    const outbox = await openOutbox<Mark>("user:1/register:9");
    await outbox.put(operation("a", 1));
    await outbox.put(operation("a", 2));
    expect(await outbox.list()).toEqual([operation("a", 1)]);
  });

  test("the window hears of every change once it would survive a reload", async () => {
    const outbox = await openOutbox<Mark>("user:1/register:9");
    const lengths: number[] = [];
    const look = async (): Promise<void> => void lengths.push((await outbox.list()).length);
    const looks: Promise<void>[] = [];
    const hear = (): void => void looks.push(look());
    addEventListener(QUEUE_CHANGED, hear);
    await outbox.put(operation("a", 1));
    await Promise.all(looks);
    await outbox.remove("a");
    await Promise.all(looks);
    removeEventListener(QUEUE_CHANGED, hear);
    expect(lengths).toEqual([1, 0]);
  });

  test("another person's queue is neither seen nor removed", async () => {
    const mine = await openOutbox<Mark>("user:1/register:9");
    const theirs = await openOutbox<Mark>("user:2/register:9");
    await mine.put(operation("a", 1));
    expect(await theirs.list()).toEqual([]);
    await theirs.put(operation("a", 7));
    await theirs.remove("a");
    expect(await theirs.list()).toEqual([]);
    expect(await mine.list()).toEqual([operation("a", 1)]);
  });

  test("removing twice, or what never was, is nothing", async () => {
    const outbox = await openOutbox<Mark>("user:1/register:9");
    await outbox.put(operation("a", 1));
    await outbox.put(operation("b", 2));
    await outbox.remove("a");
    await outbox.remove("a");
    await outbox.remove("never");
    expect((await outbox.list()).map(({ id }) => id)).toEqual(["b"]);
  });

  test("a browser without storage keeps the queue while the page is open, and says so", async () => {
    vi.stubGlobal("indexedDB", undefined);
    const outbox = await openOutbox<Mark>("user:1/register:9");
    expect(outbox.durable).toBe(false);
    await outbox.put(operation("a", 1));
    await outbox.put(operation("a", 2));
    expect(await outbox.list()).toEqual([operation("a", 1)]);
    await outbox.remove("a");
    expect(await outbox.list()).toEqual([]);
  });
});

test("new ids are version 4 and do not repeat", () => {
  const ids = Array.from({ length: 500 }, newId);
  expect(new Set(ids).size).toBe(500);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
