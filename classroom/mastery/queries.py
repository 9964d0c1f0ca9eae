"""Reading what pupils and classes can do, from the ledger of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from classroom.activities.models import Activity
from classroom.activities.queries import content_of
from classroom.activities.rules import is_right
from classroom.answers.models import Attempt
from classroom.answers.queries import answer_of
from classroom.lessons.models import Lesson
from classroom.mastery.rules import NOBODY, Result, shrunk_shares
from classroom.retention.models import RoundSummary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

RECENT_LESSONS: Final = 20
"""Lessons of a class by which it is divided into groups."""


def results_of_pupil(
    session: Session, pupil_id: int, first: date, after_last: date, school_ids: Collection[int] | None
) -> list[Result]:
    """Return a pupil's results in the lessons of [first, after_last), at these schools (None: all)."""
    where = [Attempt.pupil_id == pupil_id, Lesson.held_on >= first, Lesson.held_on < after_last]
    if school_ids is not None:
        where.append(Lesson.school_id.in_(school_ids))
    return _results(session, where)


def results_of_class(session: Session, class_id: int, first: date, after_last: date) -> list[Result]:
    """Return the results of a class's lessons of [first, after_last), with the counts that stayed of old ones."""
    where = [Lesson.class_id == class_id, Lesson.held_on >= first, Lesson.held_on < after_last]
    return [*_results(session, where), *_kept(session, where)]


def _kept(session: Session, where: Iterable[ColumnElement[bool]]) -> list[Result]:
    rows = session.execute(
        select(Activity.content, RoundSummary.answered, RoundSummary.right)
        .join(Activity, Activity.id == RoundSummary.activity_id)
        .join(Lesson, Lesson.id == Activity.lesson_id)
        .where(RoundSummary.round == Activity.round, RoundSummary.right.is_not(None), *where)
    )
    found = [(content_of(stored).objective, answered, right or 0) for stored, answered, right in rows]
    return [
        Result(NOBODY, objective, is_right, times)
        for objective, answered, right in found
        for is_right, times in ((True, right), (False, answered - right))
        if times > 0
    ]


def shares_in_class(session: Session, class_id: int) -> dict[int, float]:
    """Return {pupil: share right} over a class's last lessons; pupils without answers are absent from it."""
    recent = (
        select(Lesson.id).where(Lesson.class_id == class_id).order_by(Lesson.id.desc()).limit(RECENT_LESSONS)
    )
    return shrunk_shares(_results(session, [Attempt.lesson_id.in_(recent)]))


def _results(session: Session, where: Iterable[ColumnElement[bool]]) -> list[Result]:
    """Return results, equal answers of one pupil to one question text as one with its number of times."""
    rows = session.execute(
        select(Attempt.pupil_id, Activity.content, Attempt.answer, func.count())
        .join(Activity, Activity.id == Attempt.activity_id)
        .join(Lesson, Lesson.id == Attempt.lesson_id)
        .where(Attempt.round == Activity.round, Attempt.is_late.is_(False), *where)
        .group_by(Attempt.pupil_id, Activity.content, Attempt.answer)
    )
    known: dict[tuple[str, str], tuple[str, bool | None]] = {}
    found = []
    for pupil_id, stored, given, times in rows:
        if (stored, given) not in known:
            content = content_of(stored)
            known[stored, given] = (content.objective, is_right(content, answer_of(given)))
        objective, right = known[stored, given]
        if right is not None:
            found.append(Result(pupil_id, objective, right, times))
    return found


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a class was asked about an objective, with how it went the last time."""

    lesson_id: int
    held_on: date
    question: str
    objective: str


def questions_about(session: Session, class_id: int, first: date, after_last: date) -> Sequence[Question]:
    """Return the questions with an objective that a class was asked in [first, after_last), the latest first."""
    rows = session.execute(
        select(Lesson.id, Lesson.held_on, Activity.content)
        .join(Activity, Activity.lesson_id == Lesson.id)
        .where(
            Lesson.class_id == class_id,
            Lesson.held_on >= first,
            Lesson.held_on < after_last,
            Activity.shown_seq > 0,
        )
        .order_by(Activity.id.desc())
    )
    asked = [(lesson_id, held_on, content_of(stored)) for lesson_id, held_on, stored in rows]
    return [
        Question(lesson_id, held_on, content.question, content.objective)
        for lesson_id, held_on, content in asked
        if content.objective
    ]
