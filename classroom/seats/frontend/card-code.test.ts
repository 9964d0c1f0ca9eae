import { beforeEach, expect, test } from "vitest";
import { cardIn, forgetCard, forgetLesson, keepCard, keepLesson, keptCard, keptLesson } from "./card-code";

beforeEach(() => {
  sessionStorage.clear();
});

test("the code of a card stands behind the sign that no browser sends", () => {
  expect(["#AB3K", "#ab3k", "", "#", "#top of page", "#AB", "#<b>"].map(cardIn)).toEqual(["AB3K", "AB3K", "", "", "", "", ""]);
});

test("it leaves the address at once, and the tab after its use or ten minutes", () => {
  history.replaceState(null, "", "/j?x=1#ab3k");
  expect(keepCard(location, sessionStorage, 1000)).toBe(true);
  expect(location.href).toMatch(/\/j\?x=1$/);
  expect(keepCard(location, sessionStorage, 1000)).toBe(false);
  expect(keptCard(sessionStorage, 60_000)).toBe("AB3K");
  expect(keptCard(sessionStorage, 60 * 60_000)).toBe("");
  forgetCard(sessionStorage);
  expect(keptCard(sessionStorage, 2000)).toBe("");
});

test("a lesson that is open on the device is known to the tab of a scanned card for two hours, or until it is over", () => {
  keepLesson(localStorage, "K7M2QX", 1000);
  expect(keptLesson(localStorage, 3_600_000)).toBe("K7M2QX");
  expect(keptLesson(localStorage, 3 * 3_600_000)).toBe("");
  localStorage.setItem("bx-lesson", "1000://elsewhere");
  expect(keptLesson(localStorage, 2000)).toBe("");
  keepLesson(localStorage, "K7M2QX", 1000);
  forgetLesson(localStorage);
  expect(keptLesson(localStorage, 2000)).toBe("");
});
