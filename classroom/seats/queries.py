"""Reading seats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from classroom.lessons.models import Lesson
from classroom.seats.models import Seat

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session


SHOWN_LESSONS: Final = 10


@dataclass(frozen=True, slots=True)
class PupilLesson:
    """A live lesson that a pupil joined."""

    lesson_id: int
    held_on: date
    subject: str


@dataclass(frozen=True, slots=True)
class PupilLessons:
    """How many live lessons a pupil joined in a period, and the last ones."""

    total: int
    last: Sequence[PupilLesson]


def lessons_of_pupil(
    session: Session, pupil_id: int, first: date, after_last: date, school_ids: Collection[int] | None
) -> PupilLessons:
    """Return the live lessons that a pupil joined in [first, after_last), at these schools (None: all)."""
    joined = [Seat.pupil_id == pupil_id, Lesson.held_on >= first, Lesson.held_on < after_last]
    if school_ids is not None:
        joined.append(Lesson.school_id.in_(school_ids))
    lessons = select(Lesson).join(Seat, Seat.lesson_id == Lesson.id).where(*joined)
    total = session.scalar(select(func.count()).select_from(lessons.subquery())) or 0
    rows = session.scalars(lessons.order_by(Lesson.held_on.desc(), Lesson.id.desc()).limit(SHOWN_LESSONS))
    return PupilLessons(total, [PupilLesson(row.id, row.held_on, row.subject) for row in rows])


def seat_of_device(session: Session, lesson_id: int, device_hash: str) -> Seat | None:
    """Return the seat that a device holds in a lesson."""
    return session.scalar(select(Seat).where(Seat.lesson_id == lesson_id, Seat.device_hash == device_hash))


def joined_count(session: Session, lesson_id: int) -> int:
    """Count the pupils who joined with a device."""
    return session.scalar(select(func.count()).where(Seat.lesson_id == lesson_id)) or 0


def seats_of(session: Session, lesson_id: int) -> dict[int, Seat]:
    """Return {pupil id: seat} of a lesson."""
    return {seat.pupil_id: seat for seat in session.scalars(select(Seat).where(Seat.lesson_id == lesson_id))}


def extra_of(session: Session, lesson_id: int, pupil_id: int) -> int:
    """Return how much longer than others a pupil may take, in per cent; 0 for one without a seat."""
    seat = select(Seat.extra_percent).where(Seat.lesson_id == lesson_id, Seat.pupil_id == pupil_id)
    return session.scalar(seat) or 0
