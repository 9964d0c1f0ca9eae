"""Faults in the middle of a lesson: what was acknowledged is there, once, and the lesson goes on."""

from __future__ import annotations

import sqlite3
import sys
import time
import uuid
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import requests

from classroom.answers.rules import GRACE
from tests.faults.devices import Device, answer, move, open_question, pupils_of, teacher_of, watching

if TYPE_CHECKING:
    from tests.faults.conftest import Lessons

UUIDS = "SELECT uuid FROM attempt_change"
STANDING = "SELECT uuid, answer, is_late FROM attempt"
TAPS = 20
DEVICES, BACK_WITHIN = 500, 10


def test_the_web_is_killed_while_a_class_answers(lessons: Lessons) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    sent = [[str(uuid.uuid4()) for _ in range(TAPS)] for _ in lesson.pupil_cookies]
    devices = pupils_of(port, lesson)
    numbers: list[dict[int, str]] = []
    for device, taps in zip(devices, sent, strict=True):
        numbers.append(
            {device.send("answer", answer(activity, tap, made=n)): tap for n, tap in enumerate(taps)}
        )
    assert devices[0].ack(1)["ok"]
    lessons.served.kill9()
    acknowledged = {
        by_number[number]
        for device, by_number in zip(devices, numbers, strict=True)
        for number, ack in device.acked_until_gone().items()
        if ack["ok"]
    }
    assert acknowledged <= {tap for (tap,) in lessons.select(UUIDS)}
    lessons.served.start()
    for device, taps in zip(
        pupils_of(port, lesson), sent, strict=True
    ):  # devices send all again, as after any gap
        wanted = [device.send("answer", answer(activity, tap, made=n)) for n, tap in enumerate(taps)]
        assert all(device.ack(number)["ok"] for number in wanted)
    assert sorted(tap for (tap,) in lessons.select(UUIDS)) == sorted(tap for taps in sent for tap in taps)
    assert {tap for tap, *_ in lessons.select(STANDING)} == {taps[-1] for taps in sent}


@pytest.mark.timeout(180)
def test_five_hundred_devices_come_back_after_a_restart(
    lessons: Lessons, capsys: pytest.CaptureFixture[str]
) -> None:
    port = lessons.served.port
    queries = [
        (f"door=pupil&lesson={lesson.lesson_id}", cookie)
        for lesson in lessons.built.classes
        for cookie in lesson.pupil_cookies
    ][:DEVICES]
    activities = [open_question(port, lesson) for lesson in lessons.built.classes]
    before = [device.join() for device in [Device(port, query, cookie) for query, cookie in queries]]
    assert len(before) == DEVICES
    lessons.served.kill9()
    lessons.served.start()
    begun = time.monotonic()
    back = [Device(port, query, cookie) for query, cookie in queries]
    numbers = [device.join().send("pupil_sync", {}) for device in back]
    acks = [device.ack(number) for device, number in zip(back, numbers, strict=True)]
    took = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n{DEVICES} devices had their state again after {took:.1f} s\n")
    assert all(ack["ok"] for ack in acks)
    assert {ack["stage"]["activity"]["id"] for ack in acks} <= set(activities)
    assert took < BACK_WITHIN


def test_the_database_is_locked_for_five_seconds(lessons: Lessons) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    (device,) = pupils_of(port, lesson, lesson.pupil_cookies[:1])
    with closing(sqlite3.connect(lessons.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with watching(lessons.served.url) as watch:
            number = device.send("answer", answer(activity, "locked-out"))
            time.sleep(5)
            assert lessons.select(UUIDS) == []
            other.execute("ROLLBACK")
            assert device.ack(number)["ok"]
    assert watch.slowest < 1
    assert lessons.select(UUIDS) == [("locked-out",)]


def test_a_pupil_has_the_lesson_open_in_two_tabs(lessons: Lessons) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    one, two = pupils_of(port, lesson, [lesson.pupil_cookies[0]] * 2)
    first = one.send("answer", answer(activity, "both-tabs", "A", made=1))
    again = two.send("answer", answer(activity, "both-tabs", "A", made=1))
    assert one.ack(first) == two.ack(again)
    assert lessons.select(UUIDS) == [("both-tabs",)]
    assert two.ask("answer", answer(activity, "second-tab", "B", made=2))["mine"]["answer"] == ["B"]
    assert [tap for tap, *_ in lessons.select(STANDING)] == ["second-tab"]


def test_a_devices_clock_jumps(lessons: Lessons) -> None:
    """Late is what comes after the closing by the server's clock, whatever the device believes."""
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    ahead, behind = pupils_of(port, lesson, lesson.pupil_cookies[:2])
    ten_years_ahead = int((time.time() + 10 * 365 * 86_400) * 1000)
    assert ahead.ask("answer", answer(activity, "far-ahead", made=ten_years_ahead))["late"] is False
    move(port, lesson, activity, "close")
    time.sleep(GRACE.total_seconds())
    assert behind.ask("answer", answer(activity, "far-behind", made=1))["late"] is True
    assert {(tap, late) for tap, _, late in lessons.select(STANDING)} == {("far-ahead", 0), ("far-behind", 1)}


def test_the_network_is_reset_before_the_acknowledgement(lessons: Lessons) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    for device in pupils_of(port, lesson):
        device.send("answer", answer(activity, "sent-before-the-reset"))
        device.reset()
    for device in pupils_of(port, lesson):
        assert device.ask("answer", answer(activity, "sent-before-the-reset"))["ok"]
    assert lessons.select("SELECT count(*), count(DISTINCT pupil_id) FROM attempt_change") == [(40, 40)]


def test_a_sign_in_ends_in_the_middle_of_a_lesson(lessons: Lessons) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    teacher, (pupil,) = teacher_of(port, lesson), pupils_of(port, lesson, lesson.pupil_cookies[:1])
    lessons.execute(
        "UPDATE sign_in SET ended_at = '2026-01-01 00:00:00.000000' "
        "WHERE user_id = (SELECT owner_id FROM lesson WHERE id = ?)",
        lesson.lesson_id,
    )
    begun = time.monotonic()
    teacher.wait_until_gone()
    assert time.monotonic() - begun < 3
    assert Device(port, f"lesson={lesson.lesson_id}", lesson.teacher_cookie).upgraded() == 401
    console = requests.get(
        f"{lessons.served.url}/lessons/{lesson.lesson_id}/console",
        headers={"Cookie": lesson.teacher_cookie, "Accept": "application/json"},
        timeout=10,
    )
    assert console.status_code == 401
    assert pupil.ask("answer", answer(activity, "pupils-go-on"))["ok"]
