"""Registers without a network, in real browsers behind networks that fail; what is stored is read from the database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.taking import (
    HOMEROOM,
    TEACHER,
    UNREACHABLE,
    Class,
    head,
    sign_in,
    tap,
    tile,
    wait_until_kept,
)
from tests.browser.watching import PHONE
from tests.faulty import Fault
from tests.world import MONDAY, NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.watching import Windows

LYING = """async () => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const text = (one) => one instanceof ArrayBuffer ? new TextDecoder().decode(one)
        : one && typeof one === "object" ? Object.values(one).map(text).join(" ") : String(one);
    const rows = [];
    for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames)
            rows.push(...await done(database.transaction(store).objectStore(store).getAll()));
        database.close();
    }
    const cached = [];
    for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) cached.push(new URL(url).pathname);
    return { rows: rows.map(text), cached };
}"""
"""Everything that lies in this browser's storage, and the addresses in its caches."""


def test_two_devices_one_cut_off_and_closed_meanwhile(
    own_class: Class, windows: Windows, tmp_path: Path
) -> None:
    windows.expect_problem(UNREACHABLE)
    network, address = own_class.network(), f"/registers/{own_class.register_id}"
    an, _, anh, uoc, *_ = NAMES
    phone = windows.reopen(tmp_path / "phone", network.url)
    sign_in(phone, HOMEROOM)
    wait_until_kept(phone)
    expect(head(phone)).to_contain_text("Đã gửi hết")
    phone.goto(address)
    tablet = windows.open(own_class.network().url, PHONE)
    sign_in(tablet, TEACHER)
    tablet.goto(address)
    tap(phone, an, 1)
    expect(tile(tablet, an)).to_contain_text("Thị homeroom_teacher đang ghi P")

    network.become(Fault.CUT)
    take_without_a_network(phone)
    tap(tablet, anh, 2)
    tap(tablet, uoc, 3)
    tablet.get_by_role("button", name="Gửi sổ điểm danh").click()
    expect(tablet.get_by_text("Đã gửi sổ điểm danh")).to_be_visible()
    phone = windows.reopen(tmp_path / "phone", network.url)
    phone.goto(address)
    go_on_after_reopening(phone)

    network.become(Fault.NONE)
    phone.get_by_role("button", name="Thử lại").click()
    phone.get_by_role("link", name="Đăng nhập lại").first.click()
    phone.wait_for_url("**/login?**")
    sign_in(phone, HOMEROOM)
    phone.wait_for_url(f"**{address}")
    decide_what_both_wrote(phone)
    expect(tile(tablet, anh)).to_have_attribute("data-mark", "P")
    assert own_class.marks() == {0: "P", 1: "K", 2: "P", 3: "T", 4: "P"}
    stored = own_class.select(
        "SELECT pupil_id, count(*) FROM mark_event WHERE kind = 'mark' GROUP BY pupil_id"
    )
    assert sorted(count for _, count in stored) == [1, 1, 1, 1, 2], "twice only where two people spoke"


def take_without_a_network(phone: Page) -> None:
    """Tap and send; then the browser is closed."""
    tap(phone, NAMES[1], 2)
    tap(phone, NAMES[2], 1)
    expect(head(phone)).to_contain_text("3 dấu chưa gửi")
    phone.get_by_role("button", name="Gửi sổ điểm danh").click()
    expect(head(phone)).to_contain_text("1 sổ chờ gửi")
    phone.context.close()


def go_on_after_reopening(phone: Page) -> None:
    """Everything is there, also after a reload, and nothing of it can be read in the browser's storage."""
    uyen = NAMES[4]
    expect(phone.get_by_text("mở từ máy này")).to_be_visible()
    expect(tile(phone, NAMES[1])).to_have_attribute("data-mark", "K")
    tap(phone, uyen, 1)
    expect(head(phone)).to_contain_text("1 sổ chờ gửi · 1 dấu chưa gửi")
    phone.reload()
    expect(tile(phone, uyen)).to_have_attribute("data-mark", "P")
    lying = phone.evaluate(LYING)
    assert [name for name in NAMES for row in lying["rows"] if name in row] == []
    assert len(lying["rows"]) > 3, "the sheets and the queue do lie there, sealed"
    assert {path for path in lying["cached"] if not path.startswith("/static/")} == {"/offline"}


def decide_what_both_wrote(phone: Page) -> None:
    """Both values stand side by side with who set them; the choice is sent by itself, and so is the rest."""
    expect(phone.get_by_role("button", name="Trần Thị teacher ghi lúc 07:05: K")).to_be_visible()
    expect(head(phone)).to_contain_text("1 dấu cần chọn")
    phone.get_by_role("button", name="Bạn ghi: P").click()
    expect(phone.get_by_text("Đã gửi sổ điểm danh")).to_be_visible()
    expect(head(phone)).to_contain_text("Đã gửi hết")


def test_a_shared_phone_and_an_expired_sign_in(own_class: Class, windows: Windows) -> None:
    windows.expect_problem(UNREACHABLE)
    network = own_class.network()
    page = windows.open(network.url, PHONE)
    sign_in(page, HOMEROOM)
    wait_until_kept(page)
    page.goto(f"/registers/{own_class.register_id}")
    network.become(Fault.STALL)
    tap(page, NAMES[0], 2)
    page.get_by_role("button", name="Gửi sổ điểm danh").click()
    expect(head(page)).to_contain_text("1 sổ chờ gửi")
    network.become(Fault.LOSE_ANSWERS)
    while own_class.marks() != {0: "K"}:  # or the test's own limit of time
        page.wait_for_timeout(50)
    expect(head(page)).to_contain_text("1 sổ chờ gửi")
    network.become(Fault.CUT)
    own_class.execute("UPDATE sign_in SET ended_at = '2026-10-05 00:06:00'")
    network.become(Fault.NONE)
    page.get_by_role("button", name="Thử lại").click()
    expect(page.get_by_text("Phiên đăng nhập đã hết")).to_be_visible()
    expect(head(page)).to_contain_text("Đăng nhập lại · 1 sổ chờ gửi")

    page.goto("/login")
    sign_in(page, TEACHER)
    expect(head(page)).to_contain_text("Đã gửi hết")
    page.goto("/offline")
    expect(page.get_by_text("Trần Thị teacher · mở được cả khi mất mạng")).to_be_visible()
    expect(page.get_by_text("chờ gửi")).to_have_count(0)
    page.goto("/account")
    page.get_by_role("button", name="Đăng xuất mọi thiết bị").click()
    page.wait_for_url("**/login")
    page.wait_for_function("() => localStorage.getItem('bx-keeps') === null")

    sign_in(page, HOMEROOM)
    expect(head(page)).to_contain_text("Đã gửi hết")
    authors = own_class.select("SELECT user_id, op_id FROM mark_event WHERE kind = 'mark'")
    assert [author for author, _ in authors] == [own_class.world.user_ids[HOMEROOM]]
    assert own_class.marks() == {0: "K"}


def test_kept_sheets_know_what_was_suggested_and_the_periods_of_the_day(
    own_class: Class, windows: Windows
) -> None:
    """Cut off before any sheet was opened: the reason of Ánh is there, and period 2, of which there was no register."""
    windows.expect_problem(UNREACHABLE)
    anh, uoc = NAMES[2], NAMES[3]
    pupil = own_class.world.pupil_ids["own"][2]
    own_class.execute(
        "INSERT INTO evidence (kind, pupil_id, school_id, day, slot, at, source)"
        " VALUES ('gate', ?, ?, ?, 1, '2026-10-05 00:04:00', 'gate:1:x')",
        pupil,
        own_class.world.school_ids["a"],
        str(MONDAY),
    )
    network = own_class.network()
    page = windows.open(network.url, PHONE)
    sign_in(page, TEACHER)
    wait_until_kept(page)
    network.become(Fault.CUT)
    page.goto(f"/registers/{own_class.register_id}")
    expect(page.get_by_text("Gợi ý lúc 07:05 ngày 05/10/2026, khi máy tải sổ")).to_be_visible()
    expect(tile(page, anh)).to_contain_text("quẹt thẻ cổng 07:04, trễ 4 phút")
    expect(tile(page, anh)).not_to_have_attribute("data-mark", re.compile("."))

    page.get_by_role("link", name="Sổ trên máy này").last.click()
    page.get_by_text("Những ngày trước").click()  # by the browser's clock; the server's stands at that day
    page.get_by_text("Từng tiết của bạn (1)").last.click()
    page.get_by_role("link", name="Lớp 4/1 · Tiết 2 buổi sáng").first.click()
    expect(page.get_by_text("mở từ máy này")).to_be_visible()
    tap(page, uoc, 2)
    page.get_by_role("button", name="Gửi sổ điểm danh").click()
    expect(head(page)).to_contain_text("1 sổ chờ gửi")
    assert own_class.select("SELECT count(*) FROM register WHERE slot_kind = 'P'") == [(0,)]

    network.become(Fault.NONE)
    page.reload()
    expect(head(page)).to_contain_text("Đã gửi hết")
    expect(tile(page, uoc)).to_have_attribute("data-mark", "K")
    stored = own_class.select(
        "SELECT slot, state, unexcused, expected FROM register WHERE slot_kind = 'P' AND day = ?", str(MONDAY)
    )
    assert stored == [(12, "S", 1, 6)]
