"""Reading calendars: what holds on each day of a year at a unit, who decided it, and the decisions so far."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.calendar.models import CalendarChange
from app.school.calendar.rules import EDIT_CALENDAR, USUAL_WEEK, DecidedDay, decided_days
from app.school.models import CalendarDay, OrgUnit, School, SchoolYear
from app.school.queries import ancestors, calendar_entry, place_of_unit
from app.school.rules import CalendarEntry, DayKind, DaySession, days_between, school_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.rules import SchoolDay


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
    unit_id: int
    first: date
    after_last: date
    kind: DayKind | None
    note: str
    decided_by: str | None
    decided_at: datetime
    is_undone: bool
    can_be_undone: bool
    only_session: DaySession | None = None


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


def changes_of(session: Session, calendar: UnitCalendar, year: SchoolYear) -> list[Change]:
    """Return what a unit and those above it decided about days of a year, the newest first.

    Only the unit's own decisions are offered to be undone at its calendar.
    """
    rows = session.execute(
        select(CalendarChange, User.full_name)
        .outerjoin(User, User.id == CalendarChange.decided_by)
        .where(
            CalendarChange.unit_id.in_(calendar.unit_names),
            CalendarChange.first < year.ends_on,
            CalendarChange.after_last > year.starts_on,
        )
        .order_by(CalendarChange.id.desc())
    ).all()
    later: list[CalendarChange] = []
    found = []
    for row, name in rows:
        is_own = row.unit_id == calendar.unit_id
        covered = any(one.first < row.after_last and row.first < one.after_last for one in later)
        if is_own and row.undone_at is None:
            later.append(row)
        found.append(_change(row, name, is_open=is_own and not covered))
    return found


def deciders(changes: Iterable[Change]) -> dict[tuple[int, date], Change]:
    """Return {(unit, day): the decision that holds there}; `changes` are the newest first."""
    found: dict[tuple[int, date], Change] = {}
    for change in changes:
        if not change.is_undone:
            for day in days_between(change.first, change.after_last):
                found.setdefault((change.unit_id, day), change)
    return found


def _change(row: CalendarChange, name: str | None, *, is_open: bool) -> Change:
    return Change(
        row.id,
        row.unit_id,
        row.first,
        row.after_last,
        DayKind(row.kind) if row.kind else None,
        row.note,
        name,
        row.decided_at,
        is_undone=row.undone_at is not None,
        can_be_undone=row.undone_at is None and is_open,
        only_session=DaySession(row.only_session) if row.only_session else None,
    )


def change_for(actor: Actor, change_id: int) -> CalendarChange:
    """Return a decision that the actor may take back, or raise NotFoundError."""
    row = db.session().get(CalendarChange, change_id)
    if row is None:
        raise NotFoundError
    actor.require(EDIT_CALENDAR, place_of_unit(row.unit_id))
    return row


def entries_known(
    session: Session, first: date, after_last: date, moment: datetime
) -> dict[int, dict[date, CalendarEntry]]:
    """Return {unit: {day: what it decided}} for [first, after_last) as it stood at an instant. Two statements.

    What was decided since is taken back, what was taken back since is put back, the newest first. Of a make-up day that
    was taken back since it is not kept whose weekday's timetable it followed.
    """
    found: defaultdict[int, dict[date, CalendarEntry]] = defaultdict(dict)
    rows = select(CalendarDay).where(CalendarDay.day >= first, CalendarDay.day < after_last)
    for kept in session.scalars(rows):
        found[kept.unit_id][kept.day] = calendar_entry(kept)
    changes = session.scalars(
        select(CalendarChange).where(
            CalendarChange.first < after_last,
            CalendarChange.after_last > first,
            or_(CalendarChange.decided_at > moment, CalendarChange.undone_at > moment),
        )
    )
    steps = []
    for row in changes:
        if row.decided_at > moment:
            steps.append((row.decided_at, row.id, row, _entries_before(row)))
        if row.undone_at is not None and row.undone_at > moment:
            steps.append((row.undone_at, row.id, row, _entries_decided(row)))
    for _at, _id, row, entries in sorted(steps, key=lambda step: step[:2], reverse=True):
        own = found[row.unit_id]
        for day in days_between(max(first, row.first), min(after_last, row.after_last)):
            own.pop(day, None)
            if day in entries:
                own[day] = entries[day]
    return dict(found)


def _entries_before(row: CalendarChange) -> dict[date, CalendarEntry]:
    found = {}
    for saved in json.loads(row.before):
        only = DaySession(saved["only_session"]) if saved.get("only_session") else None
        entry = CalendarEntry(DayKind(saved["kind"]), saved["follows_weekday"], saved["note"], only)
        found[date.fromisoformat(saved["day"])] = entry
    return found


def _entries_decided(row: CalendarChange) -> dict[date, CalendarEntry]:
    if row.kind is None:
        return {}
    only = DaySession(row.only_session) if row.only_session else None
    entry = CalendarEntry(DayKind(row.kind), None, row.note, only)
    return dict.fromkeys(days_between(row.first, row.after_last), entry)
