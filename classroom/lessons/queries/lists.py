"""Lists around lessons: a class's pupils, a teacher's day, what was asked and picked before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select

from app import absences
from app.school.models import ClassMembership, Pupil, SchoolClass
from app.school.queries import holds_on, lessons_on, pupils_in_class, staff_of_user
from app.school.rules import DaySession
from app.text import given_name
from classroom.activities import queries as activities
from classroom.activities.models import Activity
from classroom.activities.rules import Kind
from classroom.lessons.models import Lesson, Pick
from classroom.lessons.rules import LessonState
from classroom.team.models import CoTeacher

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from app.claims import Ground
    from app.school.queries import PlannedLesson
    from classroom.activities.rules import Content

NOON, EVENING = 12, 18
MOST_LISTED: Final = 2_000
"""Lessons of a class: more than a year has."""


def class_of(session: Session, lesson: Lesson) -> SchoolClass:
    """Return the lesson's class."""
    return session.get_one(SchoolClass, lesson.class_id)


def pupils_of(session: Session, lesson: Lesson) -> list[Pupil]:
    """Return the pupils whom the lesson is for: the class on that day, by given name in Vietnamese order."""
    return pupils_in_class(session, lesson.class_id, lesson.held_on)


def away_from(session: Session, lesson: Lesson) -> frozenset[int]:
    """Return the pupils whom a register marks absent in the half of the day in which the lesson is."""
    return absences.away(session, lesson.class_id, lesson.held_on, DaySession(lesson.day_session))


def tiles(session: Session, lesson: Lesson) -> list[dict[str, Any]]:
    """Return the names to choose one's own from when joining; who is marked absent is grey, and may still come."""
    away = away_from(session, lesson)
    return [
        {
            "id": pupil.id,
            "no": number,
            "name": pupil.full_name,
            "given": given_name(pupil.full_name),
            "away": pupil.id in away,
        }
        for number, pupil in enumerate(pupils_of(session, lesson), 1)
    ]


@dataclass(frozen=True, slots=True)
class BegunLesson:
    """A lesson in the list of a teacher's day."""

    id: int
    subject: str
    class_name: str
    number: int | None
    ended: bool


def lessons_taught_by(session: Session, user_id: int, day: date) -> list[BegunLesson]:
    """Return the lessons that somebody leads on a day, alone or with others, the latest first."""
    together = select(CoTeacher.lesson_id).where(CoTeacher.user_id == user_id)
    rows = session.execute(
        select(Lesson.id, Lesson.subject, SchoolClass.name, Lesson.number, Lesson.state)
        .join(SchoolClass, SchoolClass.id == Lesson.class_id)
        .where(or_(Lesson.owner_id == user_id, Lesson.id.in_(together)), Lesson.held_on == day)
        .order_by(Lesson.started_at.desc())
    )
    return [BegunLesson(*row[:4], ended=row.state == LessonState.ENDED) for row in rows]


def lessons_of_class(session: Session, class_id: int, limit: int = MOST_LISTED) -> list[Lesson]:
    """Return the lessons of a class, the latest first."""
    return list(
        session.scalars(
            select(Lesson)
            .where(Lesson.class_id == class_id)
            .order_by(Lesson.held_on.desc(), Lesson.started_at.desc())
            .limit(limit)
        )
    )


def lessons_standing_on(session: Session, ground: Ground) -> int:
    """Count the lessons of a ground's classes that began after it was written, or were going on then."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Lesson)
            .where(
                Lesson.class_id.in_(ground.class_ids),
                Lesson.held_on >= ground.since,
                or_(Lesson.ended_at.is_(None), Lesson.ended_at >= ground.written_at),
            )
        )
        or 0
    )


def running_in_classes_of(session: Session, pupil_ids: Collection[int], day: date) -> list[str]:
    """Return the subjects of the lessons that go on today in the classes of these pupils; "" without a subject."""
    own = select(ClassMembership.class_id).where(
        ClassMembership.pupil_id.in_(pupil_ids), holds_on(ClassMembership, day)
    )
    rows = session.scalars(
        select(Lesson.subject)
        .where(Lesson.class_id.in_(own), Lesson.held_on == day, Lesson.state != LessonState.ENDED)
        .order_by(Lesson.id)
    )
    return [subject or "" for subject in rows]


def questions_asked_by(session: Session, user_id: int, limit: int = 30) -> list[Content]:
    """Return the different questions that a teacher asked in lessons, the latest first, to ask them again."""
    rows = session.scalars(
        select(Activity.content)
        .join(Lesson, Lesson.id == Activity.lesson_id)
        .where(Lesson.owner_id == user_id, Activity.shown_seq > 0, Activity.kind != Kind.SLIDE.value)
        .group_by(Activity.content)
        .order_by(func.max(Activity.id).desc())
        .limit(limit)
    )
    return [content for content in map(activities.content_of, rows) if content.question]


def picks_in_class(session: Session, class_id: int, limit: int = 200) -> list[int]:
    """Return the pupils whom the picker called in a class's lessons, the latest last."""
    rows = session.scalars(
        select(Pick.pupil_id)
        .join(Lesson, Lesson.id == Pick.lesson_id)
        .where(Lesson.class_id == class_id)
        .order_by(Pick.id.desc())
        .limit(limit)
    )
    return list(rows)[::-1]


def planned_today(session: Session, user_id: int, day: date) -> list[PlannedLesson]:
    """Return the lessons that the timetable gives a teacher on a day; none for those on no school's staff."""
    staff = staff_of_user(session, user_id)
    return lessons_on(session, staff.school_id, day, staff_id=staff.id) if staff else []


def session_of(hour: int) -> DaySession:
    """Return the half of the day in which an hour of the school's clock falls."""
    if hour < NOON:
        return DaySession.MORNING
    return DaySession.AFTERNOON if hour < EVENING else DaySession.EVENING
