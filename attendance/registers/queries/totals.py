"""What registers add up to, for reports and overviews. No names and no pupils: counts per register, or per school.

**For other packages.** `session_totals` gives one row per class, day and session of one school, those never opened
included; `totals_by_school` sums a period per school, for a whole province, in one query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, func, select

from app import clock
from attendance.registers.models import Register
from attendance.registers.queries.due import due_registers
from attendance.registers.rules.marks import Counters
from attendance.registers.rules.states import (
    MISSING,
    TAKEN,
    RegisterState,
    SlotKind,
    session_of,
    slot_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.school.rules import DaySession
    from attendance.registers.rules.due import DueRegister

NOTHING: Final = Counters()


@dataclass(frozen=True, slots=True)
class SessionTotals:
    """One session register of one class. Sum these, then divide: rates are ratios of sums over taken registers.

    `due` and `taken` are 0 or 1: completeness is sum(taken) / sum(due). The counts are 0 unless taken. In words:
    `expected` pupils of the roster, `present` (late ones too), absent `excused`, `unexcused` or `pending` (reason not
    known yet); `late` and `left_early` are among the present. `programme_session`: 1 = buổi 1, 2 = buổi 2.
    `register_id` is None when nobody has opened the register.
    """

    register_id: int | None
    school_id: int
    class_id: int
    day: date
    day_session: DaySession
    programme_session: int
    state: RegisterState
    due: int
    taken: int
    expected: int
    present: int
    excused: int
    unexcused: int
    pending: int
    late: int
    left_early: int


def session_totals(
    session: Session, school_id: int, first_day: date, after_last: date, class_id: int | None = None
) -> list[SessionTotals]:
    """Return a row for every session register due or taken in [first_day, after_last), by day, class and session.

    Registers that are due but were never opened are included (state due, taken 0). Days after today are left out: they
    are not due yet. A session that was called off (not held) is neither due nor taken, and is left out.
    Takes about ten queries, whatever the length of the period.
    """
    after_last = min(after_last, clock.today() + timedelta(days=1))
    query = select(Register).where(
        Register.school_id == school_id,
        Register.day >= first_day,
        Register.day < after_last,
        Register.slot_kind == SlotKind.SESSION,
    )
    if class_id is not None:
        query = query.where(Register.class_id == class_id)
    rows = session.scalars(query).all()
    known = {(row.class_id, row.day, session_of(row.slot)) for row in rows}
    due = due_registers(
        session,
        first_day,
        after_last,
        school_ids=[school_id],
        class_ids=None if class_id is None else [class_id],
    )
    totals = [_of_row(row) for row in rows if row.standing is not RegisterState.NOT_HELD]
    totals += [
        totals_of_due(item) for item in due if (item.class_id, item.day, item.day_session) not in known
    ]
    return sorted(totals, key=lambda found: (found.day, found.class_id, found.day_session))


def _of_row(row: Register) -> SessionTotals:
    counters = row.counters
    return SessionTotals(
        register_id=row.id,
        school_id=row.school_id,
        class_id=row.class_id,
        day=row.day,
        day_session=session_of(row.slot),
        programme_session=row.programme_session,
        state=row.standing,
        due=1,
        taken=int(row.standing in TAKEN),
        expected=counters.expected,
        present=counters.present,
        excused=counters.excused,
        unexcused=counters.unexcused,
        pending=counters.pending,
        late=counters.late,
        left_early=counters.left_early,
    )


def totals_of_due(item: DueRegister) -> SessionTotals:
    """Return the row of a register that is due and that nobody has opened."""
    return SessionTotals(
        register_id=None,
        school_id=item.school_id,
        class_id=item.class_id,
        day=item.day,
        day_session=item.day_session,
        programme_session=item.programme_session,
        state=RegisterState.DUE,
        due=1,
        taken=0,
        expected=0,
        present=0,
        excused=0,
        unexcused=0,
        pending=0,
        late=0,
        left_early=0,
    )


# --- many schools -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """The session registers of one school in a period, summed."""

    school_id: int
    due: int
    taken: int
    expected: int
    present: int
    excused: int
    unexcused: int
    pending: int
    late: int


def totals_by_school(
    session: Session, first_day: date, after_last: date, school_ids: Collection[int] | None = None
) -> list[PeriodTotals]:
    """Return the sums per school over [first_day, after_last), up to today; all schools unless `school_ids` are given.

    One query over the table. It counts the rows that the daily task lays out (docs/adr/0031-due-registers.md): a day
    before that task first ran is counted only as far as registers were opened; `session_totals` derives the rest.
    """
    after_last = min(after_last, clock.today() + timedelta(days=1))
    query = (
        select(
            Register.school_id,
            func.count(),
            _sum(case((Register.state.in_(TAKEN), 1), else_=0)),
            *(
                _sum(getattr(Register, name))
                for name in ("expected", "present", "excused", "unexcused", "pending", "late")
            ),
        )
        .where(
            Register.day >= first_day,
            Register.day < after_last,
            Register.slot_kind == SlotKind.SESSION,
            Register.state != RegisterState.NOT_HELD,
        )
        .group_by(Register.school_id)
    )
    if school_ids is not None:
        query = query.where(Register.school_id.in_(list(school_ids)))
    return [PeriodTotals(*(int(value) for value in row)) for row in session.execute(query)]


def missing_by_school(
    session: Session, day: date, up_to: DaySession, school_ids: Collection[int] | None = None
) -> dict[int, int]:
    """Return {school: session registers of a day not taken yet}, up to a session of the day; one indexed query."""
    query = (
        select(Register.school_id, func.count().label("missing"))
        .where(
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot <= slot_of(up_to),
            Register.state.in_(MISSING),
        )
        .group_by(Register.school_id)
    )
    if school_ids is not None:
        query = query.where(Register.school_id.in_(list(school_ids)))
    return {row.school_id: row.missing for row in session.execute(query)}


def _sum(what: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(what), 0)
