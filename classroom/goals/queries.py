"""Reading how far a class has come, and who has the most points; straight from the ledger of answers."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from classroom.activities.models import Activity
from classroom.activities.queries import content_of
from classroom.activities.rules import Phase, is_right, points_for
from classroom.answers.models import Attempt
from classroom.answers.queries import answer_of
from classroom.goals.rules import NAMES_AT_A_PLACE, GoalKind, called, places

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from classroom.lessons.models import Lesson


def goal_of(lesson: Lesson) -> dict[str, Any]:
    """Return a lesson's goal as the teacher's screen has it, which counts for itself."""
    return {"kind": lesson.goal_kind, "count": lesson.goal_count}


def goal_on_screen(session: Session, lesson: Lesson) -> dict[str, Any] | None:
    """Return the goal with how far the class has come, None while there is none."""
    if lesson.goal_kind == GoalKind.NONE:
        return None
    return {**goal_of(lesson), "reached": reached(session, lesson)}


def reached(session: Session, lesson: Lesson) -> int:
    """Return how far the class has come.

    ANSWERED counts answers in time, each pupil once a question; RIGHT those wholly right, of the questions whose
    solution was shown.
    """
    if lesson.goal_kind == GoalKind.ANSWERED:
        answered = (
            select(Attempt.pupil_id, Attempt.activity_id)
            .where(Attempt.lesson_id == lesson.id, Attempt.is_late.is_(False))
            .distinct()
        )
        return session.scalar(select(func.count()).select_from(answered.subquery())) or 0
    counted = (
        _that_count(lesson.id)
        .with_only_columns(Activity.content, Attempt.answer, func.count())
        .group_by(Activity.content, Attempt.answer)
    )
    rows = session.execute(counted)
    return sum(n for content, answer, n in rows if is_right(content_of(content), answer_of(answer)))


def points_of(session: Session, lesson_id: int) -> dict[int, Fraction]:
    """Return {pupil: points} over the questions whose solution was shown; speed counts where a question says so."""
    earned: dict[int, Fraction] = defaultdict(Fraction)
    for row in session.execute(_that_count(lesson_id)):
        span = (row.opened_at, row.closes_at)
        points = points_for(content_of(row.content), answer_of(row.answer), row.answered_at, span)
        earned[row.pupil_id] += points or Fraction(0)
    return dict(earned)


def _that_count(lesson_id: int) -> Select[int, str, datetime, str, datetime | None, datetime | None]:
    """Select the answers in time to the last round of each question that was revealed."""
    return (
        select(
            Attempt.pupil_id,
            Attempt.answer,
            Attempt.answered_at,
            Activity.content,
            Activity.opened_at,
            Activity.closes_at,
        )
        .join(Activity, Activity.id == Attempt.activity_id)
        .where(
            Activity.lesson_id == lesson_id,
            Activity.phase == Phase.REVEALED,
            Attempt.round == Activity.round,
            Attempt.is_late.is_(False),
        )
    )


def board_on_screen(
    session: Session, lesson_id: int, names: Mapping[int, str], absent: Collection[int]
) -> list[dict[str, Any]]:
    """Return the leaderboard: a line for each place with points and first names, of many the first few.

    `names` are those of the class in the order of its list; who is absent is not on it.
    """
    points, short = points_of(session, lesson_id), called(names)
    here = {pupil: points.get(pupil, Fraction(0)) for pupil in names if pupil not in absent}
    return [
        {
            "place": place.number,
            "points": round(float(place.points), 2),
            "names": [short[pupil] for pupil in place.pupils[:NAMES_AT_A_PLACE]],
            "more": max(0, len(place.pupils) - NAMES_AT_A_PLACE),
        }
        for place in places(here)
    ]
