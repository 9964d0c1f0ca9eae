"""Reading what schools decided, and the counts that stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from sqlalchemy import exists, or_, select

from classroom.activities.models import Activity
from classroom.answers.models import Attempt
from classroom.lessons.models import Lesson
from classroom.retention.models import AnswerRetention, RoundSummary
from classroom.retention.rules import months_before

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


def months_of(session: Session, school_id: int) -> int | None:
    """Return for how many months a school keeps answers, None where it keeps them."""
    row = session.get(AnswerRetention, school_id)
    return row.months if row else None


def lessons_to_forget(session: Session, today: date) -> list[int]:
    """Return the lessons whose answers are older than their school keeps them; late ones that came since too."""
    found: list[int] = []
    for row in session.scalars(select(AnswerRetention)):
        left = or_(Lesson.answers_gone_at.is_(None), exists().where(Attempt.lesson_id == Lesson.id))
        found += session.scalars(
            select(Lesson.id)
            .where(
                Lesson.school_id == row.school_id,
                Lesson.held_on < months_before(today, row.months),
                left,
            )
            .order_by(Lesson.id)
        )
    return found


def summaries_of(
    session: Session, lesson_id: int
) -> dict[tuple[int, int], tuple[RoundSummary, dict[str, int]]]:
    """Return {(activity, round): what stayed, its counts} of a lesson."""
    rows = session.scalars(
        select(RoundSummary)
        .join(Activity, Activity.id == RoundSummary.activity_id)
        .where(Activity.lesson_id == lesson_id)
    )
    return {(row.activity_id, row.round): (row, orjson.loads(row.counts)) for row in rows}
