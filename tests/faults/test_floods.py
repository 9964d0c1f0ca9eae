"""What strangers and broken devices send: they are refused, and everybody else is answered meanwhile."""

from __future__ import annotations

import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

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
    from bench.schools import Class
    from tests.faults.conftest import Lessons

TOO_LARGE = 1009
MOST_GROWN: Final = 20 * 2**20
"""Bytes of memory that one client may cost, however it floods."""
EVENTS, STRANGERS = 10_000, 200
ANSWERED_WITHIN: Final = 3
"""Seconds; a machine that has more to do than this test may need one and a half for 400 connections at once."""


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


@pytest.mark.timeout(300)
@pytest.mark.parametrize("flood", ["oversized", "fragmented", "half open", "events", "strangers"])
def test_a_flood_costs_little_memory(
    lessons: Lessons, flood: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The highest point is looked at, not where it ends; before it a class has answered, so that all is loaded."""
    port, lesson = lessons.served.port, lessons.first
    process_id = lessons.served.process.pid
    activity = open_question(port, lesson)
    devices = pupils_of(port, lesson)
    for n, device in enumerate(devices):
        assert device.ask("answer", answer(activity, f"before-{n}"))["ok"]
        assert device.ask("pupil_sync", {})["ok"]
    with watching(lessons.served.url) as watch:
        time.sleep(0.5)
        before = memory_of(process_id, since_now=True)
        FLOODS[flood](port, lesson, devices, activity)
        grown = memory_of(process_id) - before
        begun = time.monotonic()
        assert pupils_of(port, lesson, lesson.pupil_cookies[:1])[0].ask("pupil_sync", {})["ok"]
        waited = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n{flood}: {grown / 2**20:+.1f} MB, /healthz at most {watch.slowest:.2f} s\n")
    assert grown <= MOST_GROWN
    assert max(watch.slowest, waited) < ANSWERED_WITHIN


def memory_of(process_id: int, *, since_now: bool = False) -> int:
    """Return the most memory, in bytes, that a process had since the last call with `since_now` (proc(5))."""
    if since_now:
        Path(f"/proc/{process_id}/clear_refs").write_text("5")
    status = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def send_oversized(port: int, lesson: Class, devices: list[Device], activity: int) -> None:
    """From each device, on two sockets: the announcement of a megabyte, and as much of it as is taken."""
    del devices, activity
    for device in (one for _twice in range(2) for one in pupils_of(port, lesson)):
        with suppress(GoneError):
            device.send_bytes(b"\x81\xff" + (1 << 20).to_bytes(8, "big") + UNMASKED)
            for _ in range(16):
                device.send_bytes(b"x" * 65_536)


def send_fragments(port: int, lesson: Class, devices: list[Device], activity: int) -> None:
    """From each device a message in pieces of a kilobyte that never ends."""
    del port, lesson, activity
    begin, go_on = bytes((TEXT, 0xFE)), bytes((0, 0xFE))
    piece = (1024).to_bytes(2, "big") + UNMASKED + b"4" * 1024
    for device in devices:
        with suppress(GoneError):
            device.send_bytes(begin + piece)
            for _ in range(40):
                device.send_bytes((go_on + piece) * 50)


def send_halves(port: int, lesson: Class, devices: list[Device], activity: int) -> None:
    """200 requests whose head never ends, and 200 sockets that never join."""
    del activity, devices
    query = f"door=pupil&lesson={lesson.lesson_id}"
    silent = [Device(port, query, cookie) for cookie in lesson.pupil_cookies for _five_times in range(5)]
    heads = [socket.create_connection(("127.0.0.1", port)) for _ in range(STRANGERS)]
    for head in heads:
        head.sendall(b"GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")
    time.sleep(2)
    assert {device.upgraded() for device in silent} == {101}
    for head in heads:
        head.close()


def send_events(port: int, lesson: Class, devices: list[Device], activity: int) -> None:
    """Ten thousand answers, 250 at once from each device of the class; who sends too many is cut off or told so."""
    del port, lesson
    for device in devices:
        with suppress(GoneError):
            for n in range(EVENTS // len(devices)):
                device.send("answer", answer(activity, f"flood-{n:04}", made=n))
            device.ask("pupil_sync", {})


def knock(port: int, lesson: Class, devices: list[Device], activity: int) -> None:
    """200 strangers with sockets and 200 that poll, all at once."""
    del devices, activity
    knocking = [Device(port, f"door=pupil&lesson={lesson.lesson_id}") for _ in range(STRANGERS)]
    with ThreadPoolExecutor(50) as pool:
        url = (
            f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling&door=pupil&lesson={lesson.lesson_id}"
        )
        polled = set(pool.map(lambda _: requests.get(url, timeout=30).status_code, range(STRANGERS)))
    assert {stranger.upgraded() for stranger in knocking} == {401}
    assert max(polled) < 500
    assert min(polled) >= 400


FLOODS: Final = {
    "oversized": send_oversized,
    "fragmented": send_fragments,
    "half open": send_halves,
    "events": send_events,
    "strangers": knock,
}


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
