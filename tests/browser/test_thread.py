"""The whole thread in Vietnamese, from a roster file to a figure at the provincial hub; and the ways it goes wrong."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from io import BytesIO
from typing import TYPE_CHECKING, Final

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.app.intake.files import sheet
from tests.browser.pilot import Pilot, flask, running, seed
from tests.browser.watching import LAPTOP, PHONE, PROJECTOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.watching import Windows

QUESTION: Final = "Hai số nào có tổng bằng 10?"
OPTIONS: Final = ("3 và 6", "4 và 6", "5 và 6", "7 và 2")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    folder = tmp_path_factory.mktemp("pilot") / "instance"
    folder.mkdir()
    seed(folder, migrated_sqlite)
    return folder


@pytest.fixture
def pilot(seeded: Path, tmp_path: Path) -> Iterator[Pilot]:
    """The demonstration, running, on a copy of its data."""
    folder = tmp_path / "instance"
    shutil.copytree(seeded, folder)
    with running(folder) as found:
        yield found


def primary_school_file(path: Path) -> Path:
    """A roster as a school sends it: 15 classes of three pupils each, and one row with a day that does not exist."""
    names = ("Nguyễn Văn Tí", "Điểu K'Rân", "Trần Thị Ánh Hồng")
    lines = [
        (
            f"75{number:02}{index:06}",
            f"{name} {number}",
            "05/09/2018",
            "Nữ" if index else "Nam",
            f"{grade}/{group}",
        )
        for number, (grade, group) in enumerate((g, n) for g in range(1, 6) for n in range(1, 4))
        for index, name in enumerate(names)
    ]
    bad = ("7599999999", "Lê Văn Lỗi", "31/02/2019", "Nam", "1/1")
    path.write_bytes(sheet(*lines, bad, headings=("Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Lớp")))
    return path


def rows(pilot: Pilot, query: str, *arguments: object) -> list[tuple[object, ...]]:
    """Look into the installation's own database file, past the application."""
    with sqlite3.connect(pilot.folder / "bangxanh.db") as connection:
        return connection.execute(query, arguments).fetchall()


def cards(pilot: Pilot) -> dict[str, str]:
    """Card codes by name, as the demonstration prints them."""
    said = flask(pilot.folder, {}, "demo", "accounts")
    line = next(line for line in said.splitlines() if "mã thẻ" in line)
    return dict(re.findall(r"([^:,]+): (\w{4})", line.split("mã thẻ:", 1)[1].replace(", ", ",")))


def join_code(console: Page) -> str:
    found = re.search(r"([A-Z0-9]{3}) ([A-Z0-9]{3})", console.locator(".console__code").inner_text())
    assert found
    return found[1] + found[2]


def take_seat(page: Page, code: str, name: str, card: str) -> None:
    """Join as a pupil does: the lesson's code, the own name, the own card's code."""
    page.goto("/j")
    page.get_by_role("textbox").fill(code)
    page.get_by_role("button", name="Tham gia").click()
    page.get_by_role("button", name=re.compile(name)).click()
    page.get_by_role("textbox").fill(card)
    page.keyboard.press("Enter")


def start_lesson(page: Page) -> None:
    page.get_by_role("button", name="Bắt đầu tiết học").first.click()
    page.wait_for_url("**/console")


def ask(console: Page) -> None:
    console.get_by_role("button", name="Soạn câu hỏi").click()
    options = [
        f"{'*' if letter == 'B' else ''}{letter}. {text}"
        for letter, text in zip("ABCD", OPTIONS, strict=True)
    ]
    console.get_by_label("Câu hỏi và các lựa chọn").fill("\n".join([QUESTION, *options]))
    console.get_by_role("button", name="Mở ngay").click()


def test_from_a_roster_file_to_a_figure_at_the_hub(pilot: Pilot, windows: Windows, tmp_path: Path) -> None:
    import_a_roster(pilot, windows, primary_school_file(tmp_path / "danh-sach.xlsx"))
    register = take_the_register(pilot, windows)
    hold_a_lesson(pilot, windows)
    evidence_stands_beside_the_register(pilot, windows, register)
    read_the_report(pilot, windows)
    accept_the_month(pilot, windows)


def import_a_roster(pilot: Pilot, windows: Windows, file: Path) -> None:
    clerk = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(clerk, "vanthu.moi")
    clerk.locator("summary", has_text="Trường, lớp, học sinh").first.click()
    clerk.get_by_role("link", name="Nhập từ Excel").first.click()
    before = rows(pilot, "SELECT count(*) FROM pupil")
    clerk.locator("input[type=file]").set_input_files(file)
    clerk.get_by_role("button", name=re.compile("Xem trước")).click()
    expect(clerk.get_by_text("Chờ xác nhận")).to_be_visible(timeout=20_000)
    assert rows(pilot, "SELECT count(*) FROM pupil") == before, "a preview writes nothing"
    bad = clerk.get_by_role("row").filter(has_text="31/02/2019")
    expect(bad).to_contain_text("Ngày sinh")
    expect(bad).to_contain_text("Không có ngày")
    clerk.get_by_role("button", name="Nhập vào hệ thống").click()
    expect(clerk.get_by_text("Đã nhập xong")).to_be_visible(timeout=20_000)
    expect(clerk.get_by_text("15 lớp")).to_be_visible()
    assert rows(pilot, "SELECT count(*) FROM pupil")[0][0] > before[0][0]  # type: ignore[operator]


def take_the_register(pilot: Pilot, windows: Windows) -> str:
    """Take it, see it with the principal, and return its address."""
    teacher = windows.open(pilot.web.url, PHONE)
    pilot.sign_in(teacher, "gvcn")
    teacher.get_by_role("link", name="Điểm danh buổi sáng lớp 4/2").tap()
    tiles = teacher.locator(".tile")
    expect(tiles.first).to_be_visible()
    tiles.nth(1).tap()
    tiles.nth(4).tap()
    tiles.nth(4).tap()
    expect(tiles.nth(1)).to_have_attribute("data-mark", "P")
    expect(tiles.nth(4)).to_have_attribute("data-mark", "K")
    teacher.get_by_role("button", name="Gửi sổ điểm danh").tap()
    expect(teacher.get_by_text("Đã gửi sổ điểm danh")).to_be_visible()
    principal = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(principal, "hieutruong")
    principal.get_by_role("link", name="Điểm danh", exact=True).click()
    principal.get_by_role("link", name=re.compile("Buổi sáng")).first.click()
    row = (
        principal.get_by_role("row")
        .filter(has=principal.get_by_role("rowheader", name="4/2", exact=True))
        .first
    )
    expect(row).to_contain_text("Đã gửi")
    expect(principal.get_by_text("Chưa điểm danh").first).to_be_visible()
    return teacher.url


def hold_a_lesson(pilot: Pilot, windows: Windows) -> None:
    console = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(console, "gvcn")
    start_lesson(console)
    screen = windows.open(pilot.web.url, PROJECTOR)
    screen.goto(console.get_by_role("link", name="Màn hình chiếu").get_attribute("href") or "")
    code = join_code(console)
    expect(screen.get_by_text(f"{code[:3]} {code[3:]}")).to_be_visible()
    expect(screen.locator("svg, img").first).to_be_visible()
    pupils = {name: windows.open(pilot.web.url, PHONE) for name in cards(pilot)}
    for name, card in cards(pilot).items():
        take_seat(pupils[name], code, name, card)
        expect(pupils[name].get_by_text(name)).to_be_visible()
    expect(console.get_by_text("3 em đã vào lớp")).to_be_visible()
    answer_and_survive(pilot, console, screen, list(pupils.values()), windows)


def answer_and_survive(
    pilot: Pilot, console: Page, screen: Page, pupils: list[Page], windows: Windows
) -> None:
    ask(console)
    for page, choice in zip(pupils, ("4 và 6", "5 và 6", "4 và 6"), strict=True):
        page.get_by_role("button", name=re.compile(choice)).tap()
        expect(page.get_by_text("Đã lưu ✓")).to_be_visible()
    pupils[0].get_by_role("button", name=re.compile("3 và 6")).tap()
    expect(console.locator(".histogram__row").nth(0)).to_contain_text("1 (33%)")
    pupils[0].get_by_role("button", name=re.compile("4 và 6")).tap()
    expect(console.locator(".histogram__row").nth(1)).to_contain_text("2 (67%)")
    expect(screen.locator(".histogram__row")).to_have_count(0)
    windows.expect_problem(r"ERR_CONNECTION_REFUSED|WebSocket connection|Failed to load resource|htmx:")
    pilot.web.kill9()
    pilot.web.start()
    pupils[1].reload()
    expect(pupils[1].get_by_role("button", name=re.compile("5 và 6"))).to_have_attribute(
        "aria-pressed", "true"
    )
    console.get_by_role("button", name="Khóa câu trả lời").click()
    console.get_by_role("button", name="Hiện đáp án").click()
    expect(screen.locator(".histogram__row").nth(1)).to_contain_text("2 (67%)", timeout=20_000)
    expect(screen.locator(".histogram__row").nth(2)).to_contain_text("1 (33%)")
    expect(pupils[1].get_by_text("Em trả lời chưa đúng.")).to_be_visible(timeout=20_000)
    assert rows(pilot, "SELECT count(*) FROM attempt WHERE activity_id = (SELECT max(id) FROM activity)") == [
        (3,)
    ]


def evidence_stands_beside_the_register(pilot: Pilot, windows: Windows, register: str) -> None:
    teacher = windows.open(pilot.web.url, PHONE)
    pilot.sign_in(teacher, "gvcn")
    teacher.goto(register)
    expect(teacher.get_by_text(re.compile("tiết học tương tác")).first).to_be_visible(timeout=20_000)


def read_the_report(pilot: Pilot, windows: Windows) -> None:
    officer = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(officer, "chuyenvien")
    officer.locator("summary", has_text="Báo cáo").first.click()
    officer.get_by_role("link", name="Báo cáo", exact=True).click()
    expect(officer.get_by_role("heading", name="Chuyên cần theo trường")).to_be_visible()
    expect(officer.locator(".stats").get_by_text("Tỷ lệ lớp đã điểm danh")).to_be_visible()
    expect(officer.get_by_role("table").first).to_contain_text("Tổng cộng")
    with officer.expect_download() as waiting:
        officer.get_by_role("link", name="Xuất Excel").click()
    book = openpyxl.load_workbook(BytesIO(waiting.value.path().read_bytes()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any("Hoa Mai" in str(cell.value) for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]
    officer.get_by_role("table").get_by_role("link", name=re.compile("Hoa Mai")).click()
    expect(officer.get_by_role("table").first).to_contain_text("4/2")


def accept_the_month(pilot: Pilot, windows: Windows) -> None:
    officer = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(officer, "chuyenvien")
    pilot.hub.stop()
    officer.goto("/submissions?month=2026-10")
    officer.get_by_role("table").get_by_role("link", name=re.compile("Hoa Mai")).click()
    accept = officer.get_by_role("button", name=re.compile("Chốt tháng"))
    expect(accept).to_be_visible()
    reason = officer.get_by_label(re.compile("Lý do khi còn cảnh báo"))
    if reason.count():
        reason.fill("Đã đối chiếu với sổ giấy")
    accept.click()
    expect(officer.get_by_text("Đã chốt").first).to_be_visible()
    officer.goto("/exchange")
    expect(officer.get_by_role("row").filter(has_text="Tháng 10/2026").first).to_contain_text(
        re.compile("Đang chờ|Đang gửi")
    )
    pilot.hub.start()
    wait_until_received(officer)
    operator = windows.open(pilot.hub.url, LAPTOP)
    pilot.sign_in(operator, "quanlykho")
    operator.goto("/hub?month=2026-10")
    expect(operator.get_by_role("table").first).to_contain_text("Hoa Mai")


def wait_until_received(officer: Page) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        officer.goto("/exchange")
        row = officer.get_by_role("row").filter(has_text="Tháng 10/2026").first
        if "Đã tiếp nhận" in row.inner_text():
            return
        time.sleep(1)
    pytest.fail("the hub is back and the month did not arrive")


def test_what_goes_wrong_is_said_and_loses_nothing(pilot: Pilot, windows: Windows, tmp_path: Path) -> None:
    a_bad_file_is_refused_in_words(pilot, windows, tmp_path)
    console = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(console, "gvcn")
    start_lesson(console)
    code = join_code(console)
    (name, card), *_ = cards(pilot).items()
    pupil = windows.open(pilot.web.url, PHONE)
    windows.expect_problem(r"status of (401|403|404|422|429)|ERR_CONNECTION|ERR_INTERNET|WebSocket")
    take_seat(pupil, code, name, "ZZZZ")
    expect(pupil.get_by_text(re.compile("Mã thẻ")).first).to_be_visible()
    assert (
        rows(pilot, "SELECT count(*) FROM attempt WHERE activity_id = (SELECT max(id) FROM activity)")
        is not None
    )
    pupil.get_by_role("textbox").fill(card)
    pupil.keyboard.press("Enter")
    expect(pupil.get_by_text(name)).to_be_visible()
    ask(console)
    a_lost_connection_keeps_the_answer(pilot, pupil)
    an_expired_sign_in_ends_the_console_only(pilot, windows, console, pupil)


def a_bad_file_is_refused_in_words(pilot: Pilot, windows: Windows, tmp_path: Path) -> None:
    clerk = windows.open(pilot.web.url, LAPTOP)
    pilot.sign_in(clerk, "vanthu.moi")
    clerk.locator("summary", has_text="Trường, lớp, học sinh").first.click()
    clerk.get_by_role("link", name="Nhập từ Excel").first.click()
    broken = tmp_path / "hong.xlsx"
    broken.write_bytes(b"PK\x03\x04 this is no workbook")
    clerk.locator("input[type=file]").set_input_files(broken)
    clerk.get_by_role("button", name=re.compile("Xem trước")).click()
    expect(
        clerk.get_by_text(re.compile("Không đọc được tệp này|Tệp này không phải bảng tính")).first
    ).to_be_visible(timeout=20_000)


def a_lost_connection_keeps_the_answer(pilot: Pilot, pupil: Page) -> None:
    button = pupil.get_by_role("button", name=re.compile("4 và 6"))
    expect(button).to_be_visible()
    pilot.web.kill9()
    button.tap()
    expect(pupil.get_by_text(re.compile("Đang gửi|Mất kết nối|Chưa gửi")).first).to_be_visible()
    expect(pupil.get_by_text("Đã lưu ✓")).to_have_count(0)
    pilot.web.start()
    expect(pupil.get_by_text("Đã lưu ✓")).to_be_visible(timeout=30_000)
    assert rows(pilot, "SELECT count(*) FROM attempt WHERE activity_id = (SELECT max(id) FROM activity)") == [
        (1,)
    ]


def an_expired_sign_in_ends_the_console_only(
    pilot: Pilot, windows: Windows, console: Page, pupil: Page
) -> None:
    elsewhere = windows.open(pilot.web.url, PHONE)
    pilot.sign_in(elsewhere, "gvcn")
    elsewhere.goto("/account")
    elsewhere.get_by_role("button", name="Đăng xuất mọi thiết bị").click()
    elsewhere.wait_for_url("**/login")
    expect(console.get_by_text(re.compile("đăng nhập", re.IGNORECASE)).first).to_be_visible(timeout=15_000)
    expect(pupil.get_by_text("Đã lưu ✓")).to_be_visible()
    pilot.sign_in(console, "gvcn")
    console.goto("/lessons")
    expect(console.get_by_text(re.compile("Đang diễn ra|Tiếp tục|Vào lại")).first).to_be_visible()
