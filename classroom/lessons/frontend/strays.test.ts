import { beforeAll, beforeEach, expect, test } from "vitest";
import { ignoreStrayClicks } from "./strays";

const pressed: string[] = [];

// Once: it listens on the document, which all tests share, in whatever order they run.
beforeAll(() => ignoreStrayClicks());

beforeEach(() => {
  pressed.length = 0;
  document.body.innerHTML = '<button id="next"><b>.</b></button><button id="scale">.</button>';
  for (const button of document.querySelectorAll("button")) button.addEventListener("click", () => pressed.push(button.id));
});

function click(selector: string, detail: number): boolean {
  const event = new MouseEvent("click", { bubbles: true, cancelable: true, detail });
  return document.querySelector(selector)?.dispatchEvent(event) ?? false;
}

test("the second half of a double click does nothing on another button", () => {
  click("#next b", 1);
  expect(click("#scale", 2)).toBe(false);
  expect(pressed).toEqual(["next"]);
});

test("two clicks on one button reach it twice", () => {
  click("#next b", 1);
  click("#next", 2);
  expect(pressed).toEqual(["next", "next"]);
});

test("a click of its own, also by keyboard, reaches the other button", () => {
  click("#next", 1);
  click("#scale", 1);
  click("#scale", 0);
  expect(pressed).toEqual(["next", "scale", "scale"]);
});
