import { expect, test } from "vitest";
import { formatDate, formatNumber, formatShare, formatTime, translator } from "./i18n";

const en = { "Đã lưu": "Saved", "{n} học sinh": "{n} pupil|{n} pupils", "Lớp {name}": "Class {name}" };

test("Vietnamese is the message itself, English comes from the dictionary", () => {
  expect(translator(en, "vi")("Đã lưu")).toBe("Đã lưu");
  expect(translator(en, "en")("Đã lưu")).toBe("Saved");
  expect(translator(en, "en")("Lớp {name}", { name: "4/2" })).toBe("Class 4/2");
});

test("English chooses its form by n, Vietnamese has one", () => {
  expect(translator(en, "en")("{n} học sinh", { n: 1 })).toBe("1 pupil");
  expect(translator(en, "en")("{n} học sinh", { n: 45 })).toBe("45 pupils");
  expect(translator(en, "vi")("{n} học sinh", { n: 1 })).toBe("1 học sinh");
});

test("the page's language is the document's", () => {
  document.documentElement.lang = "en";
  expect(translator(en)("Đã lưu")).toBe("Saved");
  document.documentElement.lang = "vi";
  expect(translator(en)("Đã lưu")).toBe("Đã lưu");
});

test("numbers and dates as a Vietnamese school writes them", () => {
  expect(formatNumber(1234.5, 1, "vi")).toBe("1.234,5");
  expect(formatNumber(1234.5, 1, "en")).toBe("1,234.5");
  expect(formatShare(0.965, 1, "vi")).toBe("96,5%");
  expect(formatDate("2026-11-23")).toBe("23/11/2026");
});

test("the time of day is the school's, wherever the device believes to be", () => {
  expect(formatTime(new Date("2026-11-23T00:05:00Z"))).toBe("07:05");
});
