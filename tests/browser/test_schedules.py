"""Two phones, one class, random schedules of taps, saves, failing networks, reloads and empty batteries: real browsers.

Each phone has a network of its own that is cut, stalls or loses answers. When a schedule is over, both networks are
whole again, and whoever is asked to choose chooses. Then every tap that was sent is stored exactly once or was shown to
its author as a conflict, and what an author tapped last stands, was stored (by either), or was shown. `make faults`
plays 200.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Error, expect

from tests.browser.taking import (
    HOMEROOM,
    TEACHER,
    UNREACHABLE,
    Class,
    head,
    sign_in,
    wait_until_kept,
)
from tests.browser.watching import PHONE
from tests.faulty import Fault

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

    from tests.browser.watching import Windows
    from tests.faulty import FaultyNetwork

SCHEDULES: Final = int(os.environ.get("SCHEDULES", "3"))
PUPILS: Final = 3
SETTLED_WITHIN: Final = 60
"""Seconds; a phone asks every ten whether the server is back."""
PENDING: Final = ":text('Sổ đang nằm trong máy này')"
REMEMBER: Final = """() => new MutationObserver(() => {
    const shown = new Set(JSON.parse(localStorage.getItem("shown") ?? "[]"));
    for (const one of document.querySelectorAll(".sheet-conflict b")) shown.add(one.textContent);
    localStorage.setItem("shown", JSON.stringify([...shown]));
}).observe(document, { childList: true, subtree: true, characterData: true })"""
"""What the page showed as a conflict, by the pupil's name, whether or not anybody chose."""


@dataclass
class Phone:
    """A teacher's device, what was tapped on it and what it has sent."""

    page: Page
    network: FaultyNetwork
    address: str
    tapped: dict[int, str] = field(default_factory=dict)
    """The letter that stood on a pupil's tile after the last tap, "" for present."""
    sent: dict[str, tuple[int, int]] = field(default_factory=dict)
    """{operation: (pupil, how many taps there had been)}, of every save that left the browser."""
    touched: dict[int, int] = field(default_factory=dict)
    """{pupil: number of the last tap}."""
    taps: int = 0
    shown: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Open the sheet and remember what it shows and sends."""
        context = self.page.context
        context.add_init_script(f"({REMEMBER})()")
        context.on("request", self._note)
        self.open()

    def open(self) -> None:
        """Go to the sheet, which comes from the device itself when the server does not answer."""
        self.page.goto(self.address, wait_until="commit", timeout=30_000)
        expect(self.page.locator(".sheet-tile").first).to_be_enabled(timeout=30_000)

    def tap(self, number: int) -> None:
        """Tap a pupil's tile once."""
        tile = self.page.locator(".sheet-tile").nth(number)
        before = tile.get_attribute("data-mark") or ""
        tile.click()
        self.page.wait_for_function(
            "([number, before]) => (document.querySelectorAll('.sheet-tile')[number].dataset.mark ?? '') !== before",
            arg=[number, before],
        )
        pupil, letter = int(tile.get_attribute("data-pupil") or 0), tile.get_attribute("data-mark") or ""
        self.taps += 1
        self.touched[pupil], self.tapped[pupil] = self.taps, letter
        if "is-draft" not in (tile.get_attribute("class") or "") and not self.page.locator(PENDING).count():
            del self.tapped[pupil]  # it says again what stands: nothing is left to send

    def press(self) -> bool:
        """Save what waits, if the button is there; say whether it was."""
        return self._click(".sheet-buttons .btn--main")

    def decide(self, *, keeps_own: bool) -> bool:
        """Choose in the first conflict that is shown, if there is one; say whether there was."""
        return self._click(".sheet-conflict .btn:" + ("first-child" if keeps_own else "last-child"))

    def die(self) -> None:
        """The battery is empty: the page is gone without a word, and opened again."""
        context = self.page.context
        self.page.close(run_before_unload=False)
        self.page = context.new_page()
        self.open()

    def marks(self) -> dict[int, str]:
        """Return what stands on the tiles."""
        found: list[list[Any]] = self.page.eval_on_selector_all(
            ".sheet-tile",
            "(tiles) => tiles.map((one) => [Number(one.dataset.pupil), one.dataset.mark ?? ''])",
        )
        return {pupil: letter for pupil, letter in found if letter}

    def is_settled(self) -> bool:
        """Say whether nothing waits on this device; the line above looks every two seconds, the sheet knows at once."""
        waits = self.page.locator(
            ".sheet-tile.is-draft, .sheet-conflict, :text('Sổ đang nằm trong máy này')"
        ).count()
        return not waits and "Đã gửi hết" in (head(self.page).first.text_content() or "")

    def settle(self, *, keeps_own: bool) -> None:
        """Choose and save until nothing waits."""
        ends = time.monotonic() + SETTLED_WITHIN
        while not self.is_settled():
            assert time.monotonic() < ends, head(self.page).first.text_content()
            if not self.decide(keeps_own=keeps_own):
                self.press()
            self._click(".alert .btn:text-is('Thử lại')")
            self.page.wait_for_timeout(200)

    def note_what_was_shown(self) -> None:
        """Take over what the pages have remembered."""
        names = self.page.evaluate("() => JSON.parse(localStorage.getItem('shown') ?? '[]')")
        self.page.evaluate("() => localStorage.removeItem('shown')")
        self.shown |= set(names)

    def name_of(self, pupil: int) -> str:
        """Return a pupil's name as the sheet writes it."""
        return self.page.locator(f"[data-pupil='{pupil}'] .tile__name").text_content() or ""

    def _click(self, selector: str) -> bool:
        found = self.page.locator(selector).first
        try:
            if found.count() == 0 or not found.is_enabled(timeout=1_000):
                return False
            found.click(timeout=1_000)
        except Error:  # it went away meanwhile
            return False
        return True

    def _note(self, request: Request) -> None:
        if request.method == "POST" and "/registers/" in request.url and request.post_data:
            content: dict[str, Any] = request.post_data_json or {}
            for one in content.get("operations", []):
                self.sent.setdefault(one["id"], (one["pupil"], self.taps))


STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(
            ("tap", "tap", "tap", "tap", "press", "press", "network", "network", "decide", "reload", "die")
        ),
        st.integers(0, 1),
        st.integers(0, PUPILS - 1),
        st.sampled_from((Fault.CUT, Fault.STALL, Fault.LOSE_ANSWERS, Fault.NONE, Fault.NONE)),
        st.booleans(),
    ),
    min_size=8,
    max_size=16,
)


@pytest.mark.timeout(3600)
def test_every_tap_is_stored_exactly_once_or_shown(own_class: Class, windows: Windows) -> None:
    windows.expect_problem(UNREACHABLE)
    phones = [_phone(own_class, windows, role) for role in (HOMEROOM, TEACHER)]
    played = 0

    @settings(
        max_examples=SCHEDULES,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS, st.booleans())
    def play(schedule: list[tuple[str, int, int, Fault, bool]], keeps_own: bool) -> None:  # noqa: FBT001 - drawn
        nonlocal played
        played += 1
        for name, which, pupil, fault, coin in schedule:
            _take(phones[which], name, pupil, fault, keeps_own=coin)
        for phone in phones:
            phone.network.become(Fault.NONE)
        for phone in (*phones, *phones):  # what one sends may cross what the other has settled
            phone.settle(keeps_own=keeps_own)
        _judge(own_class, phones)

    play()
    assert played >= SCHEDULES


def _phone(own_class: Class, windows: Windows, role: Any) -> Phone:  # noqa: ANN401 - a role
    network = own_class.network()
    page = windows.open(network.url, PHONE)
    sign_in(page, role)
    wait_until_kept(page)
    phone = Phone(page, network, f"/registers/{own_class.register_id}")
    phone.begin()
    return phone


def _take(phone: Phone, name: str, pupil: int, fault: Fault, *, keeps_own: bool) -> None:
    if name == "tap":
        phone.tap(pupil)
    elif name == "press":
        phone.press()
    elif name == "decide":
        phone.decide(keeps_own=keeps_own)
    elif name == "network":
        phone.network.become(fault)
    elif name == "reload":
        phone.open()
    else:
        phone.die()


def _judge(own_class: Class, phones: list[Phone]) -> None:
    """Compare the database with what was tapped, sent and shown; then forget it for the next schedule."""
    events = own_class.select(
        "SELECT op_id, pupil_id, after, id FROM mark_event WHERE kind = 'mark' AND id > ?",
        own_class.judged,
    )
    own_class.judged = max((event[-1] for event in events), default=own_class.judged)
    stored = [op_id for op_id, *_ in events]
    assert len(stored) == len(set(stored))
    written: dict[int, list[str]] = defaultdict(list)
    for _, pupil, after, _ in events:
        written[pupil].append(after)
    standing = own_class.letters()
    for phone in phones:
        phone.note_what_was_shown()
        names = {pupil: phone.name_of(pupil) for pupil in phone.touched}
        shown = {pupil for pupil, name in names.items() if any(one in name for one in phone.shown)}
        # Who taps again while a refusal is under way has redone it, and is asked about that tap.
        lost = {
            op_id: pupil
            for op_id, (pupil, taps) in phone.sent.items()
            if op_id not in stored and pupil not in shown and phone.touched.get(pupil, 0) <= taps
        }
        assert lost == {}
        for pupil, letter in phone.tapped.items():
            stands = standing.get(pupil, "")
            # By whomever: a tap that says what another phone has written meanwhile is done, and nothing is sent.
            assert stands == letter or pupil in shown or _was_stored(letter, written[pupil]), (
                pupil, letter, stands, phone.shown,
            )  # fmt: skip
        phone.page.reload()
        expect(phone.page.locator(".sheet-tile").first).to_be_enabled()
        assert phone.marks() == standing
    for phone in phones:
        phone.tapped.clear()
        phone.touched.clear()
        phone.sent.clear()
        phone.shown.clear()


def _was_stored(letter: str, values: list[str]) -> bool:
    return any(json.loads(value).get("letter", "") == letter for value in values)
