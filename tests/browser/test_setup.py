"""An empty school becomes one that can teach, in a browser: the guide, five roster files, people, a timetable."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest
import xlsxwriter
from playwright.sync_api import expect

from app import clock
from tests.app.school.setup.test_cli import FILES, FOLDER
from tests.browser.pilot import flask, install
from tests.browser.watching import LAPTOP, PHONE
from tests.servers import served_app, worker_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.watching import Windows

NOW: Final = "2026-10-05T07:05"
PASSWORD: Final = "trang sang dau lang"
TEACHERS: Final = (
    "Nguyễn Thị Lan",
    "Trần Văn Bình",
    "Điểu K'Rân",
    "Lê Thị Ngọc Ánh",
    "Phạm Văn Đức",
    "Hồ Thị Út",
)


@dataclass
class NewSchool:
    """An empty school, served, with the account of its clerk."""

    url: str
    folder: Path


@pytest.fixture
def school(tmp_path: Path, migrated_sqlite: Path) -> Iterator[NewSchool]:
    folder, settings = tmp_path / "instance", {"BANGXANH_NOW": NOW}
    install(folder, migrated_sqlite)
    role = ("--role", "office_clerk", "--unit", "LC01", "--password", PASSWORD)
    with clock.at(datetime.fromisoformat(f"{NOW}+07:00")):
        flask(folder, {}, "school", "create", "LC01", "Trường liên cấp Hoa Sen")
        flask(folder, {}, "account", "create", "vanthu", "Hoàng Thị Thư", *role)
    with ExitStack() as stack:
        served = stack.enter_context(served_app(folder, settings))
        stack.enter_context(worker_process(folder, settings))
        yield NewSchool(served.url, folder)


@pytest.mark.skipif(not FOLDER.exists(), reason="the shared roster files lie beside the checkout only")
def test_an_empty_school_is_set_up(school: NewSchool, windows: Windows, tmp_path: Path) -> None:
    clerk = windows.open(school.url, LAPTOP)
    sign_in(clerk, "vanthu", PASSWORD)
    clerk.get_by_role("link", name="Trường liên cấp Hoa Sen", exact=True).click()
    assert steps(clerk) == ["missing"] * 8
    clerk.get_by_role("button", name="Mở năm học 2026-2027").click()
    decide_a_holiday(clerk)
    enter_bells(clerk)
    username, password = import_staff(clerk, staff_file(tmp_path / "nhan-su.xlsx"))
    for name in FILES:
        import_roster(clerk, FOLDER / name)
    names = appoint_homerooms(clerk)
    enter_timetable(clerk, timetable_file(tmp_path / "tkb.xlsx", names))
    go_on(clerk, "cards", "Tạo thẻ cho cả trường")
    expect(clerk.get_by_text("Đã thiết lập xong")).to_be_visible()
    assert steps(clerk) == ["done"] * 8
    a_teacher_signs_in(windows.open(school.url, PHONE), username, password)


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(lambda address: not address.endswith("/login"))


def steps(page: Page) -> list[str | None]:
    """What the guide says of each step."""
    expect(page.locator("#steps > li")).to_have_count(8)
    return [step.get_attribute("data-progress") for step in page.locator("#steps > li").all()]


def go_on(page: Page, step: str, button: str = "") -> None:
    """Open the guide and take a step's way: its link, or its button."""
    page.goto("/schools/1/setup")
    card = page.locator(f'[data-step="{step}"]')
    (card.get_by_role("button", name=button) if button else card.get_by_role("link")).click()


def decide_a_holiday(page: Page) -> None:
    go_on(page, "year")
    page.get_by_label("Từ ngày").fill("2027-02-04")
    page.get_by_label("Đến hết ngày").fill("2027-02-12")
    page.get_by_label("Loại ngày").select_option("holiday")
    page.get_by_label("Lý do").fill("Tết Nguyên đán")
    page.get_by_role("button", name=re.compile("Ghi")).first.click()
    expect(page.get_by_text("Đã ghi vào lịch")).to_be_visible()


def enter_bells(page: Page) -> None:
    go_on(page, "bells")
    page.locator("[name=starts_on]").fill("2026-09-05")
    for number in range(1, 5):
        page.locator(f"[name=morning-{number}-begins]").fill(f"{6 + number:02}:00")
        page.locator(f"[name=morning-{number}-finishes]").fill(f"{6 + number:02}:40")
    page.get_by_role("button", name="Lưu lịch giờ học").click()
    expect(page.get_by_text("Đã lưu lịch giờ học")).to_be_visible()


def staff_file(path: Path) -> Path:
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("GV")
        sheet.write_row(0, 0, ("STT", "Họ tên", "Vị trí việc làm", "Môn dạy"))
        for number, name in enumerate(TEACHERS, 1):
            sheet.write_row(number, 0, (number, name, "Giáo viên", "Toán"))
    path.write_bytes(kept.getvalue())
    return path


def import_staff(page: Page, file: Path) -> tuple[str, str]:
    """Bring the staff roster, print the slips, and return what the first slip says: user name and password."""
    go_on(page, "staff")
    page.get_by_role("link", name="Nhập danh sách nhân sự").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Tạo tài khoản và phiếu").click()
    page.get_by_role("link", name="In phiếu đăng nhập").click(timeout=30_000)
    page.get_by_role("button", name="Hiện phiếu trên màn hình").click()
    slip = page.locator(".slip").filter(has_text=TEACHERS[0])
    expect(slip.locator(".slip__value")).to_have_count(2)
    username, password = slip.locator(".slip__value").all_inner_texts()
    return username, password


def import_roster(page: Page, file: Path) -> None:
    go_on(page, "pupils")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("Chờ xác nhận")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Nhập vào hệ thống").click()
    expect(page.get_by_text("Đã nhập xong")).to_be_visible(timeout=30_000)


def appoint_homerooms(page: Page) -> list[str]:
    """Choose a teacher for each class; return the names of the classes."""
    go_on(page, "homerooms")
    boxes = page.locator("#homerooms select")
    expect(boxes).to_have_count(35)
    for number, box in enumerate(boxes.all()):
        box.select_option(label=TEACHERS[number % len(TEACHERS)])
    page.get_by_role("button", name="Lưu phân công").click()
    expect(page.get_by_text("Đã phân công chủ nhiệm 35 lớp")).to_be_visible()
    return [name.strip() for name in page.locator("#homerooms tbody th").all_inner_texts()]


def timetable_file(path: Path, names: list[str]) -> Path:
    """Write the timetable of teachers: a row for each, days and periods across, each class once; no teacher twice."""
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("TKB giáo viên")
        sheet.write_row(0, 0, ("STT", "Giáo viên", "Môn"))
        for day in range(6):
            sheet.write(0, 3 + 2 * day, f"Thứ {day + 2}")
            sheet.write_row(1, 3 + 2 * day, (1, 2))
        for number, teacher in enumerate(TEACHERS):
            sheet.write_row(2 + number, 0, (number + 1, teacher, "Toán"))
            for place, name in enumerate(names[number :: len(TEACHERS)]):
                sheet.write(2 + number, 3 + place, name)
    path.write_bytes(kept.getvalue())
    return path


def enter_timetable(page: Page, file: Path) -> None:
    """Bring the timetable that the school has, look at it, and publish it."""
    go_on(page, "timetable")
    page.get_by_role("main").get_by_role("link", name="Nhập từ Excel").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("được thêm khi tạo bản nháp: Toán")).to_be_visible()
    page.get_by_role("button", name="Tạo bản nháp").click()
    page.get_by_role("link", name=re.compile("ông bố")).first.click()
    page.get_by_role("button", name="Công bố").click()
    expect(page.get_by_text("Đã công bố")).to_be_visible()


def a_teacher_signs_in(page: Page, username: str, password: str) -> None:
    """With the slip's password, which must be changed; the own class is there."""
    sign_in(page, username, password)
    page.locator("[name=new]").fill("mot-cau-that-dai-2026")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.wait_for_url("**/")
    page.goto("/classes")
    expect(page.get_by_role("link", name="1/1", exact=True)).to_be_visible()
