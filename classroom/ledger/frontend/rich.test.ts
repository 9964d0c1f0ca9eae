import { expect, test } from "vitest";
import { hasMaths, pieces, plain } from "./rich";

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

test("where nothing can be drawn a formula is written in a line", () => {
  expect(plain("$\\frac{1}{2}$ giờ")).toBe("1/2 giờ");
  expect(plain("$\\sqrt{x+1}$ và $3 \\times 4$")).toBe("√(x+1) và 3 ×4");
  expect(plain("$\\frac{a+b}{2}$, **đậm**")).toBe("(a+b)/2, đậm");
  expect([hasMaths("Giá 5$ hay 6$?"), hasMaths("$x$")]).toEqual([false, true]);
});
