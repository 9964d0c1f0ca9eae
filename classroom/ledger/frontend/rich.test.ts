import { expect, test } from "vitest";
import { pieces } from "./rich";

const maths = (text: string) => pieces(text).flatMap((piece) => (typeof piece !== "string" && piece.kind === "maths" ? [piece.text] : []));

test("maths stands close between two signs; money does not", () => {
  expect(maths("Giá 5$ hay 6$?")).toEqual([]);
  expect(maths("Từ $5 đến $10")).toEqual([]);
  expect(maths("Tính $x^2$ và $\\frac{1}{2}$.")).toEqual(["x^2", "\\frac{1}{2}"]);
  expect(maths("$5$ quả, $x$; 3$ một quả")).toEqual(["5", "x"]);
  expect(maths("\\$x\\$ và $10\\,\\$$")).toEqual(["10\\,\\$"]);
});

test("a sign behind a stroke is the sign itself", () => {
  expect(pieces("\\$5 \\*a\\*").join("")).toBe("$5 *a*");
});
