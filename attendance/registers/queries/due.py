"""Which session registers are due, worked out for any number of schools and days with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, true

from app.school.calendar.queries import entries_known
from app.school.models import (
    BellPeriod,
    CalendarDay,
    ClassMembership,
    OrgUnit,
    School,
    SchoolClass,
    SchoolYear,
    Timetable,
    TimetableEntry,
)
from app.school.queries import bell_of_entry
from app.school.rules import CalendarEntry, DayKind, DaySession, SchoolDay, days_between, school_day
from app.school.timetables.rules.weeks import WeekPattern, monday_of, week_numbers
from attendance.registers.rules.due import DueRegister, Span, WeeklySession, registers_due, segments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session


def due_registers(
    session: Session,
    first: date,
    after_last: date,
    *,
    school_ids: Collection[int] | None = None,
    class_ids: Collection[int] | None = None,
    known_at: datetime | None = None,
) -> list[DueRegister]:
    """Return the session registers due in [first, after_last), by day: calendar x timetable x non-empty roster.

    All schools unless `school_ids` are given; `class_ids` narrows further. A superseded timetable still says what was
    due in its days: an edit of the timetable hides no past register. With `known_at` the calendar and the timetable are
    those that had been decided and published by that instant.
    """
    days = teaching_days(session, first, after_last, school_ids, known_at)
    rosters = _occupied(session, first, after_last, school_ids, class_ids)
    pieces = [
        (begin, end, _weekly_sessions(session, begin, end, school_ids, class_ids, known_at))
        for begin, end in segments(first, after_last, _bell_changes(session, first, after_last, school_ids))
    ]
    alternating = {
        entry.school_id
        for *_, timetable in pieces
        for entry in timetable
        if entry.weeks is not WeekPattern.EVERY
    }
    weeks = numbers_of_weeks(session, first, after_last, alternating)
    return [
        due
        for begin, end, timetable in pieces
        for due in registers_due(
            {
                school_id: [day for day in found if begin <= day.day < end]
                for school_id, found in days.items()
            },
            timetable,
            rosters,
            weeks,
        )
    ]


def numbers_of_weeks(
    session: Session, first: date, after_last: date, schools: Collection[int]
) -> dict[int, dict[date, int]]:
    """Return {school: {Monday: number of the week}} for schools, which are those with lessons in odd or even weeks."""
    if not schools:
        return {}
    numbers: defaultdict[int, dict[date, int]] = defaultdict(dict)
    years = session.execute(
        select(SchoolYear.starts_on, SchoolYear.ends_on).where(
            SchoolYear.starts_on < after_last, SchoolYear.ends_on > first
        )
    ).all()
    for starts_on, ends_on in years:
        to = min(ends_on, monday_of(after_last) + timedelta(days=7))
        for school_id, days in teaching_days(session, starts_on, to, schools).items():
            numbers[school_id] |= week_numbers(day.day for day in days if day.is_teaching)
    return numbers


def teaching_days(
    session: Session,
    first: date,
    after_last: date,
    school_ids: Collection[int] | None = None,
    known_at: datetime | None = None,
) -> dict[int, list[SchoolDay]]:
    """Return {school: what each day of [first, after_last) is there}, for many schools at once.

    Schools with the same calendar are given the same list.
    """
    schools = session.execute(
        select(School.id, School.teaching_weekdays).where(_among(School.id, school_ids))
    ).all()
    parents = {unit.id: unit.parent_id for unit in session.execute(select(OrgUnit.id, OrgUnit.parent_id))}
    entries: Mapping[int, Mapping[date, CalendarEntry]] = (
        _entries_by_unit(session, first, after_last)
        if known_at is None
        else entries_known(session, first, after_last, known_at)
    )
    years = session.execute(
        select(SchoolYear.starts_on, SchoolYear.ends_on).where(
            SchoolYear.starts_on < after_last, SchoolYear.ends_on > first
        )
    ).all()
    spans = [(starts_on, ends_on) for starts_on, ends_on in years]
    alike: dict[tuple[str, tuple[int, ...]], list[SchoolDay]] = {}
    found = {}
    for school_id, weekdays in schools:
        chain = tuple(unit for unit in _chain(school_id, parents) if unit in entries)
        if (weekdays, chain) not in alike:  # most schools of a province share the calendar of the province
            merged = _merged(chain, entries)
            alike[weekdays, chain] = _school_days(first, after_last, spans, weekdays, merged)
        found[school_id] = alike[weekdays, chain]
    return found


def _school_days(
    first: date,
    after_last: date,
    years: list[tuple[date, date]],
    weekdays: str,
    entries: Mapping[date, CalendarEntry],
) -> list[SchoolDay]:
    teaching = {int(digit) for digit in weekdays}
    return [
        school_day(day, next((s for s in years if s[0] <= day < s[1]), (day, day)), teaching, entries)
        for day in days_between(first, after_last)
    ]


def _entries_by_unit(session: Session, first: date, after_last: date) -> dict[int, dict[date, CalendarEntry]]:
    rows = session.execute(
        select(
            CalendarDay.unit_id,
            CalendarDay.day,
            CalendarDay.kind,
            CalendarDay.follows_weekday,
            CalendarDay.note,
            CalendarDay.only_session,
        ).where(CalendarDay.day >= first, CalendarDay.day < after_last)
    )
    found: defaultdict[int, dict[date, CalendarEntry]] = defaultdict(dict)
    for unit_id, day, kind, follows_weekday, note, only in rows:
        only_session = DaySession(only) if only else None
        found[unit_id][day] = CalendarEntry(DayKind(kind), follows_weekday, note, only_session)
    return found


def _chain(school_id: int, parents: Mapping[int, int | None]) -> list[int]:
    """Return a school and the units above it, from below."""
    chain: list[int] = []
    unit: int | None = school_id
    while unit is not None and unit not in chain:
        chain.append(unit)
        unit = parents.get(unit)
    return chain


def _merged(
    chain: Sequence[int], entries: Mapping[int, Mapping[date, CalendarEntry]]
) -> dict[date, CalendarEntry]:
    """Return a school's calendar: its own entries over its ward's and province's."""
    merged: dict[date, CalendarEntry] = {}
    for unit_id in reversed(chain):
        merged.update(entries[unit_id])
    return merged


def _bell_changes(
    session: Session, first: date, after_last: date, school_ids: Collection[int] | None
) -> Iterable[date]:
    """Return the days inside the period on which a bell plan begins or ends: a period may turn into buổi 2."""
    for column in (BellPeriod.starts_on, BellPeriod.ends_on):
        found = session.scalars(
            select(column)
            .distinct()
            .where(column > first, column < after_last, _among(BellPeriod.school_id, school_ids))
        )
        yield from (day for day in found if day is not None)


def _weekly_sessions(
    session: Session,
    first: date,
    after_last: date,
    school_ids: Collection[int] | None,
    class_ids: Collection[int] | None,
    known_at: datetime | None = None,
) -> list[WeeklySession]:
    unpublished, open_then = _versions_since(session, school_ids, known_at)
    what = (
        Timetable.id,
        Timetable.school_id,
        TimetableEntry.class_id,
        TimetableEntry.weekday,
        TimetableEntry.day_session,
        Timetable.starts_on,
        Timetable.ends_on,
        TimetableEntry.weeks,
    )
    query = (
        select(*what, func.min(func.coalesce(BellPeriod.programme_session, 1)))
        .join(TimetableEntry, TimetableEntry.timetable_id == Timetable.id)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .outerjoin(BellPeriod, bell_of_entry(first))
        .where(
            Timetable.state != "draft",
            Timetable.id.not_in(unpublished),
            or_(
                _overlaps(Timetable, first, after_last),
                and_(Timetable.id.in_(open_then), Timetable.starts_on < after_last),
            ),
            _among(Timetable.school_id, school_ids),
            _among(TimetableEntry.class_id, class_ids),
        )
        .group_by(*what)
    )
    return [
        WeeklySession(
            school_id,
            class_id,
            weekday,
            DaySession(day_session),
            programme,
            Span(starts_on, None if timetable_id in open_then else ends_on),
            WeekPattern(weeks),
        )
        for (
            timetable_id, school_id, class_id, weekday, day_session, starts_on, ends_on, weeks, programme,
        ) in session.execute(query)
    ]  # fmt: skip


def _versions_since(
    session: Session, school_ids: Collection[int] | None, known_at: datetime | None
) -> tuple[set[int], set[int]]:
    """Return the timetables published since an instant, and those that had no end before one of these gave it."""
    if known_at is None:
        return set(), set()
    later = session.execute(
        select(Timetable.id, Timetable.school_id, Timetable.starts_on).where(
            Timetable.state != "draft",
            Timetable.published_at > known_at,
            _among(Timetable.school_id, school_ids),
        )
    ).all()
    if not later:
        return set(), set()
    begins = {(school_id, starts_on) for _id, school_id, starts_on in later}
    ended = session.execute(
        select(Timetable.id, Timetable.school_id, Timetable.ends_on).where(
            Timetable.ends_on.in_({starts_on for _school, starts_on in begins})
        )
    )
    return {row[0] for row in later}, {row[0] for row in ended if (row[1], row[2]) in begins}


def _occupied(
    session: Session,
    first: date,
    after_last: date,
    school_ids: Collection[int] | None,
    class_ids: Collection[int] | None,
) -> dict[int, list[Span]]:
    """Return {class: periods in which it has pupils}; few rows, since a class's pupils mostly come on one day."""
    query = (
        select(ClassMembership.class_id, ClassMembership.starts_on, ClassMembership.ends_on)
        .distinct()
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            _overlaps(ClassMembership, first, after_last),
            _among(SchoolClass.school_id, school_ids),
            _among(SchoolClass.id, class_ids),
        )
    )
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for class_id, starts_on, ends_on in session.execute(query):
        spans[class_id].append(Span(starts_on, ends_on))
    return spans


def _overlaps(table: type[ClassMembership | Timetable], first: date, after_last: date) -> ColumnElement[bool]:
    return and_(table.starts_on < after_last, or_(table.ends_on.is_(None), table.ends_on > first))


def _among(column: InstrumentedAttribute[int], ids: Collection[int] | None) -> ColumnElement[bool]:
    return true() if ids is None else column.in_(list(ids))
