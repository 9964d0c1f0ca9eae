"""Registers of single periods, beside those of sessions: not due, made when a teacher opens one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.errors import InvalidError
from app.i18n import N_
from app.school.queries import lessons_on
from attendance.registers.commands.inserting import ensure_days, insert_registers
from attendance.registers.models import Register
from attendance.registers.rules.states import RegisterState, SlotKind, slot_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.models import SchoolClass
    from app.school.rules import DaySession


def open_period(school_class: SchoolClass, day: date, day_session: DaySession, number: int) -> int:
    """Return the id of a class's register of a period, making it when nobody has; opened twice, there is one.

    The caller has loaded the class for the actor. Raises InvalidError when the timetable gives it no lesson then.
    """
    found = _period_register(db.session(), school_class.id, day, slot_of(day_session, number))
    return found if found is not None else _make(school_class, day, day_session, number)


def _make(school_class: SchoolClass, day: date, day_session: DaySession, number: int) -> int:
    with db.transaction() as session:
        for lesson in lessons_on(session, school_class.school_id, day, class_id=school_class.id):
            if (lesson.day_session, lesson.number) == (day_session, number):
                slot = slot_of(day_session, number)
                ensure_days(session, school_class.school_id, [day])
                row = {
                    "school_id": school_class.school_id,
                    "class_id": school_class.id,
                    "day": day,
                    "slot_kind": SlotKind.PERIOD.value,
                    "slot": slot,
                    "programme_session": lesson.programme_session,
                    "state": RegisterState.DUE.value,
                }
                insert_registers(session, [row])
                return _period_register(session, school_class.id, day, slot) or 0
    raise InvalidError(N_("Theo thời khóa biểu, lớp không có tiết này."))


def _period_register(session: Session, class_id: int, day: date, slot: int) -> int | None:
    return session.scalar(
        select(Register.id).where(
            Register.class_id == class_id,
            Register.day == day,
            Register.slot_kind == SlotKind.PERIOD,
            Register.slot == slot,
        )
    )
