"""The network between a class and the server: it stalls, forgets connections, loses a third of everything."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.faults.devices import Device, GoneError, RefusedError, answer, open_question, pupils_of
from tests.faults.test_lessons import STANDING, UUIDS
from tests.faults.test_machines import handles_of
from tests.faulty import Fault, FaultyNetwork

if TYPE_CHECKING:
    from tests.faults.conftest import Lessons

LOST = 0.3
TAPS = 10
WRITES = int(os.environ.get("WRITES", "10000"))
PATIENCE = 4.0
"""Seconds after which a device believes a connection to be lost; a stall of the network is longer."""
FORGOTTEN_WITHIN = 60
"""Seconds: a heartbeat is asked for every 20 and awaited for 15 (`app.sockets`)."""


def test_the_network_stalls_and_flows_again(lessons: Lessons) -> None:
    lesson = lessons.first
    activity = open_question(lessons.served.port, lesson)
    with FaultyNetwork(lessons.served.port) as network:
        devices = pupils_of(network.port, lesson)
        network.become(Fault.STALL)
        stalled = [Device(network.port, f"door=pupil&lesson={lesson.lesson_id}") for _ in devices]
        time.sleep(3)
        assert lessons.select(UUIDS) == []
        network.become(Fault.NONE)
        for device in stalled:
            with pytest.raises(GoneError):
                device.upgraded()
        for n, device in enumerate(pupils_of(network.port, lesson)):
            assert device.ask("answer", answer(activity, f"after-the-stall-{n}"))["ok"]
    assert len(lessons.select(UUIDS)) == len(lessons.select(STANDING)) == len(devices)


@pytest.mark.timeout(120)
def test_devices_vanish_without_a_goodbye(lessons: Lessons) -> None:
    """Their sockets stay half open; they come back at once on others, and the old ones are not kept for ever."""
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    process_id = lessons.served.process.pid
    before = handles_of(process_id)
    vanished = pupils_of(port, lesson)  # from here on nobody reads from them, nor answers their heartbeats
    again = pupils_of(port, lesson)
    assert all(device.ask("answer", answer(activity, f"is-back-{n}"))["ok"] for n, device in enumerate(again))
    for device in again:
        device.close()
    deadline = time.monotonic() + FORGOTTEN_WITHIN
    while handles_of(process_id) > before + 5:
        assert time.monotonic() < deadline, f"{handles_of(process_id)} handles of {before} are still open"
        time.sleep(0.5)
    assert len(vanished) == len(lessons.select(STANDING))


@pytest.mark.timeout(180)
def test_a_third_of_everything_is_lost(lessons: Lessons) -> None:
    """A message or its acknowledgement is lost, and the connection with it; the device sends again until told."""
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    chance = random.Random(20261128)
    lost = 0
    for pupil, cookie in enumerate(lesson.pupil_cookies):
        device = None
        for tap in range(TAPS):
            is_told = False
            while not is_told:
                device = device or pupils_of(port, lesson, [cookie])[0]
                if chance.random() < LOST:  # on its way
                    device.reset()
                    device, lost = None, lost + 1
                    continue
                number = device.send(
                    "answer", answer(activity, f"answer-{pupil}-{tap}", "AB"[tap % 2], made=tap)
                )
                if chance.random() < LOST:  # on the way back
                    device.reset()
                    device, lost = None, lost + 1
                    continue
                is_told = bool(device.ack(number)["ok"])
    assert lost > len(lesson.pupil_cookies) * TAPS * LOST
    assert len(lessons.select(UUIDS)) == len(lesson.pupil_cookies) * TAPS
    assert {tap for tap, *_ in lessons.select(STANDING)} == {
        f"answer-{pupil}-{TAPS - 1}" for pupil in range(len(lesson.pupil_cookies))
    }


def test_a_page_is_loaded_again_while_its_answer_is_on_the_way(lessons: Lessons) -> None:
    port, lesson = lessons.served.port, lessons.first
    activity = open_question(port, lesson)
    for n, device in enumerate(pupils_of(port, lesson)):
        device.send("answer", answer(activity, f"before-{n}"))
        device.close()
    for n, device in enumerate(pupils_of(port, lesson)):
        assert device.ask("pupil_sync", {})["ok"]
        assert device.ask("answer", answer(activity, f"before-{n}"))["mine"]["answer"] == ["A"]
    assert len(lessons.select(UUIDS)) == len(lessons.select(STANDING)) == len(lesson.pupil_cookies)


@pytest.mark.timeout(600)
def test_writes_through_an_unreliable_network(lessons: Lessons, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is sent until it is acknowledged, and once more: a stalled one may even arrive after its successors."""
    classes = lessons.built.classes[:5]
    activities = {lesson: open_question(lessons.served.port, lesson) for lesson in classes}
    devices = [(lesson, cookie) for lesson in classes for cookie in lesson.pupil_cookies]
    taps = WRITES // len(devices)
    with FaultyNetwork(lessons.served.port) as network:
        network.become(Fault.UNRELIABLE)

        def write(number: int) -> int:
            lesson, cookie = devices[number]
            writer = Writer(network.port, f"door=pupil&lesson={lesson.lesson_id}", cookie)
            for tap in range(taps):
                wanted = answer(activities[lesson], f"answer-{number}-{tap}", "AB"[tap % 2], made=tap)
                writer.write(wanted)
                writer.write(wanted)
            return writer.sent

        with ThreadPoolExecutor(len(devices)) as pool:
            sent = sum(pool.map(write, range(len(devices))))
    with capsys.disabled():
        sys.stdout.write(f"\n{WRITES} writes were sent {sent} times\n")
    assert sent > 2 * WRITES
    stored = Counter(tap for (tap,) in lessons.select(UUIDS))
    assert stored == Counter(
        f"answer-{number}-{tap}" for number in range(len(devices)) for tap in range(taps)
    )
    assert {tap for tap, *_ in lessons.select(STANDING)} == {
        f"answer-{number}-{taps - 1}" for number in range(len(devices))
    }


@dataclass
class Writer:
    """A device that sends what it has to say again, on a new connection, until it is told that it is stored."""

    port: int
    query: str
    cookie: str
    sent: int = 0
    _device: Device | None = None

    def write(self, wanted: dict[str, object]) -> None:
        """Have an answer stored."""
        while True:
            try:
                self._device = (
                    self._device or Device(self.port, self.query, self.cookie, within=PATIENCE).join()
                )
                self.sent += 1
                if self._device.ask("answer", wanted)["ok"]:
                    return
            except (GoneError, RefusedError, OSError) as error:
                if self._device:
                    self._device.close()
                self._device = None
                if isinstance(error, RefusedError):
                    time.sleep(
                        1
                    )  # as many as one device may have are still open on the other side of a stall
