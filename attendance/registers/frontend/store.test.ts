import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Mark, PRESENT, type Save, type Standing } from "./model";
import { type SheetData, SheetStore as Opened } from "./store";
import type { Vault } from "@app/vault";

/** Seals as a vault does, and shows the test what it sealed. */
const vaultOf = (user: number): Vault => ({
  user,
  name: "Cô Lan",
  seal: async (value) => ({ nonce: new Uint8Array(1), box: new TextEncoder().encode(`${user}${JSON.stringify(value)}`).buffer }),
  async open<T>(sealed: { box: ArrayBuffer }) {
    const text = new TextDecoder().decode(sealed.box);
    return text.startsWith(String(user)) ? (JSON.parse(text.slice(1)) as T) : undefined;
  },
});
const opened: Opened[] = [];
const SheetStore = {
  async open(found: SheetData): Promise<Opened> {
    const store = await Opened.open(found, vaultOf(found.user));
    opened.push(store);
    return store;
  },
};

const mark = (letter: string): Mark => ({ ...PRESENT, letter, office: null });
let register = 0;
let answers: ((body: Save) => Response)[] = [];
let sent: Save[] = [];
let urls: string[] = [];

function standing(version: number, marks: Record<string, Mark> = {}, more: Partial<Standing> = {}): Standing {
  return { version, state: "submitted", marks, conflicts: [], ...more };
}

function data(now: Standing = standing(0, {}, { state: "due" })): SheetData {
  return {
    register,
    user: 1,
    className: "4/1",
    title: "Buổi sáng",
    day: "2026-10-05",
    slot: 1,
    pupils: [1, 2, 3].map((id) => ({ id, number: id, name: `Học sinh ${id}` })),
    codes: [],
    standing: now,
    suggestions: {
      "2": [
        { kind: "excuse", words: "đơn nghỉ đã duyệt: Bệnh", letter: "P" },
        { kind: "gate", words: "quẹt thẻ cổng 06:52", letter: null },
      ],
    },
    excused: {},
    mayTake: true,
    mayCorrect: false,
    isClosed: false,
    urls: { state: "/state", save: "/save", correct: "/correct", signIn: "/login" },
  };
}

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

beforeEach(() => {
  register += 1;
  answers = [];
  sent = [];
  urls = [];
  vi.stubGlobal("fetch", async (url: string, options: RequestInit) => {
    urls.push(url);
    const body = (options.body ? JSON.parse(String(options.body)) : {}) as Save;
    const answer = answers.shift();
    if (!answer) throw new TypeError("no connection");
    if (options.body) sent.push(body);
    return answer(body);
  });
});

afterEach(() => {
  for (const store of opened.splice(0)) store.desk.stop();
  vi.unstubAllGlobals();
});

test("taps wait on the device, survive a reload, and leave it once stored", async () => {
  const first = await SheetStore.open(data());
  await first.mark(1, { ...PRESENT, letter: "K" });
  await first.mark(2, { ...PRESENT, letter: "P" });
  await first.mark(2, PRESENT);
  const store = await SheetStore.open(data());
  expect([store.letterOf(1), store.letterOf(2)]).toEqual(["K", ""]);
  expect(store.drafts.value).toHaveLength(1);
  answers = [() => json(200, standing(1, { "1": mark("K") }))];
  await store.save("final");
  await vi.waitFor(() => expect(store.standing.value.version).toBe(1));
  expect(sent.map((save) => [save.submit, save.operations.map((one) => [one.pupil, one.letter])])).toEqual([["final", [[1, "K"]]]]);
  const after = await SheetStore.open(data(standing(1, { "1": mark("K") })));
  expect([after.drafts.value.length, after.sending.value.length]).toEqual([0, 0]);
});

test("without a connection the save stays here and is sent with the same ids after a reload", async () => {
  const store = await SheetStore.open(data());
  await store.mark(3, { ...PRESENT, letter: "K" });
  await store.save("final");
  await vi.waitFor(() => expect(store.link.value).toBe("offline"));
  const [waiting] = store.sending.value;
  answers = [() => json(200, standing(1, { "3": mark("K") }))];
  const again = await SheetStore.open(data());
  expect(again.letterOf(3)).toBe("K");
  await vi.waitFor(() => expect(again.standing.value.version).toBe(1));
  expect(sent[0]).toEqual(waiting);
});

test("an expired sign-in keeps what waits", async () => {
  answers = [() => json(401, { error: "signed out" })];
  const store = await SheetStore.open(data());
  await store.mark(1, { ...PRESENT, letter: "K" });
  await store.save("final");
  await vi.waitFor(() => expect(store.link.value).toBe("refused"));
  expect([store.sending.value.length, store.letterOf(1)]).toEqual([1, "K"]);
});

test("a conflict shows both values; the choice is sent on the version that was seen, as it was meant", async () => {
  const store = await SheetStore.open(data(standing(3, {}, { state: "open" })));
  await store.mark(1, { ...PRESENT, letter: "K" });
  await store.mark(2, { ...PRESENT, letter: "P" });
  answers = [
    (body) =>
      json(409, {
        error: "conflict",
        current: standing(5, { "1": mark("T"), "2": mark("P") }, {
          state: "open",
          conflicts: [
            { operation: body.operations[0]?.id ?? "", pupil: 1, refusal: "changed", yours: { ...PRESENT, letter: "K" }, current: { ...PRESENT, letter: "T" }, by: "Cô Lan", at: null },
          ],
        }),
      }),
    () => json(200, standing(6, { "1": mark("K"), "2": mark("P") })),
  ];
  await store.save("final");
  await vi.waitFor(() => expect(store.conflicts.value).toHaveLength(1));
  expect(store.drafts.value.map((one) => one.pupil)).toEqual([1]);
  const [conflict] = store.conflicts.value;
  if (conflict) await store.settle(conflict, true);
  await vi.waitFor(() => expect(store.standing.value.version).toBe(6));
  expect(sent[1]?.operations.map((one) => [one.pupil, one.letter, one.base])).toEqual([[1, "K", 5]]);
  expect(sent[1]?.submit).toBe("final");
});

test("leaving what the other wrote sends no mark, but still submits", async () => {
  const store = await SheetStore.open(data());
  await store.mark(1, { ...PRESENT, letter: "K" });
  const theirs = { operation: "", pupil: 1, refusal: "changed", yours: mark("K"), current: mark("P"), by: "Cô Lan", at: null } as const;
  answers = [
    (body) => json(409, { current: standing(2, { "1": mark("P") }, { state: "open", conflicts: [{ ...theirs, operation: body.operations[0]?.id ?? "" }] }) }),
    () => json(200, standing(3, { "1": mark("P") })),
  ];
  await store.save("final");
  await vi.waitFor(() => expect(store.conflicts.value).toHaveLength(1));
  const [conflict] = store.conflicts.value;
  if (conflict) await store.settle(conflict, false);
  await vi.waitFor(() => expect(store.standing.value.version).toBe(3));
  expect([store.letterOf(1), sent[1]?.operations]).toEqual(["P", []]);
});

test("a save that the server refuses becomes taps again, with its reason", async () => {
  const early = (): Response => json(422, { message: "Chưa đến ngày học này." });
  answers = [early, () => json(200, { user: 1, name: "Cô Lan", key: "", csrf: "fresh" }), early];
  const store = await SheetStore.open(data());
  await store.mark(1, { ...PRESENT, letter: "K" });
  await store.save("final");
  await vi.waitFor(() => expect(store.problem.value).toContain("Chưa đến ngày"));
  expect([store.letterOf(1), store.drafts.value.length, store.sending.value.length]).toEqual(["K", 1, 0]);
});

test("all present takes one undo to come back", async () => {
  const store = await SheetStore.open(data(standing(1, { "2": mark("T") })));
  await store.mark(1, { ...PRESENT, letter: "K" });
  const undo = await store.markAllPresent();
  expect([store.letterOf(1), store.letterOf(2)]).toEqual(["", ""]);
  undo();
  await vi.waitFor(() => expect([store.letterOf(1), store.letterOf(2)]).toEqual(["K", "T"]));
});

test("another person on the same phone sees nothing of this", async () => {
  const store = await SheetStore.open(data());
  await store.mark(1, { ...PRESENT, letter: "K" });
  const other = await SheetStore.open({ ...data(), user: 2 });
  expect(other.letterOf(1)).toBe("");
});

test("a suggestion is no mark; it goes when something is said, or when it is waved away, also after a reload", async () => {
  const store = await SheetStore.open(data());
  expect([store.letterOf(2), store.suggestionsOf(2).length]).toEqual(["", 2]);
  await store.mark(2, { ...PRESENT, letter: "K" });
  expect(store.suggestionsOf(2).map((one) => one.kind)).toEqual(["gate"]);
  store.dismiss(2, "gate");
  const again = await SheetStore.open(data());
  expect(again.suggestionsOf(2)).toEqual([]);
});

test("a page whose token is of an earlier sign-in sends with a fresh one; when somebody else signed in it waits", async () => {
  const store = await SheetStore.open(data());
  await store.mark(1, { ...PRESENT, letter: "K" });
  const stale = (): Response => json(400, { message: "Trang đã mở quá lâu." });
  answers = [stale, () => json(200, { user: 1, csrf: "fresh" }), () => json(200, standing(1, { "1": mark("K") }))];
  await store.save("final");
  await vi.waitFor(() => expect(store.standing.value.version).toBe(1));
  expect(sent[0]).toEqual(sent[1]);
  await store.mark(2, { ...PRESENT, letter: "P" });
  answers = [stale, () => json(200, { user: 2, csrf: "theirs" })];
  await store.save("final");
  await vi.waitFor(() => expect(store.link.value).toBe("refused"));
  expect([store.sending.value.length, store.sending.value[0]?.author]).toEqual([1, 1]);
});

test("what a gate sees while the sheet is open stands in the school's order, once, and marks nobody", async () => {
  const late = { letter: "T", name: "Đi trễ", isPresent: true, isLate: true, isEarlyLeave: false, needsReason: false };
  const store = await SheetStore.open({ ...data(), codes: [late], order: ["gate", "excuse"] });
  store.see([{ pupil: 2, time: "07:04", minutes: 4 }, { pupil: 3, time: "06:50", minutes: null }]);
  store.see([{ pupil: 2, time: "07:04", minutes: 4 }]);
  expect(store.suggestionsOf(2).map((one) => [one.kind, one.words, one.letter, one.minutes])).toEqual([
    ["gate", "quẹt thẻ cổng 07:04, trễ 4 phút", "T", 4],
    ["excuse", "đơn nghỉ đã duyệt: Bệnh", "P", undefined],
  ]);
  expect(store.suggestionsOf(3).map((one) => [one.words, one.letter])).toEqual([["quẹt thẻ cổng 06:50", null]]);
  expect([store.letterOf(2), store.drafts.value.length, store.standing.value.version]).toEqual(["", 0, 0]);
});

test("a period that was kept before it had a register gets one first, and then the taps with their ids", async () => {
  const kept = { ...data(), register: -120246900 - register, slot: 12, urls: { state: "", save: "", correct: "", signIn: "/login" } };
  const store = await SheetStore.open(kept);
  await store.mark(1, { ...PRESENT, letter: "K" });
  await store.save("final");
  await vi.waitFor(() => expect(store.link.value).toBe("offline"));
  const [waiting] = store.sending.value;
  answers = [() => json(200, { register: 41 }), () => json(200, standing(1, { "1": mark("K") }))];
  const again = await SheetStore.open(kept);
  await vi.waitFor(() => expect(again.standing.value.version).toBe(1));
  expect(urls.slice(-2)).toEqual(["/registers/device/period", "/registers/41/save"]);
  expect(sent.slice(-2)).toEqual([{ period: -kept.register }, waiting]);
});
