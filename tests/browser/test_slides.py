"""A presentation from the teacher's file to the class: shown, written on, a drawing between two slides, afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from flask_security import hash_password
from playwright.sync_api import expect

from app import clock, db
from app.access import Role
from app.accounts.models import User
from app.school.models import Pupil
from classroom.lessons.models import Lesson as HeldLesson
from tests.browser.lesson import look
from tests.browser.test_thread import take_seat
from tests.browser.watching import LAPTOP, PHONE, PROJECTOR
from tests.classroom.held import begin
from tests.classroom.slides.papers import paper
from tests.installation import migrate, settings_for
from tests.servers import worker_process
from tests.world import MORNING, build
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.browser.watching import Windows
    from tests.conftest import Serve

PASSWORD = "một câu dài dễ nhớ"
PAGES = (
    '#text(fill: rgb("0b5d3b"))[*Quang hợp ở lá cây*]\n\n#text(size: 18pt)[Lá cây dùng ánh sáng để chế tạo chất bột.]',
    "*Lá nhả ra khí gì?*",
    "*Ghi nhớ*",
)


@dataclass(frozen=True)
class Lesson:
    """A lesson that goes on: where the server is, the lesson and its code, a pupil's name and card."""

    url: str
    id: int
    code: str
    name: str
    card: str


@pytest.fixture
def lesson(serve: Serve, tmp_path: Path) -> Iterator[Lesson]:
    folder = tmp_path / "instance"
    folder.mkdir()
    settings = settings_for(folder)
    migrate(settings)
    app = create_app(settings)
    world = build(app)
    with app.app_context(), clock.at(MORNING):
        with db.transaction() as session:
            teacher = session.get_one(User, world.user_ids[Role.TEACHER])
            teacher.password = hash_password(PASSWORD)
        held = begin(world)
        pupil = db.session().get_one(Pupil, held.pupils[0])
        code = db.session().get_one(HeldLesson, held.lesson_id).code
        found = (held.lesson_id, code, pupil.full_name, held.card(pupil.id))
        db.db.session.remove()
        db.db.engine.dispose()
    now = {"BANGXANH_NOW": "2026-10-05T07:05"}
    with worker_process(folder, now):
        yield Lesson(serve(now, folder).url, *found)


def sign_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(Role.TEACHER.value)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/")


def drag(page: Page, on: Locator, *shares: tuple[float, float], lift: bool = True, steps: int = 8) -> None:
    """Draw a line through points of a picture, given as shares of its width and height, and lift the pen."""
    on.scroll_into_view_if_needed()
    box = on.bounding_box()
    assert box
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in shares]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=steps)
    if lift:
        page.mouse.up()


def prepare(teacher: Page, file: Path) -> None:
    """Begin a plan with the file, and put a drawing between its first two pages."""
    teacher.goto("/plans/new")
    teacher.locator("#slides-file").set_input_files(file)
    teacher.get_by_role("button", name="Tải lên và tạo kế hoạch").click()
    text = teacher.get_by_label("Các câu hỏi")
    expect(text).to_have_value("[tệp 1, trang 1-3]", timeout=60_000)
    expect(teacher.locator(".slide-strip img")).to_have_count(3)
    text.fill("[tệp 1, trang 1]\n\nCâu 1. Em vẽ một chiếc lá. [vẽ hình]\n\n[tệp 1, trang 2-3]")
    expect(teacher.get_by_text("Câu 1. Em vẽ một chiếc lá.")).to_be_visible()
    teacher.get_by_role("button", name="Lưu kế hoạch").click()
    expect(teacher.get_by_text("Đã lưu kế hoạch.")).to_be_visible()


def test_slides_are_shown_written_on_and_handed_on(lesson: Lesson, windows: Windows, tmp_path: Path) -> None:
    file = tmp_path / "Bài 5 Quang hợp.pdf"
    file.write_bytes(paper(*PAGES))
    console = windows.open(lesson.url, LAPTOP)
    sign_in(console)
    prepare(console, file)
    console.goto(f"/lessons/{lesson.id}/console")
    screen, pupil = windows.open(lesson.url, PROJECTOR), windows.open(lesson.url, PHONE)
    screen.goto(console.get_by_role("link", name="Màn hình chiếu").get_attribute("href") or "")
    take_seat(pupil, lesson.code, lesson.name, lesson.card)
    console.get_by_role("button", name="Lấy từ kế hoạch").click()
    console.get_by_label("Lấy từ kế hoạch").select_option(label="Bài 5 Quang hợp (1)")
    write_on_a_slide(console, screen, pupil)
    draw_between_slides(console, screen, pupil)
    console.get_by_role("button", name="Kết thúc tiết học").click()
    console.get_by_role("button", name="Kết thúc", exact=True).click()
    console.get_by_role("link", name="Xem kết quả").click()
    expect(console.locator(".slide path.ink--red")).to_have_count(1)
    expect(console.locator(".drawing svg")).to_have_count(1)


def write_on_a_slide(console: Page, screen: Page, pupil: Page) -> None:
    console.get_by_role("button", name="Tiếp").click()
    expect(screen.locator(".slide image")).to_have_attribute("href", re.compile(r"/slide\?slide="))
    expect(pupil.get_by_text("Thầy cô đang chiếu trang 1")).to_be_visible()
    shown = pupil.locator("image[href^='/j/slide']")
    expect(shown).to_have_count(0)
    expect(console.get_by_role("button", name="Chưa trả lời")).to_have_count(0)
    pupil.get_by_role("button", name="Xem trên máy").tap()
    expect(shown).to_be_visible()
    console.get_by_role("button", name="Bút đỏ").click()
    slide = console.locator(".slide__picture")
    for height in (0.7, 0.8):
        drag(console, slide, (0.2, height), (0.5, height - 0.1), (0.8, height))
    expect(screen.locator(".ink-shape--red")).to_have_count(2)
    expect(pupil.locator("path.ink--red")).to_have_count(2)
    console.get_by_role("button", name="Bỏ nét cuối").click()
    expect(screen.locator(".ink-shape--red")).to_have_count(1)
    expect(pupil.locator("path.ink--red")).to_have_count(1)
    drag(console, slide, (0.2, 0.3), (0.5, 0.4), (0.8, 0.3), lift=False)
    for page, ink in ((screen, ".ink-shape--red"), (pupil, "path.ink--red")):
        expect(page.locator(ink)).to_have_count(2)  # while the pen is still down
    console.mouse.up()
    expect(console.get_by_text("Đang gửi")).to_have_count(0)
    console.get_by_role("button", name="Bỏ nét cuối").click()
    for page, ink in ((screen, ".ink-shape--red"), (pupil, "path.ink--red")):
        expect(page.locator(ink)).to_have_count(1)  # it was one stroke, and is gone
    assert look(pupil, "trang-chieu-tren-may-390") == []
    for page in (screen, pupil):
        page.reload()
    pupil.get_by_role("button", name="Xem trên máy").tap()
    expect(pupil.locator("path.ink--red")).to_have_count(1)
    expect(screen.locator(".ink-shape--red")).to_have_count(1)
    console.get_by_role("button", name="Bút đỏ").click()


def draw_between_slides(console: Page, screen: Page, pupil: Page) -> None:
    console.keyboard.press("PageDown")
    expect(screen.get_by_text("Em vẽ một chiếc lá.")).to_be_visible()
    console.get_by_role("button", name="Mở trả lời").first.click()
    expect(console.get_by_role("button", name="Chưa trả lời")).to_be_visible()
    canvas = pupil.locator(".sketch--open")
    expect(canvas).to_be_visible()
    drag(pupil, canvas, (0.3, 0.8), (0.5, 0.2), (0.7, 0.8))
    drag(pupil, canvas, (0.5, 0.2), (0.5, 0.95))
    pupil.get_by_role("button", name="Gửi câu trả lời").tap()
    expect(pupil.get_by_text("Đã lưu ✓")).to_be_visible()
    expect(console.locator(".drawing svg")).to_have_count(1)
    console.locator(".drawing").get_by_role("checkbox").check()
    console.get_by_role("button", name="Khóa câu trả lời").click()
    console.get_by_role("button", name="Hiện kết quả").click()
    expect(screen.locator(".drawing svg")).to_have_count(1)
    console.keyboard.press("ArrowRight")
    expect(screen.locator(".slide image")).to_be_visible()
    console.keyboard.press("PageUp")
    expect(screen.locator(".drawing svg")).to_have_count(1)
