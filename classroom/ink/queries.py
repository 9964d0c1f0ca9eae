"""Reading ink: a lesson's for teachers, a slide's for projector and pupils' devices, and all of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from classroom.activities.queries import content_of
from classroom.activities.rules.strokes import path_of, thinned
from classroom.ink.models import InkStroke

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from classroom.activities.models import Activity
    from classroom.ink.rules import Pen

ON_DEVICES: Final = 5.0
"""How far a line may be from the teacher's where the slide is 2048 wide: less than a pixel of a phone."""


def ink_row(stroke: InkStroke) -> dict[str, Any] | None:
    """Return a stroke as screens have it, None once it is gone; `n` orders the strokes."""
    if stroke.is_gone:
        return None
    return {"activity": stroke.activity_id, "n": stroke.id, "pen": stroke.pen, "points": stroke.points}


def ink_of_lesson(session: Session, lesson_id: int) -> dict[str, dict[str, Any] | None]:
    """Return {uuid: stroke} of a lesson, None for those that are gone: for the teachers' screens."""
    rows = session.scalars(select(InkStroke).where(InkStroke.lesson_id == lesson_id).order_by(InkStroke.id))
    return {row.uuid: ink_row(row) for row in rows}


def ink_on(session: Session, activity_id: int) -> dict[str, dict[str, Any] | None]:
    """Return {uuid: stroke} of what stands on a slide."""
    rows = session.scalars(
        select(InkStroke)
        .where(InkStroke.activity_id == activity_id, InkStroke.is_gone.is_(False))
        .order_by(InkStroke.id)
    )
    return {row.uuid: ink_row(row) for row in rows}


def ink_for_devices(session: Session, activity_id: int) -> dict[str, list[object]]:
    """Return {number: [slide, pen, points]} of what stands on a slide, as light as pupils' devices need it."""
    rows = session.scalars(
        select(InkStroke)
        .where(InkStroke.activity_id == activity_id, InkStroke.is_gone.is_(False))
        .order_by(InkStroke.id)
    )
    return {str(row.id): _light(row) for row in rows}


def changes_for_devices(
    session: Session, lesson_id: int, uuids: Collection[str]
) -> dict[str, list[object] | None]:
    """Return strokes of a lesson as they stand now, in the same form, None for those that are gone."""
    rows = session.scalars(
        select(InkStroke)
        .where(InkStroke.lesson_id == lesson_id, InkStroke.uuid.in_(uuids))
        .order_by(InkStroke.id)
    )
    return {str(row.id): None if row.is_gone else _light(row) for row in rows}


def growing_for_devices(activity_id: int, pen: Pen, points: str) -> list[object]:
    """Return a stroke that is being drawn in the form of those that stand; it begins where the stored one will."""
    return [activity_id, pen.value, thinned(points, ON_DEVICES)]


def _light(row: InkStroke) -> list[object]:
    return [row.activity_id, row.pen, _thinned(row.points)]


@lru_cache(maxsize=4096)
def _thinned(points: str) -> str:
    return thinned(points, ON_DEVICES)


@dataclass(frozen=True, slots=True)
class DrawnStroke:
    """A stroke as a page draws it: its pen, and the `d` of its path."""

    pen: str
    path: str


@dataclass(frozen=True, slots=True)
class DrawnSlide:
    """A slide that was shown, with what stands on it; `high` where the width is 2048."""

    activity_id: int
    high: int
    text: str
    strokes: list[DrawnStroke]


def drawn_on(session: Session, lesson_id: int, slides: Sequence[Activity]) -> list[DrawnSlide]:
    """Return slides of a lesson with their ink, in the order given, in one statement."""
    rows = session.scalars(
        select(InkStroke)
        .where(InkStroke.lesson_id == lesson_id, InkStroke.is_gone.is_(False))
        .order_by(InkStroke.id)
    ).all()
    contents = [(slide.id, content_of(slide.content)) for slide in slides]
    return [
        DrawnSlide(
            slide_id,
            content.high,
            content.question,
            [DrawnStroke(row.pen, path_of([row.points])) for row in rows if row.activity_id == slide_id],
        )
        for slide_id, content in contents
    ]
