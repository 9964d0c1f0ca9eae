"""Reading calendars: what holds on each day of a year at a unit, who decided it, and the decisions so far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.calendar.models import CalendarChange
from app.school.calendar.rules import EDIT_CALENDAR, USUAL_WEEK, DecidedDay, decided_days
from app.school.models import CalendarDay, OrgUnit, School, SchoolYear
from app.school.queries import ancestors, calendar_entry, place_of_unit
from app.school.rules import CalendarEntry, DayKind, days_between, school_day

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.rules import SchoolDay

SHOWN_CHANGES = 20


@dataclass(frozen=True, slots=True)
class UnitCalendar:
    """The calendar of a unit in a period, with the names of the units that decided."""

    unit_id: int
    weekdays: str
    decided: dict[date, DecidedDay]
    unit_names: dict[int, str]
    days: list[SchoolDay]


@dataclass(frozen=True, slots=True)
class Change:
    """A decision as it is listed: who, when, what; `can_be_undone` while nothing later touches its days."""

    id: int
    first: date
    after_last: date
    kind: DayKind | None
    note: str
    decided_by: str | None
    decided_at: datetime
    is_undone: bool
    can_be_undone: bool


def years(session: Session) -> list[SchoolYear]:
    """Return all school years, the latest first."""
    return list(session.scalars(select(SchoolYear).order_by(SchoolYear.starts_on.desc())))


def unit_calendar(session: Session, unit_id: int, year: SchoolYear) -> UnitCalendar:
    """Return a unit's calendar of a year: its own entries over those of the units above it."""
    chain = ancestors(session, unit_id)
    school = session.get(School, unit_id)
    weekdays = school.teaching_weekdays if school else USUAL_WEEK
    decided = decided_days(chain, _entries(session, chain, year.starts_on, year.ends_on))
    entries = {day: found.entry for day, found in decided.items()}
    span, digits = (year.starts_on, year.ends_on), [int(digit) for digit in weekdays]
    names = session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(chain)))
    return UnitCalendar(
        unit_id,
        weekdays,
        decided,
        {row.id: row.name for row in names},
        [school_day(day, span, digits, entries) for day in days_between(*span)],
    )


def _entries(
    session: Session, unit_ids: Collection[int], first: date, after_last: date
) -> dict[int, dict[date, CalendarEntry]]:
    rows = session.scalars(
        select(CalendarDay).where(
            CalendarDay.unit_id.in_(unit_ids), CalendarDay.day >= first, CalendarDay.day < after_last
        )
    )
    found: defaultdict[int, dict[date, CalendarEntry]] = defaultdict(dict)
    for row in rows:
        found[row.unit_id][row.day] = calendar_entry(row)
    return found


def changes_of(session: Session, unit_id: int) -> list[Change]:
    """Return the last decisions of a unit, the newest first."""
    rows = session.execute(
        select(CalendarChange, User.full_name)
        .outerjoin(User, User.id == CalendarChange.decided_by)
        .where(CalendarChange.unit_id == unit_id)
        .order_by(CalendarChange.id.desc())
        .limit(SHOWN_CHANGES)
    ).all()
    later: list[CalendarChange] = []
    found = []
    for row, name in rows:
        covered = any(one.first < row.after_last and row.first < one.after_last for one in later)
        if row.undone_at is None:
            later.append(row)
        found.append(_change(row, name, covered=covered))
    return found


def _change(row: CalendarChange, name: str | None, *, covered: bool) -> Change:
    return Change(
        row.id,
        row.first,
        row.after_last,
        DayKind(row.kind) if row.kind else None,
        row.note,
        name,
        row.decided_at,
        is_undone=row.undone_at is not None,
        can_be_undone=row.undone_at is None and not covered,
    )


def change_for(actor: Actor, change_id: int) -> CalendarChange:
    """Return a decision that the actor may take back, or raise NotFoundError."""
    row = db.session().get(CalendarChange, change_id)
    if row is None:
        raise NotFoundError
    actor.require(EDIT_CALENDAR, place_of_unit(row.unit_id))
    return row
