"""After signing out, Back shows nothing of what stood on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.pilot import flask, install
from tests.browser.watching import PHONE, accessibility_faults

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.watching import Windows
    from tests.conftest import Serve

PASSWORD = "một câu dài dễ nhớ"


def test_back_shows_nothing_after_signing_out(
    serve: Serve, windows: Windows, tmp_path: Path, migrated_sqlite: Path
) -> None:
    folder = tmp_path / "instance"
    install(folder, migrated_sqlite)
    flask(folder, {}, "school", "create", "THA", "Tiểu học Hoa Sen")
    words = ("--password", PASSWORD, "--role", "principal", "--unit", "THA")
    flask(folder, {}, "account", "create", "hieu.truong", "Lê Thị Hiệu Trưởng", *words)
    page = windows.open(serve({}, folder).url, PHONE)
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill("hieu.truong")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/")
    page.goto("/audit")
    page.get_by_role("link", name="Đăng nhập").first.wait_for()
    assert accessibility_faults(page) == []
    page.goto("/account")
    page.get_by_text("Thiết bị đang đăng nhập").wait_for()
    page.get_by_role("button", name="Đăng xuất mọi thiết bị").click()
    page.wait_for_url("**/login")
    for _ in range(2):
        page.go_back()
        page.wait_for_url("**/login?**")
        assert "Lê Thị Hiệu Trưởng" not in page.content()
