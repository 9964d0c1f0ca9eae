"""Ink on pupils' devices: those who look get what stands and what comes and goes, and it weighs little."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import db, realtime
from app.realtime import Peer
from classroom.activities.commands import add_questions
from classroom.activities.rules import Move
from classroom.activities.rules.strokes import points_of, stroke_of, thinned
from classroom.ink import commands
from classroom.ink.queries import ON_DEVICES, ink_for_devices
from classroom.ink.rules import Pen
from classroom.ledger.events import inked_room, tell_rooms, watch
from classroom.lessons.events import SEAT_DOOR, SeatHeld
from classroom.seats.rules import device_hash
from classroom.slides.rules import Page, slides_of
from tests.classroom.activities.samples import POINTS
from tests.classroom.held import QUESTION, teacher_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.classroom.held import Held

LINE: Final = stroke_of([(10, 10), (90, 40)])
FULL_SLIDE: Final = 12_000
"""Bytes of the ink of a slide that is written full; with the page and the picture (15 kB) it stays below 100 kB."""


@pytest.fixture
def slides(held: Held) -> list[int]:
    """Three slides of the lesson; the third was not shown yet."""
    made = slides_of("a" * 64, [Page(1152, "Một"), Page(1152, "Hai"), Page(1152, "Ba")])
    found = add_questions(held.lesson_id, [(f"op-slide-{n}", one) for n, one in enumerate(made)])
    for one in found[:2]:
        held.move(one, Move.SHOW)
    return found


def draw(held: Held, slide: int, uuid: str) -> None:
    commands.draw_stroke(held.lesson_id, teacher_of(held.world).user_id, slide, uuid, Pen.RED, LINE)


def look(held: Held, slide: int) -> dict[str, Any]:
    pupil = held.pupils[0]
    if pupil not in held.devices:
        held.seat(pupil)
    seat = SeatHeld(held.lesson_id, pupil, device_hash(held.devices[pupil]))
    peer = Peer(SEAT_DOOR, holder=seat, refilled_at=0.0)
    return realtime.answer(peer, "slide_ink", {"activity": slide, "on": True})


def test_what_stood_and_what_came_is_what_stands(
    held: Held, slides: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom.ledger.events._told", {})
    watch(db.session(), held.lesson_id)
    draw(held, slides[0], "stroke-1")
    draw(held, slides[0], "stroke-2")
    began = look(held, slides[0])
    assert len(began["ink"]) == 2
    heard: list[Mapping[str, Any]] = []
    stop = realtime.listen(
        lambda to, _, content: heard.append(content) if to == inked_room(held.lesson_id) else None
    )
    try:
        changes: tuple[Callable[[], None], ...] = (
            lambda: draw(held, slides[0], "stroke-3"),
            lambda: commands.undo_stroke(held.lesson_id, "stroke-1"),
            lambda: draw(held, slides[1], "stroke-4"),
            lambda: commands.clear_slide(held.lesson_id, slides[0], "stroke-2"),
        )
        ink = dict(began["ink"])
        for change in changes:
            change()
            tell_rooms(held.world.app, held.lesson_id)
            ink |= {} if heard[-1]["to"] <= began["seq"] else heard[-1]["ink"]
            for slide in slides[:2]:
                stands = {n: row for n, row in ink.items() if row and row[0] == slide}
                db.session().rollback()
                assert stands == ink_for_devices(db.session(), slide)
    finally:
        stop()
    assert len(heard) == len(changes)
    held.ask()
    tell_rooms(held.world.app, held.lesson_id)
    assert len(heard) == len(changes), "nothing but ink goes to that room"


def test_the_stroke_under_the_pen_is_seen_on_devices_a_few_times_a_second(
    held: Held, slides: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom.ink.events.is_empty", lambda _: False)
    monkeypatch.setattr("classroom.ink.events._shown_at", {})
    teacher = Peer(realtime.STAFF, actor=teacher_of(held.world), checked_at=1e12)
    wavy = stroke_of([(10 + at * 3, 100 + round(3 * math.sin(at))) for at in range(200)])
    drawn = {
        "lesson": held.lesson_id,
        "activity": slides[0],
        "uuid": "stroke-1",
        "pen": "red",
        "points": wavy,
    }
    heard: list[Mapping[str, Any]] = []
    stop = realtime.listen(
        lambda to, name, content: (
            heard.append(content) if to == inked_room(held.lesson_id) and name == "ink_live" else None
        )
    )
    try:
        for _ in range(4):
            assert realtime.answer(teacher, "ink_live", drawn)["ok"]
        assert realtime.answer(teacher, "ink_live", {**drawn, "points": "no stroke!"})["error"] == "invalid"
    finally:
        stop()
    ((slide, pen, points),) = (frame["stroke"] for frame in heard)
    assert (slide, pen, points[:4]) == (slides[0], "red", wavy[:4]), "known again by where it begins"
    assert len(points) < len(wavy) / 2


def test_only_a_slide_that_was_shown_in_ones_own_lesson(held: Held, slides: list[int]) -> None:
    assert look(held, slides[1])["ok"]
    for other in (slides[2], held.ask(QUESTION), 999_999):
        assert look(held, other)["error"] == "not_found"


def test_a_slide_that_is_written_full_is_light(held: Held, slides: list[int]) -> None:
    for number in range(60):
        loops = [
            (200 + number * 20 + at * 6 + round(30 * math.sin(at / 3)), 400 + round(40 * math.cos(at / 2)))
            for at in range(60)
        ]
        commands.draw_stroke(
            held.lesson_id, teacher_of(held.world).user_id, slides[0], f"stroke-{number:03}", Pen.BLUE,
            stroke_of(loops),
        )  # fmt: skip
    assert len(orjson.dumps(look(held, slides[0]))) < FULL_SLIDE


@given(POINTS, st.floats(0.5, 40))
def test_a_thinned_stroke_stays_near(points: list[tuple[int, int]], tolerance: float) -> None:
    stroke = stroke_of(points)
    thin = thinned(stroke, tolerance)
    assert len(thin) <= len(stroke)
    line = points_of(thin)
    legs = list(itertools.pairwise(line)) or [(line[0], line[0])]
    for point in points_of(stroke):
        assert min(_away(point, *leg) for leg in legs) <= tolerance + 1, "one for the grid"
    assert thinned(LINE, ON_DEVICES) != ""


def _away(point: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> float:
    steps = max(1, round(math.dist(start, end)))
    return min(
        math.dist(
            point,
            (start[0] + (end[0] - start[0]) * n / steps, start[1] + (end[1] - start[1]) * n / steps),
        )
        for n in range(steps + 1)
    )
