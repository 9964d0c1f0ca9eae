"""The machine itself is short of something: of disk, of file handles, of processor time."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from tests.faults.devices import Device, answer, open_question, pupils_of
from tests.faults.test_lessons import STANDING, UUIDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.conftest import Lessons

BACK_WITHIN = 10


@contextmanager
def limited(process_id: int, kind: int, most: int) -> Iterator[None]:
    """Let the kernel refuse this process more than so much of something (setrlimit(2)) while the block runs."""
    usual = resource.prlimit(process_id, kind)
    resource.prlimit(process_id, kind, (most, usual[1]))
    try:
        yield
    finally:
        resource.prlimit(process_id, kind, usual)


def handles_of(process_id: int) -> int:
    """Return how many files and connections a process has open."""
    return len(list(Path(f"/proc/{process_id}/fd").iterdir()))


def test_the_disk_is_full(lessons: Lessons) -> None:
    """No file may grow or be written any more: what could not be stored is not acknowledged, pages still come."""
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    one, two = pupils_of(port, lesson, lesson.pupil_cookies[:2])
    with limited(lessons.served.process.pid, resource.RLIMIT_FSIZE, 1):
        assert one.ask("answer", answer(activity, "no-room-left"))["error"] == "failed"
        console = f"{lessons.served.url}/lessons/{lesson.lesson_id}/console"
        assert requests.get(console, headers={"Cookie": lesson.teacher_cookie}, timeout=10).ok
    assert lessons.select(UUIDS) == []
    assert one.ask("answer", answer(activity, "no-room-left"))["ok"]
    assert two.ask("answer", answer(activity, "there-is-room"))["ok"]
    assert {tap for (tap,) in lessons.select(UUIDS)} == {"no-room-left", "there-is-room"}
    assert lessons.select("PRAGMA integrity_check") == [("ok",)]


def test_the_server_is_out_of_file_handles(lessons: Lessons) -> None:
    """Whoever is in goes on; whoever knocks waits, and is let in when there are handles again."""
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    inside = pupils_of(port, lesson, lesson.pupil_cookies[:20])
    query = f"door=pupil&lesson={lesson.lesson_id}"
    process_id = lessons.served.process.pid
    with limited(process_id, resource.RLIMIT_NOFILE, handles_of(process_id)):
        knocking = [Device(port, query, cookie) for cookie in lesson.pupil_cookies[20:]]
        used = processor_seconds(process_id)
        time.sleep(2)
        assert processor_seconds(process_id) - used < 1, "it tries again and again without a pause"
        told = [device.ask("answer", answer(activity, "is-inside")) for device in inside]
        assert all(ack["ok"] for ack in told), told
    begun = time.monotonic()
    late = [device.join() for device in knocking]
    assert all(device.ask("answer", answer(activity, "has-knocked"))["ok"] for device in late)
    assert time.monotonic() - begun < BACK_WITHIN
    assert len(lessons.select(STANDING)) == len(lesson.pupil_cookies)


def processor_seconds(process_id: int) -> float:
    """Return the processor time that a process has used (proc(5): its fields after the name)."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """Have so many processes compute as fast as they can while the block runs."""
    with ExitStack() as stack:
        for _ in range(count):
            hog = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(hog.kill)
        yield


def test_other_programs_take_the_processor(lessons: Lessons) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    devices = pupils_of(port, lesson)
    with hogs(4 * (os.cpu_count() or 1)):
        begun = time.monotonic()
        numbers = [device.send("answer", answer(activity, "meanwhile-")) for device in devices]
        assert all(device.ack(number)["ok"] for device, number in zip(devices, numbers, strict=True))
        assert time.monotonic() - begun < BACK_WITHIN
    assert len(lessons.select(STANDING)) == len(devices)


@pytest.mark.timeout(120)
def test_the_web_is_asked_to_end_while_a_class_answers(lessons: Lessons) -> None:
    """As at every update: what was acknowledged is stored, nobody waits for ever, and the lesson goes on after it."""
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    devices = pupils_of(port, lesson)
    numbers = [device.send("answer", answer(activity, f"tapped-{n}")) for n, device in enumerate(devices)]
    assert devices[0].ack(numbers[0])["ok"]
    lessons.served.stop()
    assert lessons.served.process.returncode == 0
    acks = [device.acked_until_gone() for device in devices]
    lessons.served.start()
    told = [number for number, got in zip(numbers, acks, strict=True) if got.get(number, {}).get("ok")]
    assert 1 <= len(told) <= len(lessons.select(UUIDS))
    again = pupils_of(port, lesson)
    assert all(device.ask("answer", answer(activity, f"tapped-{n}"))["ok"] for n, device in enumerate(again))
    assert len(lessons.select(UUIDS)) == len(lessons.select(STANDING)) == len(devices)
