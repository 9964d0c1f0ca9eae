import { expect, test } from "vitest";
import { lookOf } from "./companion";

const NOTHING = { saves: 0, drafts: 0, conflicts: 0 };

test("that everything is sent is said of what was counted, never before", () => {
  expect(lookOf("online", undefined).words).toBe("");
  expect(lookOf("online", NOTHING).words).toBe("Đã gửi hết");
  expect(lookOf("online", { ...NOTHING, saves: 2 }).words).toContain("2 sổ chờ gửi");
  expect(lookOf("offline", { ...NOTHING, saves: 2, conflicts: 1 }).words).toContain("1 dấu cần chọn");
});
