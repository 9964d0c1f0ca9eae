import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { deliver, type Verdict } from "./delivery";
import { openOutbox } from "./outbox";
import * as pace from "./pace";

const operation = (id: string) => ({ id, payload: id, queuedAt: 1 });

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.spyOn(pace, "backoff").mockReturnValue(1);
});

test("sends in order, one at a time, until all are stored", async () => {
  const outbox = await openOutbox<string>("s");
  const sent: string[] = [];
  let under_way = 0;
  const delivery = await deliver(
    outbox,
    async ({ id }) => {
      expect((under_way += 1)).toBe(1);
      await pace.wait(2);
      under_way -= 1;
      sent.push(id);
      return "stored";
    },
    () => undefined,
  );
  await Promise.all(["a", "b", "c"].map((id) => delivery.submit(operation(id))));
  await delivery.flush();
  expect(sent).toEqual(["a", "b", "c"]);
  expect(delivery.pending.value).toBe(0);
  expect(await outbox.list()).toEqual([]);
});

test("what gets no answer is sent again with the same id, and leaves the queue only when stored", async () => {
  const outbox = await openOutbox<string>("s");
  const verdicts: Verdict[] = ["later", "later", "stored"];
  const sent: string[] = [];
  const delivery = await deliver(
    outbox,
    async ({ id }) => {
      sent.push(id);
      expect(await outbox.list()).toHaveLength(1);
      return verdicts.shift() ?? "stored";
    },
    () => undefined,
  );
  await delivery.submit(operation("a"));
  await delivery.flush();
  expect(sent).toEqual(["a", "a", "a"]);
  expect(await outbox.list()).toEqual([]);
});

test("a send that throws counts as no answer", async () => {
  const outbox = await openOutbox<string>("s");
  let tries = 0;
  const delivery = await deliver(
    outbox,
    async () => {
      tries += 1;
      if (tries === 1) throw new Error("network");
      return "stored";
    },
    () => undefined,
  );
  await delivery.submit(operation("a"));
  await delivery.flush();
  expect(tries).toBe(2);
});

test("a refused operation is shown before it is dropped, and does not hold up the next", async () => {
  const outbox = await openOutbox<string>("s");
  const refused: string[] = [];
  const delivery = await deliver(
    outbox,
    async ({ id }) => (id === "bad" ? "refused" : "stored"),
    ({ id }) => void refused.push(id),
  );
  await delivery.submit(operation("bad"));
  await delivery.submit(operation("good"));
  await delivery.flush();
  expect(refused).toEqual(["bad"]);
  expect(await outbox.list()).toEqual([]);
});

test("what an earlier page left behind is counted and sent", async () => {
  const before = await openOutbox<string>("s");
  await before.put(operation("left"));
  const sent: string[] = [];
  const delivery = await deliver(
    await openOutbox<string>("s"),
    async ({ id }) => {
      sent.push(id);
      return "stored";
    },
    () => undefined,
  );
  expect(delivery.pending.value).toBe(1);
  await delivery.flush();
  expect(sent).toEqual(["left"]);
});

test("a connection that is back ends the wait", async () => {
  vi.mocked(pace.backoff).mockReturnValue(60_000);
  const outbox = await openOutbox<string>("s");
  let online = false;
  const delivery = await deliver(
    outbox,
    async () => (online ? "stored" : "later"),
    () => undefined,
  );
  await delivery.submit(operation("a"));
  await pace.wait(20);
  expect(delivery.pending.value).toBe(1);
  online = true;
  await delivery.flush();
  expect(delivery.pending.value).toBe(0);
});

test("an operation queued at the very end of a run is not forgotten", async () => {
  const outbox = await openOutbox<string>("s");
  const sent: string[] = [];
  const delivery = await deliver(
    outbox,
    async ({ id }) => {
      sent.push(id);
      return "stored";
    },
    () => undefined,
  );
  for (let n = 0; n < 60; n += 1) {
    void delivery.submit(operation(`op-${n}`));
    for (let turn = 0; turn < n % 7; turn += 1) await Promise.resolve();
    if (n % 5 === 0) await pace.wait(1);
  }
  await vi.waitFor(() => expect(sent).toHaveLength(60));
});
