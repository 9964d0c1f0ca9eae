"""Reading the timetable of one day with what was decided about its lessons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from app.school.models import BellPeriod, SchoolClass, Staff, Subject, Timetable, TimetableEntry
from app.school.queries import day_at_school, holds_on
from app.school.rules import DaySession
from app.school.timetables.models import LessonChange
from app.school.timetables.rules.days import ChangeKind, DayLesson, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session


def day_lessons(session: Session, school_id: int, day: date) -> list[DayLesson]:
    """Return all lessons that the timetable puts on a day, cancelled and substituted ones too."""
    what = day_at_school(session, school_id, day)
    if not what.is_teaching:
        return []
    substitute = aliased(Staff)
    rows = session.execute(
        select(
            TimetableEntry,
            SchoolClass.name,
            Subject.name,
            Staff.full_name,
            BellPeriod,
            LessonChange,
            substitute.full_name,
        )
        .join(Timetable, Timetable.id == TimetableEntry.timetable_id)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .join(Subject, Subject.id == TimetableEntry.subject_id)
        .join(Staff, Staff.id == TimetableEntry.staff_id)
        .outerjoin(
            BellPeriod,
            and_(
                BellPeriod.school_id == Timetable.school_id,
                BellPeriod.day_session == TimetableEntry.day_session,
                BellPeriod.number == TimetableEntry.number,
                holds_on(BellPeriod, day),
            ),
        )
        .outerjoin(LessonChange, and_(LessonChange.entry_id == TimetableEntry.id, LessonChange.day == day))
        .outerjoin(substitute, substitute.id == LessonChange.substitute_id)
        .where(
            Timetable.school_id == school_id,
            Timetable.state == "published",
            holds_on(Timetable, day),
            TimetableEntry.weekday == what.weekday,
        )
        .order_by(SchoolClass.name_sort)
    )
    return in_order(_day_lesson(*row) for row in rows)


def _day_lesson(
    entry: TimetableEntry,
    class_name: str,
    subject: str,
    teacher: str,
    bell: BellPeriod | None,
    change: LessonChange | None,
    substitute: str | None,
) -> DayLesson:
    return DayLesson(
        entry.id,
        entry.class_id,
        class_name,
        subject,
        entry.staff_id,
        teacher,
        DaySession(entry.day_session),
        entry.number,
        bell.begins_at if bell else None,
        bell.finishes_at if bell else None,
        ChangeKind(change.kind) if change else None,
        change.substitute_id if change else None,
        substitute,
        change.reason if change else "",
    )


def staff_of_school(session: Session, school_id: int) -> Sequence[Staff]:
    """Return a school's staff, by given name in Vietnamese order."""
    return session.scalars(
        select(Staff).where(Staff.school_id == school_id).order_by(Staff.name_sort, Staff.id)
    ).all()
