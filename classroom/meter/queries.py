"""Reading the understanding meter. Who tapped what is told to nobody but the pupil: a class is honest only then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from classroom.activities.queries import milliseconds
from classroom.meter.models import MeterTap
from classroom.meter.rules import Feels, Point, Tap, course

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def taps_of(session: Session, lesson_id: int) -> list[Tap]:
    """Return the taps of a lesson in their order."""
    rows = session.execute(
        select(MeterTap.id, MeterTap.pupil_id, MeterTap.feels, MeterTap.at)
        .where(MeterTap.lesson_id == lesson_id)
        .order_by(MeterTap.id)
    )
    return [Tap(row.id, row.pupil_id, Feels(row.feels), row.at) for row in rows]


def meter_rows(points: list[Point]) -> dict[str, list[Any]]:
    """Return points as a screen has them: {tap: [milliseconds, how many follow, how many are lost]}."""
    return {str(point.id): [milliseconds(point.at), point.got, point.lost] for point in points}


def meter_of(session: Session, lesson_id: int) -> dict[str, list[Any]]:
    """Return the meter's whole course."""
    return meter_rows(course(taps_of(session, lesson_id)))


def meter_now(session: Session, lesson_id: int) -> dict[str, int]:
    """Return how many follow and how many are lost now."""
    points = course(taps_of(session, lesson_id))
    return {"got": points[-1].got, "lost": points[-1].lost} if points else {"got": 0, "lost": 0}


def feels_of(session: Session, lesson_id: int, pupil_id: int) -> Feels:
    """Return what a pupil said last."""
    last = session.scalar(
        select(MeterTap.feels)
        .where(MeterTap.lesson_id == lesson_id, MeterTap.pupil_id == pupil_id)
        .order_by(MeterTap.id.desc())
        .limit(1)
    )
    return Feels(last or "")
