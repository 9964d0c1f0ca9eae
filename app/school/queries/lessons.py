"""What the published timetable puts on a day, with substitutes and cancellations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Integer, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.bulk import is_sqlite, rows_parameter, rows_table
from app.school.models import (
    BellPeriod,
    SchoolClass,
    Staff,
    Subject,
    Timetable,
    TimetableEntry,
)
from app.school.queries.reach import holds_on
from app.school.queries.years import school_days, week_on
from app.school.rules import (
    SESSION_ORDER,
    DaySession,
    SchoolDay,
)
from app.school.timetables.models import EntryTeacher, LessonChange
from app.school.timetables.rules.weeks import WeekPattern, is_held_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, time

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def bell_of_entry(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the SQL condition that joins a lesson of the timetable with its period on a day, by the class's grade."""
    return and_(
        BellPeriod.school_id == Timetable.school_id,
        BellPeriod.day_session == TimetableEntry.day_session,
        BellPeriod.number == TimetableEntry.number,
        SchoolClass.grade.between(BellPeriod.first_grade, BellPeriod.last_grade),
        holds_on(BellPeriod, day),
    )


def co_teachers_of(session: Session, entry_ids: Collection[int]) -> dict[int, tuple[Staff, ...]]:
    """Return {entry: who teaches it together with the teacher who leads}; an entry without any is absent."""
    rows = session.execute(
        select(EntryTeacher.entry_id, Staff)
        .join(Staff, Staff.id == EntryTeacher.staff_id)
        .where(EntryTeacher.entry_id.in_(list(entry_ids)))
        .order_by(Staff.name_sort, Staff.id)
    )
    found: dict[int, tuple[Staff, ...]] = {}
    for entry_id, staff in rows:
        found[entry_id] = (*found.get(entry_id, ()), staff)
    return found


def held_on(session: Session, school_id: int, what: SchoolDay, entries: Iterable[TimetableEntry]) -> set[int]:
    """Return the ids of the entries that are held on a day of their weekday: session taught, their week."""
    taught = [entry for entry in entries if what.teaches_in(DaySession(entry.day_session))]
    if all(entry.weeks == WeekPattern.EVERY for entry in taught):
        return {entry.id for entry in taught}
    week = week_on(session, school_id, what.day)
    return {entry.id for entry in taught if is_held_in(WeekPattern(entry.weeks), week)}


@dataclass(frozen=True, slots=True)
class PlannedLesson:
    """A lesson that the published timetable puts on a day. Times are wall clock, None without a bell plan.

    With a substitute, `staff_id` and `teacher` are the substitute's and `substitute_for` is who is away.
    """

    entry_id: int
    school_id: int
    class_id: int
    class_name: str
    subject: str
    staff_id: int
    teacher: str
    day_session: DaySession
    number: int
    room: str
    begins_at: time | None
    finishes_at: time | None
    programme_session: int
    substitute_for: str | None = None
    co_teachers: tuple[str, ...] = ()


def lessons_on(
    session: Session, school_id: int, day: date, *, staff_id: int | None = None, class_id: int | None = None
) -> list[PlannedLesson]:
    """Return the lessons of a school (of one teacher, of one class) on a day, by session, period and class.

    What was decided for this day alone counts: cancelled lessons are left out, substituted ones are the substitute's.
    """
    classes = None if class_id is None else [class_id]
    return lessons_between(
        session, school_id, day, day + timedelta(days=1), staff_id=staff_id, class_ids=classes
    )[day]


def lessons_between(
    session: Session,
    school_id: int,
    first: date,
    after_last: date,
    *,
    staff_id: int | None = None,
    class_ids: Collection[int] | None = None,
) -> dict[date, list[PlannedLesson]]:
    """Return {day: what `lessons_on` returns} for every day of [first, after_last), in as many queries as for one.

    But for lessons of every other week: which week it is is asked for each day that has any.
    """
    what_is = {one.day: one for one in school_days(session, school_id, first, after_last)}
    rows = _entries_of(session, school_id, what_is.values(), staff_id, class_ids)
    by_day: dict[date, list[Any]] = {day: [] for day in what_is}
    for day, *row in rows:
        by_day[day].append(row)
    held = {
        day: held_on(session, school_id, what_is[day], [row[0] for row in of_day])
        for day, of_day in by_day.items()
    }
    everywhere = set().union(*held.values())
    others = co_teachers_of(session, everywhere) if everywhere else {}
    return {
        day: sorted(
            (_planned(others.get(row[0].id, ()), *row) for row in of_day if row[0].id in held[day]),
            key=lambda lesson: (SESSION_ORDER[lesson.day_session], lesson.number),
        )
        for day, of_day in by_day.items()
    }


def _entries_of(
    session: Session,
    school_id: int,
    days: Iterable[SchoolDay],
    staff_id: int | None,
    class_ids: Collection[int] | None,
) -> Sequence[Any]:
    """Return rows of day, entry, class, subject, teacher, period and substitute, by class."""
    asked = [(what.day.isoformat(), what.weekday) for what in days if what.is_teaching]
    if not asked:
        return []
    wanted = rows_table({"day": Date(), "weekday": Integer()}, for_sqlite=is_sqlite(session))
    day = wanted.c.day
    substitute = aliased(Staff)
    query = (
        select(day, TimetableEntry, SchoolClass, Subject.name, Staff.full_name, BellPeriod, substitute)
        .join(TimetableEntry, TimetableEntry.weekday == wanted.c.weekday)
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
            or_(LessonChange.id.is_(None), LessonChange.kind != "cancelled"),
        )
    )
    if staff_id is not None:
        query = query.where(_is_taught_by(staff_id))
    if class_ids is not None:
        query = query.where(TimetableEntry.class_id.in_(list(class_ids)))
    return session.execute(query.order_by(SchoolClass.name_sort), rows_parameter(asked)).all()


def _is_taught_by(staff_id: int) -> ColumnElement[bool]:
    together = select(EntryTeacher.entry_id).where(EntryTeacher.staff_id == staff_id)
    leads = func.coalesce(LessonChange.substitute_id, TimetableEntry.staff_id) == staff_id
    return or_(leads, TimetableEntry.id.in_(together))


def _planned(
    others: Sequence[Staff],
    entry: TimetableEntry,
    school_class: SchoolClass,
    subject: str,
    teacher: str,
    bell: BellPeriod | None,
    substitute: Staff | None,
) -> PlannedLesson:
    return PlannedLesson(
        entry_id=entry.id,
        school_id=school_class.school_id,
        class_id=school_class.id,
        class_name=school_class.name,
        subject=subject,
        staff_id=substitute.id if substitute else entry.staff_id,
        teacher=substitute.full_name if substitute else teacher,
        day_session=DaySession(entry.day_session),
        number=entry.number,
        room=entry.room,
        begins_at=bell.begins_at if bell else None,
        finishes_at=bell.finishes_at if bell else None,
        programme_session=bell.programme_session if bell else 1,
        substitute_for=teacher if substitute else None,
        co_teachers=tuple(staff.full_name for staff in others),
    )


def staff_of_user(session: Session, user_id: int) -> Staff | None:
    """Return the member of staff behind an account."""
    return session.scalar(select(Staff).where(Staff.user_id == user_id))


def sessions_with_lessons(session: Session, school_id: int, day: date) -> dict[int, dict[DaySession, int]]:
    """Return {class id: {session: programme session}} for the sessions in which the timetable gives a class lessons.

    A session counts as buổi 1 when any of its periods does.
    """
    found: dict[int, dict[DaySession, int]] = {}
    for lesson in lessons_on(session, school_id, day):
        sessions = found.setdefault(lesson.class_id, {})
        sessions[lesson.day_session] = min(sessions.get(lesson.day_session, 2), lesson.programme_session)
    return found
