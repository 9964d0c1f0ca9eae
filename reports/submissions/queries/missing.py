"""The registers that a month still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import SchoolClass
from attendance.registers.models import Register
from attendance.registers.rules.states import MISSING, SlotKind
from reports.cubes.models import ClassDay

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from reports.cubes.rules import Month


@dataclass(frozen=True, slots=True)
class MissingRegisters:
    """The days on which registers of a class are missing; `register_id` where one was opened and not handed in."""

    class_name: str
    days: tuple[tuple[date, int | None], ...]


def missing_registers(session: Session, school_id: int, month: Month) -> list[MissingRegisters]:
    """Return the classes of a school with sessions of a month that nobody took, by class and day; two statements."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name, ClassDay.day)
        .join(SchoolClass, SchoolClass.id == ClassDay.class_id)
        .where(
            ClassDay.school_id == school_id,
            ClassDay.day >= month.first,
            ClassDay.day < month.after_last,
            ClassDay.sessions_taken < ClassDay.sessions_due,
        )
        .order_by(SchoolClass.name_sort, SchoolClass.id, ClassDay.day)
    ).all()
    opened = _opened(session, school_id, month)
    names = {class_id: name for class_id, name, _day in rows}
    return [
        MissingRegisters(
            name, tuple((day, opened.get((class_id, day))) for found, _name, day in rows if found == class_id)
        )
        for class_id, name in names.items()
    ]


def _opened(session: Session, school_id: int, month: Month) -> dict[tuple[int, date], int]:
    """Return {(class, day): register} of registers that were opened and not handed in."""
    rows = session.execute(
        select(Register.class_id, Register.day, Register.id).where(
            Register.school_id == school_id,
            Register.day >= month.first,
            Register.day < month.after_last,
            Register.slot_kind == SlotKind.SESSION,
            Register.state.in_(MISSING),
        )
    )
    return {(class_id, day): register_id for class_id, day, register_id in rows}
