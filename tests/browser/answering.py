"""A plan with a question of every kind, and how eight pupils answer each in the browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

from tests.browser.test_slides import drag

PLAN: Final = r"""Câu 1. Cây xanh nhả ra khí nào khi quang hợp?
*A. Ô-xi
B. Các-bô-níc {nhầm quang hợp với hô hấp}
C. Ni-tơ
D. Hơi nước
Giải thích: Quang hợp nhả ra ô-xi.
Mục tiêu: Quang hợp

Câu 2. Các phân số nào bằng $\frac{1}{2}$?
*A. $\frac{2}{4}$
B. $\frac{2}{3}$
*C. $\frac{50}{100}$
D. $\frac{3}{5}$

Câu 3. Trái Đất quay quanh Mặt Trời.
Đáp án: Đúng

Câu 4. Xét hình vuông cạnh 4 cm.
a) Chu vi là 16 cm. [Đ]
b) Diện tích là 8 cm². [S]
c) Hai đường chéo bằng nhau. [Đ]
d) Có đúng hai trục đối xứng. [S]

Câu 5. Ai lãnh đạo khởi nghĩa Lam Sơn?
Trả lời: Lê Lợi | Bình Định Vương

Câu 6. Chu vi $C = 2 \pi r$ của hình tròn bán kính 1 cm là bao nhiêu?
Số: 6,28 ± 0,01
Đơn vị: cm

Câu 7. Xếp theo thời gian.
Thứ tự:
- Bạch Đằng
- Chi Lăng
- Điện Biên Phủ

Câu 8. Ghép nước với thủ đô.
Ghép:
- Lào = Viêng Chăn
- Thái Lan = Băng Cốc

Câu 9. Em nghĩ đến từ nào khi nói về mùa xuân? [đám mây từ 3]

Câu 10. Vì sao phải bảo vệ rừng? [câu hỏi mở]

Câu 11. Vẽ một chiếc lá. [vẽ hình]

Câu 12. Em thấy bài này khó đến mức nào? [thang đo 5]
Hai đầu: rất dễ | rất khó

Câu 13. [phiếu cuối tiết]
"""
TITLE: Final = "Ôn tập mọi loại câu"


def send(page: Page) -> None:
    page.get_by_role("button", name="Gửi câu trả lời").click()


def answer_single(page: Page, number: int) -> None:
    page.get_by_role("button", name="Ô-xi" if number % 2 else "Các-bô-níc").click()


def answer_multiple(page: Page, number: int) -> None:
    for place in (0, 2) if number else (0, 1):
        page.locator(".choice").nth(place).click()
    send(page)


def answer_truth(page: Page, number: int) -> None:
    page.get_by_role("button", name="Đúng" if number else "Sai", exact=True).click()


def answer_statements(page: Page, number: int) -> None:
    for letter, word in zip("abcd", ("Đúng", "Sai", "Đúng", "Sai" if number else "Đúng"), strict=True):
        page.get_by_role("group", name=f"Ý {letter}").get_by_role("button", name=word).click()
    send(page)


def answer_short(page: Page, number: int) -> None:
    page.get_by_label("Câu trả lời của em").fill(("lê lợi", "Le Loi", "Nguyễn Trãi")[number % 3])
    send(page)


def answer_number(page: Page, number: int) -> None:
    page.get_by_label("Số của em").fill(("6,28", "6.28", "3,14")[number % 3])
    send(page)


def answer_ordering(page: Page, number: int) -> None:
    if number:
        rows = page.locator(".arrange__row")
        for name in ("Bạch Đằng", "Chi Lăng"):
            goal = ("Bạch Đằng", "Chi Lăng").index(name)
            while name not in rows.nth(goal).inner_text():
                page.get_by_role("button", name=f"Đưa lên: {name}").click()
    send(page)


def answer_matching(page: Page, number: int) -> None:
    for left, right in (
        (("Lào", "Viêng Chăn"), ("Thái Lan", "Băng Cốc")) if number else (("Lào", "Băng Cốc"),)
    ):
        box = page.get_by_label(left)
        box.select_option(box.locator("option", has_text=right).get_attribute("value"))
    send(page)


def answer_words(page: Page, number: int) -> None:
    for place, phrase in enumerate(("hoa mai", "bánh chưng")[: 1 + number % 2], 1):
        page.get_by_label(f"Cụm từ {place}").fill(phrase)
    send(page)


def answer_text(page: Page, number: int) -> None:
    page.get_by_label("Câu trả lời của em").fill("Vì rừng giữ nước." if number else "Không biết")
    send(page)


def answer_drawing(page: Page, number: int) -> None:
    """Most draw; one says in words what the drawing would show."""
    if number == 1:
        page.get_by_label(re.compile("tả hình bằng chữ")).fill("Chiếc lá có gân ở giữa")
    else:
        leaf = ((0.2, 0.6), (0.4, 0.25), (0.8, 0.4), (0.5, 0.75), (0.2, 0.6))
        drag(page, page.locator(".sketch--open"), *leaf, steps=2)
        page.wait_for_function("document.querySelector('.sketch--open path').getAttribute('d').length > 10")
    send(page)


def answer_scale(page: Page, number: int) -> None:
    page.get_by_role("button", name=str(1 + number % 5), exact=True).click()


def answer_exit(page: Page, number: int) -> None:
    page.get_by_role("button", name=("Đã hiểu", "Hiểu một phần")[number % 2], exact=True).click()
    if number == 1:
        page.get_by_label(re.compile("chưa rõ")).fill("Cách ghép đôi")
    send(page)


def answer_quick(page: Page, number: int) -> None:
    page.get_by_role("button", name="ABCD"[number % 4], exact=True).click()


BY_KEYBOARD: Final = 2
"""The pupil who has no pointer: the same answers, with Tab, Enter and letters alone."""
SENT: Final = ("Gửi câu trả lời", "Enter")
KEYS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "mot-dap-an": (("Các-bô-níc", "Enter"),),
    "nhieu-dap-an": (("Các lựa chọn|A", " "), ("Các lựa chọn|C", " "), SENT),
    "dung-sai": (("Đúng", "Enter"),),
    "bon-y": (
        ("Ý a: Chu vi là 16 cm.|Đúng", " "),
        ("Ý b: Diện tích là 8 cm².|Sai", " "),
        ("Ý c: Hai đường chéo bằng nhau.|Đúng", " "),
        ("Ý d: Có đúng hai trục đối xứng.|Sai", " "),
        SENT,
    ),
    "tra-loi-ngan": (("Câu trả lời của em", "Nguyễn Trãi"), SENT),
    "dien-so": (("Số của em", "3,14"), SENT),
    "sap-xep": (*[("Đưa lên: Bạch Đằng", "Enter")] * 3, *[("Đưa xuống: Điện Biên Phủ", "Enter")] * 3, SENT),
    "ghep-doi": (("Lào", "Viêng Chăn"), ("Thái Lan", "Băng Cốc"), SENT),
    "dam-may-tu": (("Cụm từ 1", "hoa mai"), SENT),
    "cau-hoi-mo": (("Câu trả lời của em", "Vì rừng giữ nước."), SENT),
    "ve-hinh": (("tả hình bằng chữ", "Chiếc lá tròn"), SENT),
    "thang-do": (("Thang đo, từ rất dễ đến rất khó|3", "Enter"),),
    "phieu-cuoi-tiet": (("Em hiểu bài đến đâu?|Đã hiểu", "Enter"), SENT),
    "hoi-nhanh": (("Các lựa chọn|C", "Enter"),),
}
"""What is reached with Tab, and what is pressed or typed there; a group's name stands before the bar."""
SAID: Final = """() => {
  const at = document.activeElement;
  const group = at.closest("[role=group][aria-label]")?.getAttribute("aria-label");
  const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.innerText ?? at.innerText ?? "";
  const icon = at.querySelector("[aria-label]")?.getAttribute("aria-label") ?? "";
  return `${group ?? ""}|${name} ${icon}`;
}"""
"""What a screen reader says of the place at which the keyboard is: its group and its name."""
LETTER_OF: Final = (
    "(text) => [...document.activeElement.options].find((one) => one.text.includes(text)).text[0]"
)
"""The key that chooses an option of a list."""


def answer_with_keys(page: Page, name: str) -> None:
    """Answer without a pointer, from wherever a new question leaves the keyboard: at the question itself."""
    expect(page.locator("h1.question")).to_be_focused()
    for wanted, keys in KEYS[name]:
        reach(page, wanted)
        if page.evaluate("document.activeElement.tagName") == "SELECT":
            page.keyboard.press(str(page.evaluate(LETTER_OF, keys)))
        elif len(keys) > 1 and keys != "Enter":
            page.keyboard.type(keys)
        else:
            page.keyboard.press(keys)
    if name == "sap-xep":
        expect(page.get_by_role("status").filter(has_text="vị trí")).to_have_count(1)


def reach(page: Page, wanted: str) -> None:
    """Press Tab until the keyboard is at a control of this name; it stays when it is there."""
    *group, name = wanted.split("|")
    said = ""
    for _ in range(40):
        said = str(page.evaluate(SAID))
        at, _, words = said.partition("|")
        if (not group or at == group[0]) and name in words:
            return
        page.keyboard.press("Tab")
    message = f"the keyboard does not get to {wanted!r}; it is at {said!r}"
    raise AssertionError(message)


PLANNED: Final = (
    ("mot-dap-an", answer_single), ("nhieu-dap-an", answer_multiple), ("dung-sai", answer_truth),
    ("bon-y", answer_statements), ("tra-loi-ngan", answer_short), ("dien-so", answer_number),
    ("sap-xep", answer_ordering), ("ghep-doi", answer_matching), ("dam-may-tu", answer_words),
    ("cau-hoi-mo", answer_text), ("ve-hinh", answer_drawing), ("thang-do", answer_scale),
    ("phieu-cuoi-tiet", answer_exit),
)  # fmt: skip
"""The plan's questions in their order: what a picture is called, and how a pupil answers."""
CLOSELY: Final = frozenset({"mot-dap-an", "bon-y", "ghep-doi", "dam-may-tu", "cau-hoi-mo", "ve-hinh"})
