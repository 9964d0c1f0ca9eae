"""A clerk plans a week with the keyboard alone, sees what collides, and publishes; nothing for axe-core to say."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from app.access import Role
from tests.browser.watching import LAPTOP, accessibility_faults
from tests.installation import settings_for
from tests.world import build
from wsgi import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.watching import Windows
    from tests.conftest import Serve

NOW = "2026-10-05T07:05"


@pytest.fixture
def clerk(serve: Serve, windows: Windows, migrated_sqlite: Path, tmp_path: Path) -> Page:
    """A window on which the clerk of the small world is signed in."""
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copy(migrated_sqlite, folder / "bangxanh.db")
    world = build(create_app(settings_for(folder)))
    cookie = world.client(Role.OFFICE_CLERK).get_cookie(world.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    served = serve({"BANGXANH_NOW": NOW, "SECRET_KEY": world.app.config["SECRET_KEY"]}, folder)
    page = windows.open(served.url, LAPTOP)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": served.url}])
    return page


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id")
    return found


def test_a_week_is_planned_with_the_keyboard_and_published(clerk: Page) -> None:
    clerk.goto("/timetable")
    clerk.get_by_role("button", name="Tạo bản nháp").click()
    clerk.locator("#slot-1-morning-1").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowUp"):
        clerk.keyboard.press(key)
    assert focused(clerk) == "slot-2-morning-1"
    clerk.keyboard.press("Enter")
    clerk.get_by_role("heading", name="Lớp 4/1 · Thứ Ba, sáng tiết 1").wait_for()
    assert focused(clerk) == "subject-0", "the editor is ready to be typed in"
    clerk.keyboard.press("Tab")
    clerk.keyboard.type("Lê Thị teacher")
    clerk.get_by_label("Phòng").first.focus()
    clerk.keyboard.type("12")
    clerk.keyboard.press("Enter")
    clerk.locator("#slot-2-morning-1").get_by_text("Trùng giáo viên").wait_for()
    assert "lớp 4/2" in clerk.locator("#slot-2-morning-1").inner_text(), "the other class is named"
    assert accessibility_faults(clerk) == []
    clerk.get_by_role("link", name="So sánh, công bố").click()
    clerk.get_by_text("1 ô thay đổi").wait_for()
    assert accessibility_faults(clerk) == []
    clerk.get_by_label("Lý do công bố dù còn chỗ trùng").fill("Hai lớp học chung")
    clerk.get_by_role("button", name="Công bố", exact=True).click()
    clerk.locator(".badge", has_text="Sắp áp dụng").wait_for()
    assert accessibility_faults(clerk) == []
