"""What strangers and broken devices send: they are refused, and everybody else is answered meanwhile."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import requests

from tests.faults.devices import (
    PONG,
    TEXT,
    UNMASKED,
    Device,
    GoneError,
    answer,
    frame,
    open_question,
    pupils_of,
    watching,
)

if TYPE_CHECKING:
    from tests.faults.conftest import Lessons

TOO_LARGE = 1009


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(frame(PONG), id="control frames"),
        pytest.param(frame(TEXT, b"3"), id="packets below events"),
        pytest.param(frame(TEXT, b'42["nope",{}]'), id="unknown events"),
        pytest.param(frame(TEXT, b'421["answer",{}]'), id="broken events"),
    ],
)
def test_one_socket_sends_without_end(lessons: Lessons, flood: bytes) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    flooder, other = pupils_of(port, lesson, lesson.pupil_cookies[:2])
    with watching(lessons.served.url) as watch:
        with suppress(GoneError):
            for _ in range(300):  # some hundred thousand frames
                flooder.send_bytes(flood * (60_000 // len(flood)))
            flooder.wait_until_gone()
        begun = time.monotonic()
        assert other.ask("answer", answer(activity, "meanwhile"))["ok"]
        assert time.monotonic() - begun < 1
    assert watch.slowest < 1


def test_two_hundred_strangers_knock_at_once(lessons: Lessons) -> None:
    with watching(lessons.served.url) as watch:
        strangers = [Device(lessons.served.port, "door=pupil&lesson=1") for _ in range(200)]
        statuses = {stranger.upgraded() for stranger in strangers}
    assert statuses == {401}
    assert watch.slowest < 1


def test_a_message_is_too_large(lessons: Lessons) -> None:
    """Its announced length is enough: the server does not wait for the rest, nor keep what has come."""
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    device, other = pupils_of(port, lesson, lesson.pupil_cookies[:2])
    begun = time.monotonic()
    device.send_bytes(b"\x81\xff" + (1 << 20).to_bytes(8, "big") + UNMASKED + b"x")
    assert device.wait_until_gone() == TOO_LARGE
    assert time.monotonic() - begun < 2
    assert other.ask("answer", answer(activity, "not-disturbed"))["ok"]


def test_sockets_that_never_join_are_dropped(lessons: Lessons) -> None:
    query = f"door=pupil&lesson={lessons.first.lesson_id}"
    half_open = [Device(lessons.served.port, query, cookie) for cookie in lessons.first.pupil_cookies[:10]]
    assert {device.upgraded() for device in half_open} == {101}
    begun = time.monotonic()
    for device in half_open:
        device.wait_until_gone()
    assert 8 < time.monotonic() - begun < 13


def test_a_roster_arrives_damaged(lessons: Lessons) -> None:
    page = f"{lessons.served.url}/schools/{lessons.built.school_id}/imports"
    with requests.Session() as clerk:
        name, _, value = lessons.built.clerk_cookie.partition("=")
        clerk.cookies.set(name, value, domain="127.0.0.1")
        form = clerk.get(page, timeout=10).text
        fields = dict(re.findall(r'name="(csrf_token|client_key)"[^>]*value="([^"]+)"', form))
        damaged = b"PK\x03\x04" + bytes(range(256)) * 40
        sent = clerk.post(
            page,
            data={**fields, "year": "2026-2027"},
            files={"file": ("danh-sach.xlsx", damaged)},
            timeout=30,
        )
        assert sent.status_code in {200, 422}
    assert requests.get(f"{lessons.served.url}/healthz", timeout=10).ok
    assert "Traceback" not in lessons.served.log
