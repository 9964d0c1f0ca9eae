"""`make screenshots`: the demonstration's main screens on a phone, a laptop and a projector, into docs/screenshots."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import xlsxwriter
from playwright.sync_api import sync_playwright

from tests.browser.pilot import Pilot, running, seed
from tests.browser.test_slides import PAGES as PAGES_OF_SLIDES
from tests.browser.test_slides import drag, prepare
from tests.browser.test_thread import ask, cards, join_code, start_lesson, take_seat
from tests.browser.watching import LAPTOP, PHONE, PROJECTOR, Windows, launch
from tests.classroom.slides.papers import paper
from tests.faulty import Fault, FaultyNetwork
from tests.installation import migrate, settings_for
from tests.servers import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER: Final = ROOT / "docs" / "screenshots"
PAGES: Final = (
    ("vanthu.moi", "/imports", "nhap-tu-excel"),
    ("hieutruong", "/", "trang-chinh-hieu-truong"),
    ("hieutruong", "/registers", "diem-danh-hieu-truong"),
    ("gvcn", "/", "trang-chinh-giao-vien"),
    ("gvcn", "/classes", "lop"),
    ("chuyenvien", "/reports/attendance", "bao-cao"),
    ("hieutruong", "/reports/week", "tuan-nay"),
    ("chuyenvien", "/reports/explorer", "kham-pha-so-lieu"),
    ("chuyenvien", "/submissions", "tong-hop-so-lieu"),
    ("chuyenvien", "/exchange", "kho-du-lieu"),
)
ROSTER: Final = (
    ("TRƯỜNG TIỂU HỌC", "", "", "", "", "", ""),
    ("STT", "Mã lớp", "Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc"),
    (1, "4/1", "7501230001", "Nguyễn Hoàng Phương Uyên", "05/09/2017", "Nữ", "Kinh"),
    (2, "4/1", "7501230002", "Điểu K'Rân", "17/05/2017", "Nam", "Xtiêng"),
    (3, "4/1", "", "Trần Thị Ngọc Ánh", "02/12/2017", "Nữ", "Kinh"),
    (4, "4/1", "7501230004", "Lê Gia Bảo", "31/02/2017", "Nam", "Kinh"),
    (5, "4/2", "7501230005", "Y Blŏng Niê", "11/03/2017", "Nam", "Ê-đê"),
    (6, "4/2", "7501230006", "Phạm Minh Khôi", "25/08/2017", "Nam", "Kinh"),
    (7, "4/2", "75012300", "Thị Hương", "19/01/2017", "Nữ", "Khơ-me"),
    (8, "4/2", "7501230008", "Đặng Thùy Dương", "30/07/2017", "Nữ", "Hoa"),
)
LEAF: Final = (
    (
        (0.2, 0.6),
        (0.3, 0.35),
        (0.5, 0.22),
        (0.72, 0.3),
        (0.82, 0.5),
        (0.7, 0.7),
        (0.5, 0.78),
        (0.3, 0.74),
        (0.2, 0.6),
    ),
    ((0.1, 0.72), (0.2, 0.6), (0.5, 0.5), (0.82, 0.5)),
    ((0.4, 0.53), (0.5, 0.32)),
    ((0.4, 0.53), (0.52, 0.7)),
)
"""A leaf, as a pupil draws it."""
HALF: Final = r"""Phân số nào bằng $\frac{1}{2}$?
A. $\frac{2}{3}$
*B. $\frac{3}{6}$
C. $\frac{3}{5}$
Giải thích: $\frac{3}{6} = \frac{3 : 3}{6 : 3} = \frac{1}{2}$"""
PLAN: Final = r"""Câu 1. Phân số nào bằng $\frac{1}{2}$?
A. $\frac{2}{3}$ {cộng thêm 1 vào tử và mẫu}
*B. $\frac{3}{6}$
C. $\frac{3}{5}$
Mục tiêu: Phân số bằng nhau
Giải thích: Chia cả tử và mẫu cho 3.

Câu 2. Xét hình vuông cạnh 4 cm.
a) Chu vi là 16 cm. [Đ]
b) Diện tích là 8 cm². [S]
c) Hai đường chéo bằng nhau. [Đ]
d) Có hai trục đối xứng. [S]

Câu 3. Xếp từ bé đến lớn.
Thứ tự:
- $\frac{1}{3}$
- $\frac{1}{2}$
- $\frac{2}{3}$
"""
SIZES: Final = {"390": PHONE, "1366": LAPTOP, "1920": PROJECTOR}


def main() -> None:
    """Seed a demonstration in a temporary folder, run it, and photograph it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        empty = Path(folder) / "empty"
        empty.mkdir()
        migrate(settings_for(empty))
        seed(instance, empty / "bangxanh.db")
        with running(instance) as pilot, sync_playwright() as playwright:
            browser = launch(playwright)
            windows = Windows(browser)
            _pages(pilot, windows)
            _school(pilot, windows)
            _offline(pilot, windows)
            _intake(pilot, windows, Path(folder))
            _weeks(pilot, windows)
            _register(pilot, windows)
            _timetable(pilot, windows)
            _lesson(pilot, windows)
            _papers(pilot, windows)
            browser.close()


def _pages(pilot: Pilot, windows: Windows) -> None:
    """One sign-in a person and size: more would meet the limit on tries."""
    for name, size in SIZES.items():
        for username in dict.fromkeys(who for who, _, _ in PAGES):
            page = windows.open(pilot.web.url, size)
            pilot.sign_in(page, username)
            for path, title in [(path, title) for who, path, title in PAGES if who == username]:
                page.goto(path)
                page.locator("progress").wait_for(state="detached", timeout=60_000)
                _save(page, f"{title}-{name}")
            page.context.close()


def _school(pilot: Pilot, windows: Windows) -> None:
    """What the guide "Thiết lập trường" shows: a new school's steps, a class, its teachers, its seats."""
    clerk = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(clerk, "vanthu.moi")
    clerk.goto("/setup")
    _save(clerk, "thiet-lap-truong-1366")
    clerk = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(clerk, "vanthu")
    clerk.goto("/classes")
    clerk.get_by_role("link", name="4/2", exact=True).click()
    address = clerk.url
    _save(clerk, "trang-lop-1366")
    clerk.goto(f"{address}/teachers")
    _save(clerk, "phan-cong-giao-vien-1366")
    clerk.goto(f"{address}/seats")
    clerk.get_by_role("button", name="Xếp theo danh sách").click()
    _save(clerk, "so-do-cho-ngoi-1366")
    clerk.goto(address)
    clerk.locator("a[href^='/pupils/']").first.click()
    clerk.get_by_role("heading", level=1).wait_for()
    _save(clerk, "trang-hoc-sinh-1366")


def _intake(pilot: Pilot, windows: Windows, folder: Path) -> None:
    """What the guide "Nhập danh sách học sinh" shows: a new school's first file with two bad rows, then the result."""
    file = folder / "hoc-sinh-khoi-4.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Khối 4")
        for number, row in enumerate(ROSTER):
            sheet.write_row(number, 0, row)
    clerk = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(clerk, "vanthu.moi")
    clerk.goto("/imports")
    clerk.locator("input[type=file]").set_input_files(file)
    clerk.get_by_role("button", name="Xem trước").click()
    clerk.get_by_text("Chờ xác nhận").wait_for(timeout=60_000)
    _save(clerk, "nhap-xem-truoc-1366")
    clerk.get_by_role("button", name="Nhập vào hệ thống").click()
    clerk.get_by_text("Đã nhập xong").wait_for(timeout=60_000)
    _save(clerk, "nhap-ket-qua-1366")


def _weeks(pilot: Pilot, windows: Windows) -> None:
    """The week of a guardian's child on a phone."""
    page = windows.open(pilot.web.url, PHONE)
    pilot.sign_in(page, "phuhuynh")
    page.goto("/timetable")
    _save(page, "tuan-hoc-390")


def _register(pilot: Pilot, windows: Windows) -> None:
    page = windows.open(pilot.web.url, PHONE)
    pilot.sign_in(page, "gvcn")
    page.get_by_role("link", name="Điểm danh buổi sáng lớp 4/2").tap()
    for number, taps in ((1, 1), (4, 2), (7, 3)):
        for _ in range(taps):
            page.locator(".tile").nth(number).tap()
    _save(page, "so-diem-danh-390")


def _offline(pilot: Pilot, windows: Windows) -> None:
    """A sheet that the phone shows by itself, with a save that waits for the network."""
    with FaultyNetwork(pilot.web.port) as network:
        page = windows.open(network.url, PHONE)
        pilot.sign_in(page, "gvcn")
        page.wait_for_function(
            "() => navigator.serviceWorker.controller && localStorage.getItem('bx-renewed')"
        )
        page.get_by_role("link", name="Điểm danh buổi sáng lớp 4/2").tap()
        page.locator(".tile").nth(1).tap()
        network.become(Fault.CUT)
        page.reload()
        page.get_by_text("mở từ máy này").wait_for()
        page.locator(".tile").nth(4).tap()
        page.get_by_role("button", name="Gửi sổ điểm danh").tap()
        page.get_by_text("1 sổ chờ gửi").wait_for()
        page.evaluate("() => scrollTo(0, 0)")
        _save(page, "diem-danh-mat-mang-390")


def _timetable(pilot: Pilot, windows: Windows) -> None:
    """A draft in which a teacher is needed in two classes at once, with that cell open."""
    page = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(page, "vanthu")
    page.goto("/timetable")
    page.get_by_role("button", name="Tạo bản nháp").click()
    page.locator("#slot-2-morning-2").click()
    busy = page.locator("#staff-0 option", has_text="đang dạy").first.get_attribute("value")
    page.locator("#staff-0").select_option(busy)
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    page.locator(".slot.has-conflict").first.wait_for()
    _save(page, "thoi-khoa-bieu-1366")


def _lesson(pilot: Pilot, windows: Windows) -> None:
    console = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(console, "gvcn")
    _plan(console)
    start_lesson(console)
    screen = windows.open(pilot.web.url, PROJECTOR)
    screen.goto(console.get_by_role("link", name="Màn hình chiếu").get_attribute("href") or "")
    screen.get_by_text("đã vào lớp").wait_for()
    _save(screen, "man-hinh-chieu-cho-1920")
    pupils = []
    for name, card in cards(pilot).items():
        pupils.append(windows.open(pilot.web.url, PHONE))
        take_seat(pupils[-1], join_code(console), name, card)
        pupils[-1].get_by_text(name).wait_for()
    ask(console)
    for page, choice in zip(pupils, ("4 và 6", "5 và 6", "4 và 6"), strict=True):
        page.get_by_role("button", name=re.compile(choice)).tap()
        page.get_by_text("Đã lưu ✓").wait_for()
    _save(pupils[0], "hoc-sinh-390")
    _remote(console, pilot, windows)
    console.get_by_role("button", name="Khóa câu trả lời").click()
    console.get_by_role("button", name="Hiện đáp án").click()
    screen.locator(".histogram__row").first.wait_for()
    _save(console, "dieu-khien-tiet-hoc-1366")
    _save(screen, "man-hinh-chieu-dap-an-1920")
    _two_rounds(console, screen, pupils)
    _slides(console, screen, pupils[0])
    _beside(console, screen, pupils)


def _remote(console: Page, pilot: Pilot, windows: Windows) -> None:
    """The same page on the teacher's phone: the next step under the thumb."""
    remote = windows.open(pilot.web.url, PHONE, storage_state=console.context.storage_state())
    remote.goto(console.url)
    remote.get_by_role("button", name="Khóa câu trả lời").wait_for()
    _save(remote, "tiet-hoc-dieu-khien-tu-xa-390")
    remote.context.close()


def _two_rounds(console: Page, screen: Page, pupils: list[Page]) -> None:
    """A question that the class talks about and answers again: both rounds side by side."""
    console.get_by_role("button", name="Soạn câu hỏi").click()
    console.get_by_label("Câu hỏi và các lựa chọn").fill(HALF)
    console.get_by_role("button", name="Mở ngay").click()
    for answers, steps in (
        (((1, 0, 1), ("Thảo luận rồi trả lời lại", "Mở trả lời lần 2"))),
        ((1, 1, 0), ("Hiện đáp án",)),
    ):
        for page, place in zip(pupils, answers, strict=True):
            page.locator("button.choice").nth(place).tap()
            page.get_by_text("Đã lưu ✓").wait_for()
        for step in ("Khóa câu trả lời", *steps):
            console.get_by_role("button", name=step, exact=True).click()
    screen.locator(".histogram--rounds").wait_for()
    _save(screen, "tiet-hoc-hai-lan-1920")


def _plan(console: Page) -> None:
    """A plan as it is written: the text on the left, how it is understood on the right."""
    plan = console.context.new_page()
    plan.goto("/plans/new")
    plan.get_by_label("Tên kế hoạch").fill("Ôn tập phân số")
    plan.get_by_label("Các câu hỏi").fill(PLAN)
    plan.locator("#preview", has_text="Câu 3").wait_for()
    _save(plan, "ke-hoach-tiet-hoc-1366")
    plan.close()


def _slides(console: Page, screen: Page, pupil: Page) -> None:
    """A presentation in the lesson that goes on: the plan, a slide with ink, a drawing."""
    plan = console.context.new_page()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Bài 5 Quang hợp.pdf"
        file.write_bytes(paper(*PAGES_OF_SLIDES))
        prepare(plan, file)
    _save(plan, "trang-chieu-ke-hoach-1366")
    plan.close()
    console.get_by_role("button", name="Lấy từ kế hoạch").click()
    console.get_by_label("Lấy từ kế hoạch").select_option(label="Bài 5 Quang hợp (1)")
    console.get_by_role("button", name="Tiếp").click()
    slide = console.locator(".slide__picture")
    for pen, line in {
        "Bút đỏ": ((0.1, 0.42), (0.4, 0.4), (0.62, 0.42)),
        "Bút tô sáng": ((0.1, 0.17), (0.6, 0.17)),
    }.items():
        console.get_by_role("button", name=pen).click()
        drag(console, slide, *line)
    screen.locator(".ink-shape--marker").wait_for()
    console.evaluate("scrollTo(0, 0)")
    _save(console, "trang-chieu-dieu-khien-1366")
    _save(screen, "trang-chieu-man-hinh-1920")
    console.get_by_role("button", name="Tới câu hỏi").click()
    console.get_by_role("button", name="Mở trả lời").first.click()
    canvas = pupil.locator(".sketch--open")
    for line in LEAF:
        drag(pupil, canvas, *line)
    _save(pupil, "ve-hinh-390")
    console.get_by_role("button", name="Khóa câu trả lời").click()


def _beside(console: Page, screen: Page, pupils: list[Page]) -> None:
    """What stands beside a lesson's questions: groups, what the class asks, the goal, the leaderboard; the result."""
    for panel in ("Câu hỏi của học sinh", "Chia nhóm", "Mục tiêu chung, bảng xếp hạng"):
        console.locator("summary", has_text=panel).click()
    console.get_by_role("button", name="Chia nhóm").click()
    console.get_by_label(re.compile("Chiếu nhóm")).click()
    screen.locator(".screen__groups > li").first.wait_for()
    _save(screen, "tiet-hoc-chia-nhom-1920")
    console.get_by_label(re.compile("Chiếu nhóm")).click()
    console.get_by_label("Mục tiêu", exact=True).fill("6")
    console.get_by_role("button", name="Đặt mục tiêu").click()
    console.get_by_label("Chiếu bảng xếp hạng").click()
    console.get_by_label("Nhận câu hỏi của học sinh").click()
    first, second, _ = pupils
    first.get_by_label("Câu hỏi của em").fill("Có mấy cách tách 10 thành hai số?")
    first.get_by_role("button", name="Gửi câu hỏi").click()
    console.get_by_role("button", name="Duyệt", exact=True).click()
    second.get_by_role("button", name=re.compile("Em cũng muốn hỏi câu này")).tap()
    ask(console)
    for page, choice in zip(pupils, ("4 và 6", "5 và 6", "4 và 6"), strict=True):
        page.get_by_role("button", name=re.compile(choice)).tap()
        page.get_by_text("Đã lưu ✓").wait_for()
    _save(second, "tiet-hoc-cau-hoi-cua-lop-390")
    console.get_by_role("button", name="Khóa câu trả lời").click()
    console.get_by_role("button", name="Hiện đáp án").click()
    screen.locator(".board > li").first.wait_for()
    _save(screen, "tiet-hoc-muc-tieu-1920")
    console.get_by_role("button", name="Kết thúc tiết học").click()
    console.get_by_role("button", name="Kết thúc", exact=True).click()
    console.get_by_role("link", name="Xem kết quả").click()
    console.get_by_role("heading", name="Từng học sinh").wait_for()
    _save(console, "tiet-hoc-ket-qua-1366")


def _papers(pilot: Pilot, windows: Windows) -> None:
    """Cards and slips, once their files are made."""
    page = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(page, "vanthu")
    page.goto("/cards")
    page.get_by_role("button", name="Tạo tệp thẻ cả trường").click()
    page.get_by_role("link", name="Tải PDF").first.wait_for(timeout=120_000)
    page.goto("/cards")
    _save(page, "the-hoc-sinh-1366")
    page.goto("/accounts")
    page.get_by_role("link", name="Học sinh, phụ huynh").click()
    page.get_by_role("button", name="Tạo cho học sinh").first.click()
    page.get_by_role("button", name=re.compile("phiếu để in")).first.wait_for(timeout=240_000)
    page.reload()
    _save(page, "tai-khoan-hoc-sinh-1366")


def _save(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
