"""Reading a class's month."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.school.models import ClassMembership
from app.school.models import Pupil as PupilRow
from attendance.months.rules.sheet import Held, MonthSheet, Pupil, month_sheet
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.states import TAKEN, RegisterState, SlotKind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.models import SchoolClass
    from attendance.months.rules import Month
    from attendance.registers.rules.marks import Code


def sheet_of_month(session: Session, school_class: SchoolClass, month: Month, today: date) -> MonthSheet:
    """Return a class's month up to today. Four queries, whatever the size of the class."""
    period = (
        Register.class_id == school_class.id,
        Register.slot_kind == SlotKind.SESSION,
        Register.day >= month.first,
        Register.day < month.after_last,
        Register.day <= today,
        Register.state != RegisterState.NOT_HELD,
    )
    by_id = codes(session, school_class.school_id).by_id
    marks: defaultdict[int, dict[int, Code]] = defaultdict(dict)
    for register_id, pupil_id, code_id in session.execute(
        select(Mark.register_id, Mark.pupil_id, AttendanceCode.id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .join(Register, Register.id == Mark.register_id)
        .where(*period)
    ):
        marks[register_id][pupil_id] = by_id[code_id]
    rows = session.execute(select(Register.id, Register.day, Register.slot, Register.state).where(*period))
    held = [Held(day, slot, state in TAKEN, marks[register_id]) for register_id, day, slot, state in rows]
    return month_sheet(month, held, pupils_of_month(session, school_class.id, month))


def pupils_of_month(session: Session, class_id: int, month: Month) -> list[Pupil]:
    """Return who was in a class in a month, with the days, in Vietnamese order. One query."""
    rows = session.execute(
        select(PupilRow.id, PupilRow.full_name, ClassMembership.starts_on, ClassMembership.ends_on)
        .join(ClassMembership, ClassMembership.pupil_id == PupilRow.id)
        .where(
            ClassMembership.class_id == class_id,
            ClassMembership.starts_on < month.after_last,
            or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > month.first),
        )
        .order_by(PupilRow.name_sort, PupilRow.id)
    )
    found: dict[int, Pupil] = {}
    for pupil_id, name, starts_on, ends_on in rows:
        days = frozenset(day for day in month.days if starts_on <= day and (ends_on is None or day < ends_on))
        before = found[pupil_id].days if pupil_id in found else frozenset()
        found[pupil_id] = Pupil(pupil_id, name, before | days)
    return list(found.values())
