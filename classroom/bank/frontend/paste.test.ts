import { describe, expect, it } from "vitest";
import { withMarks } from "./paste";

describe("withMarks", () => {
  it("puts a star before the option that Word underlines or shows in red", () => {
    const plain = "Câu 1. Thủ đô?\nA. Huế\tB. Hà Nội\tC. Đà Nẵng\nCâu 2. 1 + 1?\nA. 1\nB. 2";
    const html =
      "<p class=MsoNormal>Câu 1. Thủ đô?</p><p class=MsoNormal>A. Huế<span style='mso-tab-count:1'>     </span><u>B</u>. Hà Nội" +
      "<span style='mso-tab-count:1'>     </span>C. Đà Nẵng</p><p>Câu 2. 1 + 1?</p><p>A. 1</p><p><span style='color:red'>B. 2</span></p>";
    expect(withMarks(plain, html)).toBe("Câu 1. Thủ đô?\nA. Huế\t*B. Hà Nội\tC. Đà Nẵng\nCâu 2. 1 + 1?\nA. 1\n*B. 2");
  });

  it("keeps low and high figures", () => {
    expect(withMarks("Khí CO2 và x2, m-1", "<p>Khí CO<sub>2</sub> và x<sup>2</sup>, m<sup>–1</sup></p>".replace("–", "-"))).toBe("Khí CO₂ và x², m⁻¹");
  });

  it("leaves a question of sounds alone, where every option has something underlined", () => {
    const plain = "A. heat\nB. head\nC. heal";
    expect(withMarks(plain, "<p>A. h<u>ea</u>t</p><p>B. h<u>ea</u>d</p><p>C. h<u>ea</u>l</p>")).toBe(plain);
  });

  it("leaves a text without marks as it is, numbers of lists too", () => {
    expect(withMarks("1. Một\n2. Hai", "<ol><li>Một</li><li>Hai</li></ol>")).toBe("1. Một\n2. Hai");
    expect(withMarks("1. Một x2\n2. Hai", "<ol><li>Một x<sup>2</sup></li><li>Hai</li></ol>")).toBe("1. Một x²\n2. Hai");
  });
});
