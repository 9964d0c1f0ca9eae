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

Câu 2. Các số nào chia hết cho 3?
*A. 12
B. 14
*C. 27
D. 31

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
    for text in ("12", "27") if number else ("12", "14"):
        page.get_by_role("button", name=text).click()
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
    if number == 2:
        # By keyboard: the button that was pressed keeps the place, though its row moves up to the end.
        button = page.get_by_role("button", name="Đưa lên: Bạch Đằng")
        button.focus()
        for _ in range(3):
            page.keyboard.press("Enter")
            expect(button).to_be_focused()
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
        drag(
            page, page.locator(".sketch--open"), (0.2, 0.6), (0.4, 0.25), (0.8, 0.4), (0.5, 0.75), (0.2, 0.6)
        )
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


PLANNED: Final = (
    ("mot-dap-an", answer_single), ("nhieu-dap-an", answer_multiple), ("dung-sai", answer_truth),
    ("bon-y", answer_statements), ("tra-loi-ngan", answer_short), ("dien-so", answer_number),
    ("sap-xep", answer_ordering), ("ghep-doi", answer_matching), ("dam-may-tu", answer_words),
    ("cau-hoi-mo", answer_text), ("ve-hinh", answer_drawing), ("thang-do", answer_scale),
    ("phieu-cuoi-tiet", answer_exit),
)  # fmt: skip
"""The plan's questions in their order: what a picture is called, and how a pupil answers."""
CLOSELY: Final = frozenset({"mot-dap-an", "bon-y", "ghep-doi", "dam-may-tu", "cau-hoi-mo", "ve-hinh"})
