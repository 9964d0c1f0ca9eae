import { describe, expect, test } from "vitest";
import { fold, matches } from "./text";

describe("fold", () => {
  test.each([
    ["Đặng Thị Ngọc Ánh", "dang thi ngoc anh"],
    ["  NGUYỄN   Hữu Nghĩa ", "nguyen huu nghia"],
    ["Y Blŏ Êban", "y blo eban"],
  ])("%s", (name, key) => {
    expect(fold(name)).toBe(key);
  });

  test("composed and decomposed text have one key", () => {
    expect(fold("Trường".normalize("NFD"))).toBe(fold("Trường".normalize("NFC")));
  });
});

test("every typed word must occur, accents or none", () => {
  expect(matches("6A1 Nguyễn Thị Phượng Hằng", "phuong 6a1")).toBe(true);
  expect(matches("6A1 Nguyễn Thị Phượng Hằng", "Phượng Hương")).toBe(false);
  expect(matches("Lớp (4/2)", "4/2")).toBe(true);
  expect(matches("bất kỳ", "")).toBe(true);
});
