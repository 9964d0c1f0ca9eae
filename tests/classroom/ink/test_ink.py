"""Ink over a slide: kept once, taken back, cleared, bounded; the projector hears of strokes alone while one writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app import db, realtime
from app.errors import ConflictError, InvalidError, NotFoundError
from classroom.activities.commands import add_questions
from classroom.activities.rules import Move
from classroom.activities.rules.strokes import stroke_of
from classroom.ink import commands
from classroom.ink.models import InkStroke
from classroom.ink.queries import drawn_on
from classroom.ink.rules import LONGEST_STROKE, MOST_ON_SLIDE, Pen
from classroom.ledger.events import screens_room, tell_rooms, watch
from classroom.lessons.models import Lesson
from classroom.lessons.queries import screen_snapshot
from classroom.slides.queries import shown_slides
from classroom.slides.rules import Page, slides_of
from tests.classroom.held import QUESTION, teacher_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.classroom.held import Held

LINE = stroke_of([(10, 10), (90, 40)])


def slides(held: Held) -> tuple[int, int]:
    """Two slides of the lesson; the first is shown."""
    made = slides_of("a" * 64, [Page(1152, "Một"), Page(1152, "Hai")])
    first, second = add_questions(held.lesson_id, [(f"op-slide-{n}", one) for n, one in enumerate(made)])
    held.move(first, Move.SHOW)
    return first, second


def draw(held: Held, slide: int, uuid: str, points: str = LINE) -> None:
    commands.draw_stroke(held.lesson_id, teacher_of(held.world).user_id, slide, uuid, Pen.RED, points)


def standing(held: Held) -> set[str]:
    return {uuid for uuid, row in held.snapshot()["ink"].items() if row}


def test_a_stroke_is_kept_once_and_taken_back(held: Held) -> None:
    first, second = slides(held)
    for uuid in ("stroke-1", "stroke-1", "stroke-2"):
        draw(held, first, uuid)
    draw(held, second, "stroke-3")
    assert standing(held) == {"stroke-1", "stroke-2", "stroke-3"}
    before = held.snapshot()["seq"]
    for _ in range(2):
        commands.undo_stroke(held.lesson_id, "stroke-2")
    assert held.snapshot()["seq"] == before + 1
    draw(held, first, "stroke-2")
    assert standing(held) == {"stroke-1", "stroke-3"}, "a stroke that comes late does not come back"
    shown = shown_slides(db.session(), held.lesson_id)
    (only,) = drawn_on(db.session(), held.lesson_id, shown)
    assert [(one.pen, one.path[:6]) for one in only.strokes] == [("red", "M10 10")]


def test_clearing_twice_spares_what_came_between(held: Held) -> None:
    first, second = slides(held)
    for slide, uuid in ((first, "stroke-1"), (second, "stroke-2"), (first, "stroke-3")):
        draw(held, slide, uuid)
    commands.clear_slide(held.lesson_id, first, "stroke-3")
    draw(held, first, "stroke-4")
    commands.clear_slide(held.lesson_id, first, "stroke-3")
    assert standing(held) == {"stroke-2", "stroke-4"}


def test_ink_is_bounded_and_belongs_to_a_slide(held: Held) -> None:
    first, _ = slides(held)
    for points in (
        "",
        "000",
        stroke_of([(2049, 0)]),
        stroke_of([(0, 1153)]),
        "0000" + "WW" * (LONGEST_STROKE // 2),
    ):
        with pytest.raises(InvalidError):
            draw(held, first, "stroke-0", points)
    for slide in (held.ask(QUESTION), 999_999):
        with pytest.raises(NotFoundError):
            draw(held, slide, "stroke-0")
    draw(held, first, "stroke-1")
    with db.transaction() as session:
        one = session.scalars(select(InkStroke)).one()
        session.add_all(
            InkStroke(
                lesson_id=one.lesson_id, activity_id=first, uuid=f"many-{n:04}", user_id=one.user_id, pen="blue",
                points=LINE, is_gone=False, drawn_at=one.drawn_at,
            )
            for n in range(MOST_ON_SLIDE)
        )  # fmt: skip
    with pytest.raises(ConflictError):
        draw(held, first, "stroke-2")


def test_a_projector_follows_the_strokes_alone(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.ledger.events._told", {})
    first, _ = slides(held)
    heard: list[tuple[str, Mapping[str, Any]]] = []
    watch(db.session(), held.lesson_id)
    stop = realtime.listen(
        lambda to, name, content: (
            heard.append((name, content)) if to == screens_room(held.lesson_id) else None
        )
    )
    try:
        draw(held, first, "stroke-1")
        tell_rooms(held.world.app, held.lesson_id)
        commands.undo_stroke(held.lesson_id, "stroke-1")
        draw(held, first, "stroke-2")
        tell_rooms(held.world.app, held.lesson_id)
    finally:
        stop()
    assert {name for name, _ in heard} == {"ink"}
    ink: dict[str, Any] = {}
    for _, frame in heard:
        ink |= frame["ink"]
    lesson = db.session().get_one(Lesson, held.lesson_id)
    db.session().refresh(lesson)
    fresh = screen_snapshot(db.session(), lesson)
    assert {uuid: row for uuid, row in ink.items() if row} == fresh["ink"]
    assert heard[-1][1]["to"] == fresh["seq"]
