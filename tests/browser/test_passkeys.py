"""Passkeys in a real browser, with Chromium's virtual authenticator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.accounts.rules.passkeys import relying_party
from tests.browser.pilot import flask, install
from tests.browser.watching import PHONE, accessibility_faults

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import CDPSession, Page

    from tests.browser.watching import Windows
    from tests.conftest import Serve

PASSWORD = "một câu dài dễ nhớ"
USER = "quan.tri"


@pytest.fixture
def address(serve: Serve, tmp_path: Path, migrated_sqlite: Path) -> str:
    """A server that requires a second factor, with one system administrator; by name, for numbers have no passkeys."""
    folder = tmp_path / "instance"
    install(folder, migrated_sqlite)
    flask(folder, {}, "school", "create", "THA", "Tiểu học Hoa Sen")
    words = ("--password", PASSWORD, "--role", "system_administrator", "--unit", "THA")
    flask(folder, {}, "account", "create", USER, "Lê Quản Trị", *words)
    served = serve({"BANGXANH_SECOND_FACTOR": "required"}, folder)
    url = served.url.replace("127.0.0.1", "localhost")
    assert relying_party(None, url) is not None
    return url


def authenticator(page: Page, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """Give the window a device with passkeys whose owner is there; `verifies` says whether the finger is right."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, str(made["authenticatorId"])


def give_password(page: Page) -> None:
    page.goto("/login?again=1")
    page.get_by_label("Tên đăng nhập").fill(USER)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def enrol(page: Page) -> str:
    """Make a passkey at the first sign-in; return one recovery code."""
    give_password(page)
    page.get_by_role("button", name="Tạo khóa truy cập").click()
    page.get_by_role("link", name="Tôi đã cất mã, tiếp tục").wait_for()
    code = page.locator("li code").first.inner_text()
    page.get_by_role("link", name="Tôi đã cất mã, tiếp tục").click()
    page.wait_for_url("**/")
    return code


def test_a_passkey_from_the_first_sign_in_to_its_end(address: str, windows: Windows) -> None:
    windows.expect_problem(r"422.*passkeys/challenge")  # a wrong password
    page = windows.open(address, PHONE)
    devtools, device = authenticator(page)
    code = enrol(page)
    sign_out(page)
    give_password(page)
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    page.wait_for_url("**/")
    page.goto("/account/second-factor")
    page.get_by_text("dùng lần cuối").wait_for()
    assert accessibility_faults(page) == []
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": device})
    sign_out(page)
    give_password(page)
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    page.get_by_text("Chưa xác nhận được").wait_for()
    page.get_by_label("Mã xác thực").fill(code)
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_url("**/")
    add_second(page)


def add_second(page: Page) -> None:
    """Add a passkey with a name and the password, then take it away again."""
    page.goto("/account/second-factor")
    page.get_by_label("Tên của khóa").fill("Điện thoại mới")
    page.locator("#key-password").fill("sai sai sai sai")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.get_by_text("Mật khẩu hiện nay không đúng").wait_for()
    page.locator("#key-password").fill(PASSWORD)
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.get_by_text("Đã thêm khóa truy cập").wait_for()
    row = page.get_by_role("listitem").filter(has_text="Điện thoại mới")
    row.get_by_role("button", name="Xóa").click()
    page.get_by_text("Đã xóa khóa truy cập").wait_for()
    expect(page.get_by_role("listitem").filter(has_text="Điện thoại mới")).to_have_count(0)


def test_a_finger_that_is_not_the_owners_opens_nothing(address: str, windows: Windows) -> None:
    page = windows.open(address)
    devtools, device = authenticator(page)
    enrol(page)
    sign_out(page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    give_password(page)
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    page.get_by_text("Chưa xác nhận được").wait_for()
    page.goto("/schools")
    assert "/login" in page.url
