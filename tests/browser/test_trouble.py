"""A lesson in trouble, as those see it who sit in it: cut off, a server that dies, other devices, a scanned card.

With PICTURES=folder every screen is saved there as it is looked at.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from playwright.sync_api import TimeoutError as TooLateError
from playwright.sync_api import expect

from tests.browser.lesson import School, look, school, sign_in
from tests.browser.watching import LAPTOP, PHONE, PROJECTOR
from tests.faulty import Fault, FaultyNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.browser.watching import Windows

__all__ = ["school"]
FIRST: Final = "Số nào chia hết cho 3?\n*A. 12\nB. 14\nC. 16"
MISSED: Final = "Số nào lớn nhất?\n*A. 9\nB. 7"
AWAKE: Final = "Số nào nhỏ nhất?\nA. 8\n*B. 3"
BLOCKED: Final = "Một giờ có mấy phút?\n*A. 60\nB. 100"
A_LOOK: Final = 4_100
"""Milliseconds after which a screen without a socket has asked over HTTP again."""
SECOND: Final = "Một nửa là mấy phần trăm?\n*A. 50\nB. 20"
TROUBLE: Final = r"status of (401|404)|ERR_|WebSocket"


class Class(NamedTuple):
    """A lesson on its screens: laptop, projector and one pupil behind networks that can be cut, and two phones."""

    school: School
    networks: tuple[FaultyNetwork, ...]
    console: Page
    screen: Page
    pupil: Page
    remote: Page
    neighbour: Page
    code: str

    def become(self, fault: Fault) -> None:
        for network in self.networks:
            network.become(fault)


@pytest.fixture
def in_class(school: School, windows: Windows) -> Iterator[Class]:
    windows.expect_problem(TROUBLE)
    with ExitStack() as stack:
        networks = tuple(stack.enter_context(FaultyNetwork(school.served.port)) for _ in range(3))
        console = windows.open(networks[0].url, LAPTOP)
        sign_in(console)
        console.goto("/lessons")
        row = console.get_by_role("listitem").filter(has_text="Lớp 4/1")
        row.get_by_role("button", name="Bắt đầu tiết học").click()
        console.wait_for_url("**/console")
        screen = windows.open(networks[1].url, PROJECTOR)
        screen.goto(path_of(console.get_by_role("link", name="Màn hình chiếu").get_attribute("href") or ""))
        remote = windows.open(school.url, PHONE)
        sign_in(remote)
        remote.goto(path_of(console.url))
        pupil, neighbour = windows.open(networks[2].url, PHONE), windows.open(school.url, PHONE)
        code = re.sub(r"\W", "", console.locator(".console__code b").inner_text())
        pupil.clock.install()
        for page, (name, card) in zip((pupil, neighbour), school.cards.items(), strict=False):
            take_seat(page, code, name, card)
        yield Class(school, networks, console, screen, pupil, remote, neighbour, code)


def path_of(address: str) -> str:
    return re.sub(r"^\w+://[^/]+", "", address)


def ask(teacher: Page, text: str) -> None:
    teacher.get_by_role("button", name="Soạn câu hỏi").click()
    teacher.get_by_label("Câu hỏi và các lựa chọn").fill(text)
    teacher.get_by_role("button", name="Mở ngay").click()


def take_seat(page: Page, code: str, name: str, card: str) -> None:
    page.goto(f"/j/{code}")
    page.get_by_role("button", name=name).click()
    page.get_by_role("textbox").fill(card)
    page.keyboard.press("Enter")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_lesson_in_trouble(in_class: Class, windows: Windows) -> None:
    faults = [
        *three_screens_are_cut_off_and_the_phone_goes_on(in_class),
        *a_phone_sleeps_for_ten_minutes(in_class),
        *another_device_takes_over(in_class, windows),
        *a_card_is_scanned_on_a_shared_device(in_class),
        *a_network_blocks_every_socket(in_class, windows),
    ]
    assert faults == []


def three_screens_are_cut_off_and_the_phone_goes_on(lesson: Class) -> list[str]:
    ask(lesson.console, FIRST)
    answer = lesson.pupil.get_by_role("button", name="12")
    expect(answer).to_be_visible()
    expect(lesson.screen.get_by_text("Số nào chia hết cho 3?")).to_be_visible()
    lesson.become(Fault.CUT)
    answer.click()
    expect(lesson.pupil.get_by_text("Đang gửi…")).to_be_visible()
    for page in (lesson.pupil, lesson.console, lesson.screen):
        expect(page.get_by_text(re.compile("Mất kết nối")).first).to_be_visible(timeout=20_000)
    faults = look(lesson.pupil, "mat-ket-noi-hoc-sinh-390")
    faults += look(lesson.console, "mat-ket-noi-dieu-khien-1366")
    faults += look(lesson.screen, "mat-ket-noi-man-hinh-1920")
    lesson.remote.get_by_role("button", name="Khóa câu trả lời").click()
    expect(lesson.neighbour.get_by_text(re.compile("Câu hỏi đã khóa"))).to_be_visible()
    faults += look(lesson.remote, "dien-thoai-di-tiep-390")
    lesson.remote.wait_for_timeout(2_500)  # the grace of answers that were on their way
    lesson.become(Fault.NONE)
    expect(lesson.pupil.get_by_text("Đã lưu ✓ (gửi trễ)")).to_be_visible(timeout=20_000)
    expect(lesson.console.get_by_role("button", name="Hiện đáp án")).to_be_visible(timeout=20_000)
    expect(lesson.screen.get_by_text(re.compile("Đã khóa"))).to_be_visible(timeout=20_000)
    lesson.remote.get_by_role("button", name="Hiện đáp án").click()
    return faults


def a_phone_sleeps_for_ten_minutes(lesson: Class) -> list[str]:
    """Its page stands still, nothing arrives, and its clock leaps; a question comes and goes meanwhile."""
    phone, network = lesson.pupil, lesson.networks[2]
    network.become(Fault.STALL)
    sleep = phone.context.new_cdp_session(phone)
    sleep.send("Page.setWebLifecycleState", {"state": "frozen"})
    ask(lesson.remote, MISSED)
    expect(lesson.neighbour.get_by_text("Số nào lớn nhất?")).to_be_visible()
    lesson.remote.get_by_role("button", name="Khóa câu trả lời").click()
    lesson.remote.get_by_role("button", name="Hiện đáp án").click()
    ask(lesson.remote, AWAKE)
    expect(lesson.neighbour.get_by_text("Số nào nhỏ nhất?")).to_be_visible()
    sleep.send("Page.setWebLifecycleState", {"state": "active"})
    phone.clock.fast_forward("10:00")
    network.become(Fault.NONE)
    expect(phone.get_by_text("Số nào nhỏ nhất?")).to_be_visible(timeout=20_000)
    phone.get_by_role("button", name="3").click()
    expect(phone.get_by_text("Đã lưu ✓", exact=True)).to_be_visible(timeout=20_000)
    expect(lesson.console.locator(".asking__count")).to_contain_text("1 /")
    return look(phone, "thuc-day-390")


def another_device_takes_over(lesson: Class, windows: Windows) -> list[str]:
    """And the server dies in the middle of the next question; an answer given meanwhile arrives once."""
    (name, card), *_ = lesson.school.cards.items()
    other = windows.open(lesson.school.url, PHONE)
    take_seat(other, lesson.code, name, card)
    expect(other.get_by_role("button", name="3", pressed=True)).to_be_visible()
    expect(lesson.pupil.get_by_text("Em đang dùng máy khác")).to_be_visible()
    faults = look(lesson.pupil, "may-khac-390")
    ask(lesson.remote, SECOND)
    half = other.get_by_role("button", name="50")
    expect(half).to_be_visible()
    lesson.school.served.kill9()
    half.click()
    expect(other.get_by_text("Đang gửi…")).to_be_visible()
    faults += look(other, "may-chu-dung-390")
    lesson.school.served.start()
    expect(other.get_by_text("Đã lưu ✓")).to_be_visible(timeout=30_000)
    expect(lesson.console.locator(".asking__count")).to_contain_text("1 /", timeout=30_000)
    expect(lesson.screen.get_by_text("1 bạn đã trả lời")).to_be_visible(timeout=30_000)
    return faults


def a_card_is_scanned_on_a_shared_device(lesson: Class) -> list[str]:
    """The camera opens the card's address in a tab of its own; it finds the lesson, and the next pupil is asked for."""
    name, card = list(lesson.school.cards.items())[2]
    scanned = lesson.neighbour.context.new_page()
    scanned.goto(f"/j#{card}")
    scanned.get_by_role("button", name=name).click()
    expect(scanned.get_by_text("Đã lấy từ thẻ em vừa quét")).to_be_visible()
    faults = look(scanned, "quet-the-390")
    scanned.get_by_role("button", name="Vào lớp").click()
    expect(scanned.get_by_role("button", name="50")).to_be_visible()
    return faults


def a_network_blocks_every_socket(lesson: Class, windows: Windows) -> list[str]:
    """A lesson over HTTP alone, from the question to the end: slower by seconds; it says so, and not "cut off"."""
    name, card = list(lesson.school.cards.items())[3]
    signed_in = lesson.remote.context.storage_state()
    console = without_sockets(windows.open(lesson.school.url, LAPTOP, storage_state=signed_in))
    screen = without_sockets(windows.open(lesson.school.url, PROJECTOR))
    pupil = without_sockets(windows.open(lesson.school.url, PHONE))
    console.goto(path_of(lesson.console.url))
    screen.goto(path_of(lesson.screen.url))
    take_seat(pupil, lesson.code, name, card)
    expect(pupil.get_by_text("Một nửa là mấy phần trăm?")).to_be_visible()
    ask(console, BLOCKED)
    wait_for(pupil, pupil.get_by_text("Một giờ có mấy phút?"))
    pupil.get_by_role("button", name="60").click()
    expect(pupil.get_by_text("Đã lưu ✓")).to_be_visible()
    wait_for(pupil, pupil.get_by_text("Kết nối chậm, vẫn gửi và nhận được"))
    wait_for(console, console.locator(".asking__count", has_text="1 /"))
    wait_for(console, console.locator(".tile", has_text=name.split()[-1]).filter(has_text="trong lớp"))
    faults = look(pupil, "chan-ket-noi-390") + look(console, "chan-ket-noi-1366")
    console.get_by_role("button", name="Khóa câu trả lời").click()
    console.get_by_role("button", name="Hiện đáp án").click()
    wait_for(screen, screen.locator(".histogram__row.is-right"))
    expect(screen.get_by_text("Mất kết nối")).to_have_count(0)
    wait_for(pupil, pupil.get_by_text("Em trả lời đúng."))
    console.get_by_role("button", name="Kết thúc tiết học").click()
    console.get_by_role("button", name="Kết thúc", exact=True).click()
    wait_for(pupil, pupil.get_by_text("Tiết học đã kết thúc"))
    return faults


def without_sockets(page: Page) -> Page:
    """Have a page's sockets refused, as a school's proxy does, and its clock in our hands."""
    page.context.route_web_socket(re.compile("socket.io"), lambda socket: socket.close())
    page.clock.install()
    return page


def wait_for(page: Page, wanted: Locator) -> None:
    """Let the page ask over HTTP until it has what is wanted; four times at most."""
    for _ in range(4):
        page.clock.run_for(A_LOOK)
        try:
            return wanted.first.wait_for(timeout=1_500)
        except TooLateError:
            continue
    return expect(wanted.first).to_be_visible()
