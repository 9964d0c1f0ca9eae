"""Reading the timetable of one day with what was decided about its lessons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import aliased

from app.school.models import BellPeriod, SchoolClass, Staff, Subject, Timetable, TimetableEntry
from app.school.queries import bell_of_entry, co_teachers_of, day_at_school, held_on, holds_on
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
        .outerjoin(BellPeriod, bell_of_entry(day))
        .outerjoin(LessonChange, and_(LessonChange.entry_id == TimetableEntry.id, LessonChange.day == day))
        .outerjoin(substitute, substitute.id == LessonChange.substitute_id)
        .where(
            Timetable.school_id == school_id,
            Timetable.state != "draft",
            holds_on(Timetable, day),
            TimetableEntry.weekday == what.weekday,
        )
        .order_by(SchoolClass.name_sort)
    ).all()
    held = held_on(session, school_id, what, [row[0] for row in rows])
    others = co_teachers_of(session, held) if held else {}
    return in_order(_day_lesson(row, others.get(row[0].id, ())) for row in rows if row[0].id in held)


_Row = Row[TimetableEntry, str, str, str, BellPeriod | None, LessonChange | None, str | None]


def _day_lesson(row: _Row, others: Sequence[Staff]) -> DayLesson:
    entry, class_name, subject, teacher, bell, change, substitute = row
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
        tuple(staff.id for staff in others),
        tuple(staff.full_name for staff in others),
    )


def staff_of_school(session: Session, school_id: int) -> Sequence[Staff]:
    """Return a school's staff, by given name in Vietnamese order."""
    return session.scalars(
        select(Staff).where(Staff.school_id == school_id).order_by(Staff.name_sort, Staff.id)
    ).all()
