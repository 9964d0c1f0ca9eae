"""What the session registers of one class, or of one school on one day, add up to: for pages of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from attendance.registers.models import Register
from attendance.registers.rules.states import TAKEN, RegisterState, SlotKind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class RegisterSums:
    """Sums over registers laid out: how many, how many taken, and of those the pupils expected and absent."""

    due: int = 0
    taken: int = 0
    expected: int = 0
    present: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0

    @property
    def rate(self) -> float | None:
        """The attendance rate from 0 to 1 over taken registers, None before there is one (vietnam.md 9)."""
        return self.present / self.expected if self.expected else None


def sums_of_class(session: Session, class_id: int, first: date, after_last: date) -> RegisterSums:
    """Return the sums of a class's registers of the days [first, after_last). One query."""
    return _sums(session, Register.class_id == class_id, Register.day >= first, Register.day < after_last)


def sums_of_day(session: Session, school_id: int, day: date) -> RegisterSums:
    """Return the sums of a school's registers of a day. One query."""
    return _sums(session, Register.school_id == school_id, Register.day == day)


def _sums(session: Session, *which: ColumnElement[bool]) -> RegisterSums:
    taken = case((Register.state.in_(TAKEN), 1), else_=0)
    row = session.execute(
        select(
            func.count(),
            *(
                func.coalesce(func.sum(column), 0)
                for column in (
                    taken,
                    Register.expected,
                    Register.present,
                    Register.excused,
                    Register.unexcused,
                    Register.pending,
                    Register.late,
                )
            ),
        ).where(*which, Register.slot_kind == SlotKind.SESSION, Register.state != RegisterState.NOT_HELD)
    ).one()
    return RegisterSums(*(int(value) for value in row))
