"""A lesson in trouble, as those see it who sit in it: cut off, a server that dies, a phone asleep, other devices.

With PICTURES=folder every screen is saved there as it is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import School, look, school, sign_in
from tests.browser.watching import LAPTOP, PHONE, PROJECTOR
from tests.faulty import Fault, FaultyNetwork

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.watching import Windows

__all__ = ["school"]
QUESTION: Final = "Số nào chia hết cho 3, tính cả $\\overrightarrow{AB}$?\n*A. 12\nB. 14\nC. 16"
TROUBLE: Final = r"status of (401|404)|ERR_|WebSocket|Failed to load resource"


def ask(console: Page, text: str = QUESTION) -> None:
    console.get_by_role("button", name="Soạn câu hỏi").click()
    console.get_by_label("Câu hỏi và các lựa chọn").fill(text)
    console.get_by_role("button", name="Mở ngay").click()


def code_on(console: Page) -> str:
    return re.sub(r"\W", "", console.locator(".console__code b").inner_text())


def take_seat(page: Page, code: str, name: str, card: str) -> None:
    page.goto(f"/j/{code}")
    page.get_by_role("button", name=name).click()
    page.get_by_role("textbox").fill(card)
    page.keyboard.press("Enter")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_lesson_in_trouble(school: School, windows: Windows) -> None:
    windows.expect_problem(TROUBLE)
    faults: list[str] = []
    with FaultyNetwork(school.served.port) as of_teacher, FaultyNetwork(school.served.port) as of_pupil, \
            FaultyNetwork(school.served.port) as of_screen:  # fmt: skip
        console = windows.open(of_teacher.url, LAPTOP)
        sign_in(console)
        console.goto("/lessons")
        console.get_by_role("listitem").filter(has_text="Lớp 4/1").get_by_role(
            "button", name="Bắt đầu tiết học"
        ).click()
        console.wait_for_url("**/console")
        code = code_on(console)
        remote = windows.open(school.url, PHONE)
        sign_in(remote)
        remote.goto(re.sub(r"^.*?//[^/]+", "", console.url))
        screen = windows.open(of_screen.url, PROJECTOR)
        screen.goto(console.get_by_role("link", name="Màn hình chiếu").get_attribute("href") or "")
        (name, card), (other, other_card), *_ = school.cards.items()
        pupil = windows.open(of_pupil.url, PHONE)
        take_seat(pupil, code, name, card)
        neighbour = windows.open(school.url, PHONE)
        take_seat(neighbour, code, other, other_card)
        ask(console)
        answer = pupil.get_by_role("button", name="12", exact=False)
        expect(answer).to_be_visible()
        # All three are cut off in the middle of the question; the pupil answers all the same.
        for network in (of_teacher, of_pupil, of_screen):
            network.become(Fault.CUT)
        answer.click()
        expect(pupil.get_by_text("Đang gửi…")).to_be_visible()
        expect(pupil.get_by_text("Đã lưu ✓")).to_have_count(0)
        expect(console.get_by_text(re.compile("Mất kết nối")).first).to_be_visible(timeout=20_000)
        faults += look(pupil, "mat-ket-noi-hoc-sinh-390")
        faults += look(console, "mat-ket-noi-dieu-khien-1366")
        faults += look(screen, "mat-ket-noi-man-hinh-1920")
        # The laptop is gone; the phone goes on.
        remote.get_by_role("button", name="Khóa câu trả lời").click()
        expect(neighbour.get_by_text(re.compile("Câu hỏi đã khóa"))).to_be_visible()
        faults += look(remote, "dien-thoai-di-tiep-390")
        for network in (of_teacher, of_pupil, of_screen):
            network.become(Fault.NONE)
        expect(pupil.get_by_text(re.compile("Đã lưu ✓"))).to_be_visible(timeout=20_000)
        expect(console.get_by_role("button", name="Hiện đáp án")).to_be_visible(timeout=20_000)
        expect(screen.get_by_text(re.compile("Đã khóa"))).to_be_visible(timeout=20_000)
        remote.get_by_role("button", name="Hiện đáp án").click()
        # Another device takes over; the first says so.
        taken = windows.open(school.url, PHONE)
        take_seat(taken, code, name, card)
        expect(taken.get_by_text("Đáp án đã hiện.").first).to_be_visible()
        expect(pupil.get_by_text("Em đang dùng máy khác")).to_be_visible()
        faults += look(pupil, "may-khac-390")
        # The server dies in the middle of the next question and comes back.
        ask(remote, "Một nửa là mấy phần trăm?\n*A. 50\nB. 20")
        half = taken.get_by_role("button", name="50", exact=False)
        expect(half).to_be_visible()
        school.served.kill9()
        half.click()
        expect(taken.get_by_text("Đang gửi…")).to_be_visible()
        faults += look(taken, "may-chu-dung-390")
        school.served.start()
        expect(taken.get_by_text("Đã lưu ✓")).to_be_visible(timeout=30_000)
        expect(console.locator(".asking__count")).to_contain_text("1 /", timeout=30_000)
        expect(screen.get_by_text("1 bạn đã trả lời")).to_be_visible(timeout=30_000)
        # The shared tablet: a card is scanned in a tab of its own, and finds the lesson.
        scanned = neighbour.context.new_page()
        third, third_card = list(school.cards.items())[2]
        scanned.goto(f"/j#{third_card}")
        scanned.get_by_role("button", name=third).click()
        expect(scanned.get_by_text("Đã lấy từ thẻ em vừa quét")).to_be_visible()
        faults += look(scanned, "quet-the-390")
        scanned.get_by_role("button", name="Vào lớp").click()
        expect(scanned.get_by_role("button", name="50", exact=False)).to_be_visible()
    assert faults == []
