"""Writes of the calendar: decide about days, take a decision back, move the frame of a year."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from app import clock, db, facts
from app.audit.commands import record
from app.errors import ConflictError
from app.i18n import say
from app.school.calendar.models import CalendarChange
from app.school.calendar.rules import CalendarChanged, check_decision, check_year
from app.school.commands import ensure_year
from app.school.models import CalendarDay, OrgUnit, SchoolYear
from app.school.rules import days_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.calendar.rules import Decision


def decide_days(actor: Actor, unit_id: int, decision: Decision, client_key: str) -> int:
    """Write a unit's decision about a range of days and return its id; the same key again returns the same id.

    What the unit had decided before is kept with the decision, so that it can be taken back. Raises InvalidError.
    """
    check_decision(decision)
    with db.transaction() as current:
        known = current.scalar(select(CalendarChange).where(CalendarChange.client_key == client_key))
        if known is not None:
            return known.id
        before = _take_away(current, unit_id, decision.first, decision.after_last)
        change = _change(actor, unit_id, decision, client_key, before)
        current.add(change)
        if decision.kind is not None:
            current.add_all(_days(actor, unit_id, decision, change.decided_at))
        current.flush()
        details = {"kind": decision.kind, "note": decision.note, **_span(decision.first, decision.after_last)}
        if decision.only_session is not None:
            details["only_session"] = decision.only_session
        record(current, actor, "calendar.decided", ("unit", unit_id), details)
        facts.record(current, CalendarChanged(unit_id, decision.first, decision.after_last))
        return change.id


def _change(
    actor: Actor, unit_id: int, decision: Decision, client_key: str, before: Sequence[CalendarDay]
) -> CalendarChange:
    return CalendarChange(
        unit_id=unit_id,
        client_key=client_key,
        first=decision.first,
        after_last=decision.after_last,
        kind=decision.kind,
        only_session=decision.only_session,
        note=decision.note,
        before=json.dumps([_to_json(row) for row in before]),
        decided_by=actor.user_id or None,
        decided_at=clock.now(),
    )


def _days(actor: Actor, unit_id: int, decision: Decision, moment: datetime) -> list[CalendarDay]:
    return [
        CalendarDay(
            unit_id=unit_id,
            day=day,
            kind=decision.kind,
            follows_weekday=decision.follows_weekday,
            only_session=decision.only_session,
            note=decision.note,
            decided_by=actor.user_id or None,
            decided_at=moment,
        )
        for day in days_between(decision.first, decision.after_last)
    ]


def undo_change(actor: Actor, change_id: int) -> None:
    """Put back what held at the unit before a decision; raise ConflictError when a later one touches the same days."""
    with db.transaction() as current:
        change = current.get_one(CalendarChange, change_id)
        if change.undone_at is not None:
            return
        later = current.scalar(
            select(CalendarChange.id).where(
                CalendarChange.unit_id == change.unit_id,
                CalendarChange.id > change.id,
                CalendarChange.undone_at.is_(None),
                CalendarChange.first < change.after_last,
                CalendarChange.after_last > change.first,
            )
        )
        if later is not None:
            raise ConflictError(
                say("Sau đó đã có quyết định khác cho cùng ngày. Hãy hoàn tác quyết định mới nhất trước.")
            )
        _take_away(current, change.unit_id, change.first, change.after_last)
        current.add_all(_from_json(change.unit_id, one) for one in json.loads(change.before))
        change.undone_at, change.undone_by = clock.now(), actor.user_id or None
        details = {"change": change.id, **_span(change.first, change.after_last)}
        record(current, actor, "calendar.undone", ("unit", change.unit_id), details)
        facts.record(current, CalendarChanged(change.unit_id, change.first, change.after_last))


def _take_away(current: Session, unit_id: int, first: date, after_last: date) -> Sequence[CalendarDay]:
    """Delete a unit's own entries of a period and return them as they were."""
    which = (CalendarDay.unit_id == unit_id, CalendarDay.day >= first, CalendarDay.day < after_last)
    rows = current.scalars(select(CalendarDay).where(*which).order_by(CalendarDay.day)).all()
    current.execute(delete(CalendarDay).where(*which).execution_options(synchronize_session=False))
    for row in rows:
        current.expunge(row)
    return rows


def _to_json(row: CalendarDay) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "kind": row.kind,
        "follows_weekday": row.follows_weekday,
        "only_session": row.only_session,
        "note": row.note,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.isoformat(),
    }


def _from_json(unit_id: int, saved: dict[str, Any]) -> CalendarDay:
    return CalendarDay(
        unit_id=unit_id,
        day=date.fromisoformat(saved["day"]),
        kind=saved["kind"],
        follows_weekday=saved["follows_weekday"],
        only_session=saved.get("only_session"),  # decisions before half days were kept do not say
        note=saved["note"],
        decided_by=saved["decided_by"],
        decided_at=datetime.fromisoformat(saved["decided_at"]),
    )


def _span(first: date, after_last: date) -> dict[str, str]:
    return {"first": first.isoformat(), "after_last": after_last.isoformat()}


def add_year(actor: Actor, code: str) -> int:
    """Make a school year such as 2027-2028 with the usual frame, unless it is there; return its id.

    Raises InvalidError.
    """
    with db.transaction() as current:
        year = ensure_year(current, code.strip())
        record(current, actor, "year.added", ("year", year.id), {"code": year.code})
        return year.id


def change_year(actor: Actor, year_id: int, starts_on: date, second_semester_on: date, ends_on: date) -> None:
    """Move the frame of a school year; raise InvalidError when it is out of order or runs into another year."""
    check_year(starts_on, second_semester_on, ends_on)
    with db.transaction() as current:
        year = current.get_one(SchoolYear, year_id)
        other = current.scalar(
            select(SchoolYear).where(
                SchoolYear.id != year_id, SchoolYear.starts_on < ends_on, SchoolYear.ends_on > starts_on
            )
        )
        if other is not None:
            raise ConflictError(say("Năm học này chồng lên năm học %(year)s.", year=other.code))
        first, after_last = min(year.starts_on, starts_on), max(year.ends_on, ends_on)
        year.starts_on, year.second_semester_on, year.ends_on = starts_on, second_semester_on, ends_on
        details = {"second_semester_on": second_semester_on.isoformat(), **_span(starts_on, ends_on)}
        record(current, actor, "year.changed", ("year", year_id), details)
        for top in current.scalars(select(OrgUnit.id).where(OrgUnit.parent_id.is_(None))):
            facts.record(current, CalendarChanged(top, first, after_last))
