"""School years, the calendar of a school, teaching weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.school.models import (
    CalendarDay,
    School,
    SchoolYear,
)
from app.school.queries.reach import ancestors
from app.school.rules import (
    CalendarEntry,
    DayKind,
    DaySession,
    SchoolDay,
    days_between,
    school_day,
)
from app.school.timetables.rules.weeks import monday_of, week_number

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


def year_on(session: Session, day: date) -> SchoolYear | None:
    """Return the school year in which a day falls, None in the summer gap. Several parts of a page ask: once."""
    known = db.known_once(session, "year_on")
    if day not in known:
        known[day] = session.scalar(
            select(SchoolYear).where(SchoolYear.starts_on <= day, SchoolYear.ends_on > day)
        )
    found: SchoolYear | None = known[day]
    return found


def year_by_code(session: Session, code: str) -> SchoolYear | None:
    """Return the school year with a code such as 2026-2027."""
    return session.scalar(select(SchoolYear).where(SchoolYear.code == code))


def latest_year(session: Session, day: date) -> SchoolYear | None:
    """Return the year of the day, or the last one that began before it, or the first there is."""
    known = db.known_once(session, "latest_year")
    if day not in known:
        nearest = select(SchoolYear).order_by((SchoolYear.starts_on > day), SchoolYear.starts_on.desc())
        known[day] = year_on(session, day) or session.scalar(nearest.limit(1))
    found: SchoolYear | None = known[day]
    return found


def school_days(session: Session, school_id: int, first: date, after_last: date) -> list[SchoolDay]:
    """Return what each day of [first, after_last) is at a school, in order."""
    school = session.get_one(School, school_id)
    weekdays = [int(digit) for digit in school.teaching_weekdays]
    entries = calendar_entries(session, school_id, first, after_last)
    years = session.scalars(
        select(SchoolYear).where(SchoolYear.starts_on < after_last, SchoolYear.ends_on > first)
    ).all()
    spans = [(year.starts_on, year.ends_on) for year in years]
    return [
        school_day(day, next((s for s in spans if s[0] <= day < s[1]), (day, day)), weekdays, entries)
        for day in days_between(first, after_last)
    ]


def calendar_entries(
    session: Session, school_id: int, first: date, after_last: date
) -> dict[date, CalendarEntry]:
    """Return the calendar of a school: its own entries over its site's, ward's and province's, the nearest winning."""
    chain = ancestors(session, school_id)
    rows = session.scalars(
        select(CalendarDay).where(
            CalendarDay.unit_id.in_(chain), CalendarDay.day >= first, CalendarDay.day < after_last
        )
    )
    nearest_last = sorted(rows, key=lambda row: -chain.index(row.unit_id))
    return {row.day: calendar_entry(row) for row in nearest_last}


def calendar_entry(row: CalendarDay) -> CalendarEntry:
    """Return what a row says of its day."""
    only = DaySession(row.only_session) if row.only_session else None
    return CalendarEntry(DayKind(row.kind), row.follows_weekday, row.note, only)


def day_at_school(session: Session, school_id: int, day: date) -> SchoolDay:
    """Return what one day is at a school."""
    return school_days(session, school_id, day, day + timedelta(days=1))[0]


def week_on(session: Session, school_id: int, day: date) -> int | None:
    """Return the number of a day's school week, None in a week without teaching or outside the school year."""
    year = year_on(session, day)
    if year is None:
        return None
    days = school_days(session, school_id, year.starts_on, monday_of(day) + timedelta(days=7))
    return week_number(day, (one.day for one in days if one.is_teaching))
