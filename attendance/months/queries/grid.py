"""The registers of a class's week, as a grid to type a paper register into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.school.models import ClassMembership, HomeroomDuty, Staff, Timetable, TimetableEntry
from app.school.models import Pupil as PupilRow
from app.school.queries import holds_on
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.states import TAKEN, SlotKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.models import SchoolClass
    from attendance.registers.queries.sheets import Codes


@dataclass(frozen=True, slots=True)
class Grid:
    """The week's registers up to today, the pupils with the days [from, to) in the class, the teacher's letters."""

    registers: Sequence[Register]
    pupils: Sequence[tuple[int, str, date, date | None]]
    letters: dict[tuple[int, int], str]
    known: Codes

    def is_open_to_office(self, register: Register) -> bool:
        """Say whether the office may type a register in: one that was taken is corrected on its sheet."""
        return register.standing not in TAKEN

    def is_in_class(self, pupil: tuple[int, str, date, date | None], day: date) -> bool:
        """Say whether a pupil of the grid is in the class on a day."""
        return pupil[2] <= day and (pupil[3] is None or day < pupil[3])


def grid_of_week(session: Session, school_class: SchoolClass, monday: date, today: date) -> Grid:
    """Return the grid of the week that begins on a Monday. Four queries."""
    after = monday + timedelta(days=7)
    registers = session.scalars(
        select(Register)
        .where(
            Register.class_id == school_class.id,
            Register.slot_kind == SlotKind.SESSION,
            Register.day >= monday,
            Register.day < after,
            Register.day <= today,
        )
        .order_by(Register.day, Register.slot)
    ).all()
    pupils = session.execute(
        select(PupilRow.id, PupilRow.full_name, ClassMembership.starts_on, ClassMembership.ends_on)
        .join(ClassMembership, ClassMembership.pupil_id == PupilRow.id)
        .where(
            ClassMembership.class_id == school_class.id,
            ClassMembership.starts_on < after,
            or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > monday),
        )
        .order_by(PupilRow.name_sort, PupilRow.id)
    )
    known = codes(session, school_class.school_id)
    marks = session.execute(
        select(Mark.register_id, Mark.pupil_id, AttendanceCode.id)
        .join(AttendanceCode, AttendanceCode.id == Mark.teacher_code_id)
        .where(Mark.register_id.in_([one.id for one in registers]))
    )
    letters = {(register_id, pupil_id): known.letters[code_id] for register_id, pupil_id, code_id in marks}
    return Grid(
        registers, [(pupil_id, name, since, until) for pupil_id, name, since, until in pupils], letters, known
    )


def teachers_of_class(session: Session, school_class: SchoolClass, day: date) -> Sequence[Staff]:
    """Return who may have written a class's paper on a day and has an account, the homeroom teacher first."""
    homeroom = select(HomeroomDuty.staff_id).where(
        HomeroomDuty.class_id == school_class.id,
        HomeroomDuty.starts_on <= day,
        or_(HomeroomDuty.ends_on.is_(None), HomeroomDuty.ends_on > day),
    )
    teaching = (
        select(TimetableEntry.staff_id)
        .join(Timetable, Timetable.id == TimetableEntry.timetable_id)
        .where(
            TimetableEntry.class_id == school_class.id, Timetable.state != "draft", holds_on(Timetable, day)
        )
    )
    is_homeroom = Staff.id.in_(homeroom)
    return session.scalars(
        select(Staff)
        .where(Staff.user_id.is_not(None), or_(is_homeroom, Staff.id.in_(teaching)))
        .order_by(is_homeroom.desc(), Staff.name_sort, Staff.id)
    ).all()
