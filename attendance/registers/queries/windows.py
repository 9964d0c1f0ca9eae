"""Whether a register is still open for a person, for showing; a save asks again, with the rows locked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from attendance.months.models import MonthClose
from attendance.registers.models import Register
from attendance.registers.queries.sheets import closes_month_of_register
from attendance.registers.rules.states import RegisterState
from attendance.rulebook.queries import rulebook_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from attendance.rulebook.rules import Hand


@dataclass(frozen=True, slots=True)
class Window:
    """Until when a hand may change a register (None: no last day), and whether its month stands closed."""

    last_day: date | None
    is_month_closed: bool

    @property
    def is_open(self) -> bool:
        """Whether it may be changed today."""
        return not self.is_month_closed and (self.last_day is None or clock.today() <= self.last_day)


def window_of(session: Session, register: Register, hand: Hand) -> Window:
    """Return the window of a hand at a register. Two queries."""
    closed = session.scalar(
        select(MonthClose.id).join(Register, closes_month_of_register()).where(Register.id == register.id)
    )
    last = rulebook_of(session, register.school_id).last_day(hand, register.day)
    return Window(last, closed is not None or register.standing is RegisterState.LOCKED)
