import { expect, test } from "vitest";
import { dayAfter, daysBetween, followSliders } from "./day-slider";

test("days are counted over the turn of a month and a leap year", () => {
  expect(dayAfter("2024-02-28", 2)).toBe("2024-03-01");
  expect(daysBetween("2025-06-30", "2025-07-01")).toBe(1);
});

test("the slider and its date move together", () => {
  document.body.innerHTML =
    '<input type="date" id="day" value="2025-07-01"><input type="range" max="900" data-day-slider="day" data-first-day="2025-06-01" value="30">';
  followSliders(document);
  const [field, slider] = [...document.querySelectorAll("input")] as [HTMLInputElement, HTMLInputElement];
  slider.value = "29";
  slider.dispatchEvent(new Event("input"));
  expect([field.value, slider.getAttribute("aria-valuetext")]).toEqual(["2025-06-30", "30/06/2025"]);
  field.value = "2025-06-05";
  field.dispatchEvent(new Event("input"));
  expect(slider.value).toBe("4");
});
