"""Counting a month from the marks of then, and which steps of the month told exactly these figures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import clock
from attendance.registers.queries.then import session_totals_then
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState
from reports.cubes.queries import month_of_school
from reports.indicators.rules import Counts
from reports.submissions.queries import events_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.school.models import OrgUnit
    from reports.cubes.rules import Month, SchoolMonth
    from reports.submissions.models import SubmissionEvent

_SUMS = ("expected", "excused", "unexcused", "pending", "late")


def month_then(session: Session, school: OrgUnit, month: Month, moment: datetime) -> SchoolMonth:
    """Return a school's month as its registers and live lessons stood at an instant.

    Marks, rosters of registers and states of registers are those of then. Class lists (`pupils`), names of classes, the
    calendar and the timetable are what is known now of the days in question.
    """
    today = month_of_school(session, school, month, clock.local(moment).date())
    sums: defaultdict[int, Counts] = defaultdict(Counts)
    for row in session_totals_then(session, school.id, month.first, month.after_last, moment):
        counted = {name: getattr(row, name) for name in _SUMS}
        sums[row.class_id] += Counts(sessions_due=row.due, sessions_taken=row.taken, **counted)
    held = _lessons_held(session, school.id, month, moment)
    classes = []
    for one in today.classes:
        counts = replace(
            sums[one.class_id],
            classes=one.counts.classes,
            pupils=one.counts.pupils,
            lessons_held=held.get(one.class_id, 0),
        )
        classes.append(replace(one, counts=counts))
    return replace(today, classes=tuple(classes))


def _lessons_held(session: Session, school_id: int, month: Month, moment: datetime) -> dict[int, int]:
    rows = session.execute(
        select(Lesson.class_id, func.count())
        .where(
            Lesson.school_id == school_id,
            Lesson.held_on >= month.first,
            Lesson.held_on < month.after_last,
            Lesson.state == LessonState.ENDED,
            Lesson.ended_at <= moment,
        )
        .group_by(Lesson.class_id)
    )
    return {row[0]: row[1] for row in rows}


def steps_with(session: Session, then: SchoolMonth) -> list[SubmissionEvent]:
    """Return the steps of the month in which exactly these figures were submitted, approved or accepted."""
    steps = events_of(session, then.school_id, then.month)
    return [one for one in steps if one.counts_hash == then.digest]
