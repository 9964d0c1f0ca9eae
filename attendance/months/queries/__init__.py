"""Reading months: which are closed, what a closed one came to, and whether that still holds."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.jobs import Job
from attendance.months.models import MonthClose
from attendance.months.rules import CLOSE_JOB, Month, Snapped, fingerprint
from attendance.registers.models import Mark, Register
from attendance.registers.rules.states import MISSING, TAKEN, RegisterState, SlotKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session


def closed(session: Session, school_id: int, month: Month) -> MonthClose | None:
    """Return the closing of a month that stands, None when it is open."""
    return session.scalar(
        select(MonthClose).where(
            MonthClose.school_id == school_id,
            MonthClose.month == month.first,
            MonthClose.reopened_at.is_(None),
        )
    )


def snapshot(session: Session, school_id: int, month: Month) -> str:
    """Return the fingerprint of all registers and marks of a school's month as they are now. Two queries."""
    period = (
        Register.school_id == school_id,
        Register.day >= month.first,
        Register.day < month.after_last,
    )
    marks: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for register_id, pupil_id, code_id in session.execute(
        select(Mark.register_id, Mark.pupil_id, Mark.code_id)
        .join(Register, Register.id == Mark.register_id)
        .where(*period)
        .order_by(Mark.register_id, Mark.pupil_id)
    ):
        marks[register_id].append((pupil_id, code_id or 0))
    rows = session.scalars(select(Register).where(*period).execution_options(populate_existing=True))
    return fingerprint(_snapped(row, marks[row.id]) for row in rows)


def _snapped(row: Register, marks: Sequence[tuple[int, int]]) -> Snapped:
    is_taken = row.standing in TAKEN
    held = "not_held" if row.standing is RegisterState.NOT_HELD else "missing"
    counted = row.counters
    return Snapped(
        row.class_id,
        row.day.isoformat(),
        row.slot_kind,
        row.slot,
        "taken" if is_taken else held,
        (
            counted.expected,
            counted.present,
            counted.excused,
            counted.unexcused,
            counted.pending,
            counted.late,
            counted.left_early,
        )
        if is_taken
        else (),
        tuple(marks) if is_taken else (),
    )


def closing_jobs(session: Session, school_id: int, months: Iterable[Month]) -> dict[Month, Job]:
    """Return the latest job that closes, or was to close, each of these months of a school."""
    wanted = {json.dumps({"school_id": school_id, "month": month.text}): month for month in months}
    rows = session.scalars(
        select(Job).where(Job.kind == CLOSE_JOB, Job.payload.in_(list(wanted))).order_by(Job.id)
    )
    return {wanted[row.payload]: row for row in rows}


@dataclass(frozen=True, slots=True)
class Verified:
    """A closed month and whether its registers still are what they were when it was closed."""

    school_id: int
    month: Month
    is_whole: bool


def verify_months(session: Session) -> list[Verified]:
    """Compare every month that stands closed with what its registers are now."""
    rows = session.scalars(
        select(MonthClose)
        .where(MonthClose.reopened_at.is_(None))
        .order_by(MonthClose.school_id, MonthClose.month)
    ).all()
    return [
        Verified(
            row.school_id, Month(row.month), snapshot(session, row.school_id, Month(row.month)) == row.sha256
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class MonthLine:
    """A month of the school year at a school: its session registers, and its closings, the latest first."""

    month: Month
    due: int
    taken: int
    closings: Sequence[Closing]

    @property
    def closing(self) -> Closing | None:
        """The closing that stands, None when the month is open."""
        return next((one for one in self.closings if one.reopened_by is None), None)


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing for people: who, when, what, and who opened it again and why."""

    row: MonthClose
    by: str
    reopened_by: str | None


def months_of_school(session: Session, school_id: int, first: date, last: date) -> list[MonthLine]:
    """Return the months from the one of `first` to the one of `last`, the latest first. Two queries for all of them."""
    counts: defaultdict[Month, list[int]] = defaultdict(lambda: [0, 0])
    rows = session.execute(
        select(Register.day, Register.state, func.count())
        .where(
            Register.school_id == school_id,
            Register.day >= Month.of(first).first,
            Register.day <= last,
            Register.slot_kind == SlotKind.SESSION,
            Register.state != RegisterState.NOT_HELD,
        )
        .group_by(Register.day, Register.state)
    )
    for day, state, number in rows:
        sums = counts[Month.of(day)]
        sums[0] += number
        sums[1] += number if state not in MISSING else 0
    closings = _closings(session, school_id)
    found, month = [], Month.of(last)
    while month.first >= Month.of(first).first:
        found.append(MonthLine(month, counts[month][0], counts[month][1], closings.get(month, [])))
        month = month.before
    return found


def _closings(session: Session, school_id: int) -> dict[Month, list[Closing]]:
    again = aliased(User)
    rows = session.execute(
        select(MonthClose, User.full_name, again.full_name)
        .join(User, User.id == MonthClose.closed_by)
        .outerjoin(again, again.id == MonthClose.reopened_by)
        .where(MonthClose.school_id == school_id)
        .order_by(MonthClose.id.desc())
    )
    found: defaultdict[Month, list[Closing]] = defaultdict(list)
    for row, by, reopened_by in rows:
        found[Month(row.month)].append(Closing(row, by, reopened_by))
    return dict(found)
