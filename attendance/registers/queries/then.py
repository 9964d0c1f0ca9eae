"""What a school's registers added up to at a moment, told by their events alone. No names: counts per register.

**For other packages.** `session_totals_then` gives the rows of `totals.session_totals` as they were. What is due goes
by the calendar and the timetable as they had been decided and published then; a session called off since then was due
then. `pupils_on_rosters` says who stood on a roster by then.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from app import clock
from app.school.models import SchoolClass
from attendance.registers.models import MarkEvent, Register, RosterVersion
from attendance.registers.queries.due import due_registers
from attendance.registers.queries.past import counted_codes
from attendance.registers.queries.sheets import codes, members_of
from attendance.registers.queries.totals import SessionTotals, totals_of_due
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.marks import Counters, count
from attendance.registers.rules.replay import Happened, Stood, stood_at
from attendance.registers.rules.states import TAKEN, RegisterState, SlotKind, session_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from attendance.registers.queries.sheets import Codes


class _Kept(NamedTuple):
    """A register but for what was written in it."""

    id: int
    school_id: int
    class_id: int
    day: date
    slot: int
    programme_session: int


def session_totals_then(
    session: Session, school_id: int, first: date, after_last: date, moment: datetime
) -> list[SessionTotals]:
    """Return a row for every session register due in [first, after_last) as it stood at an instant.

    Days after that of the moment were not due yet. About fifteen queries, whatever the length of the period.
    """
    after = min(after_last, clock.local(moment).date() + timedelta(days=1))
    events = _events(session, school_id, first, after, moment)
    registers = [row for row in _registers(session, school_id, first, after) if row.id in events]
    stood = {row.id: stood_at(events[row.id], moment) for row in registers}
    rosters = _rosters(session, school_id, {one.roster for one in stood.values() if one.roster})
    known = codes(session, school_id)
    opened = {(row.class_id, row.day, session_of(row.slot)) for row in registers}
    due = due_registers(session, first, after, school_ids=[school_id], known_at=moment)
    never_opened = [
        totals_of_due(one) for one in due if (one.class_id, one.day, one.day_session) not in opened
    ]
    found = [
        _totals(row, stood[row.id], rosters, known)
        for row in registers
        if stood[row.id].state is not RegisterState.NOT_HELD
    ]
    return sorted([*found, *never_opened], key=lambda one: (one.day, one.class_id, one.day_session))


def _registers(session: Session, school_id: int, first: date, after: date) -> list[_Kept]:
    """Return what a replay needs of the registers of [first, after): columns, a month of a school has a thousand."""
    one = Register
    found = session.execute(
        select(one.id, one.school_id, one.class_id, one.day, one.slot, one.programme_session).where(
            one.school_id == school_id,
            one.day >= first,
            one.day < after,
            one.slot_kind == SlotKind.SESSION,
        )
    )
    return [_Kept(*row) for row in found]


def pupils_on_rosters(session: Session, school_id: int, moment: datetime) -> set[int]:
    """Return the pupils who stood on a roster that a register of the school kept by an instant."""
    rows = session.scalars(
        select(RosterVersion)
        .join(SchoolClass, SchoolClass.id == RosterVersion.class_id)
        .where(SchoolClass.school_id == school_id, RosterVersion.made_at <= moment)
    )
    return {pupil_id for row in rows for pupil_id in members_of(row)}


def _events(
    session: Session, school_id: int, first: date, after: date, moment: datetime
) -> Mapping[int, Iterable[Happened]]:
    rows = session.execute(
        select(MarkEvent.register_id, MarkEvent.kind, MarkEvent.pupil_id, MarkEvent.after, MarkEvent.at)
        .join(Register, Register.id == MarkEvent.register_id)
        .where(
            Register.school_id == school_id,
            Register.day >= first,
            Register.day < after,
            Register.slot_kind == SlotKind.SESSION,
            MarkEvent.at <= moment,
        )
        .order_by(Register.day, MarkEvent.sequence)
    )
    found: defaultdict[int, list[Happened]] = defaultdict(list)
    for register_id, kind, pupil_id, after_text, at in rows:
        found[register_id].append(Happened(EventKind(kind), pupil_id, after_text, at))
    return found


def _rosters(
    session: Session, school_id: int, fingerprints: Iterable[str]
) -> dict[tuple[int, str], frozenset[int]]:
    """Return {(class, fingerprint): pupils}; a fingerprint alone may be of two empty classes."""
    rows = session.scalars(
        select(RosterVersion)
        .join(SchoolClass, SchoolClass.id == RosterVersion.class_id)
        .where(SchoolClass.school_id == school_id, RosterVersion.sha256.in_(list(fingerprints)))
    )
    return {(row.class_id, row.sha256): members_of(row) for row in rows}


def _totals(
    row: _Kept, stood: Stood, rosters: Mapping[tuple[int, str], frozenset[int]], known: Codes
) -> SessionTotals:
    members = rosters.get((row.class_id, stood.roster or ""))
    is_taken = stood.state in TAKEN and members is not None
    counters = (
        count(len(members), counted_codes(stood, members, known)) if is_taken and members else Counters()
    )
    return SessionTotals(
        register_id=row.id,
        school_id=row.school_id,
        class_id=row.class_id,
        day=row.day,
        day_session=session_of(row.slot),
        programme_session=row.programme_session,
        state=stood.state,
        due=1,
        taken=int(is_taken),
        expected=counters.expected,
        present=counters.present,
        excused=counters.excused,
        unexcused=counters.unexcused,
        pending=counters.pending,
        late=counters.late,
        left_early=counters.left_early,
    )
