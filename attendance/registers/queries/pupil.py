"""One pupil's attendance: what registers of the pupil's own classes say, on the days when the pupil was in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, or_, select

from app.school.models import ClassMembership, SchoolClass
from app.school.rules import SESSION_NAMES
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.rules.states import TAKEN, SlotKind, session_of, slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.school.rules import DaySession

SHOWN_MARKS: Final = 10


@dataclass(frozen=True, slots=True)
class MarkCount:
    """How often a letter stands, in session registers."""

    letter: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class PupilMark:
    """A mark that counts: the day, which session, the class, the letter."""

    day: date
    session_name: str
    class_name: str
    letter: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PupilAttendance:
    """A pupil's registers of a period: how many were taken, how often each letter stands, the last marks."""

    taken: int
    counts: Sequence[MarkCount]
    last: Sequence[PupilMark]


def attendance_of_pupil(
    session: Session, pupil_id: int, first: date, after_last: date, school_ids: Collection[int] | None
) -> PupilAttendance:
    """Return a pupil's attendance in [first, after_last), at these schools (None: all). Three queries."""
    counted = _counted(pupil_id, first, after_last, school_ids)
    taken = session.scalar(
        select(func.count())
        .select_from(Register)
        .join(ClassMembership, ClassMembership.class_id == Register.class_id)
        .where(*counted)
    )
    rows = session.execute(
        select(AttendanceCode.letter, AttendanceCode.name, func.count())
        .join(Mark, Mark.code_id == AttendanceCode.id)
        .join(Register, Register.id == Mark.register_id)
        .join(ClassMembership, ClassMembership.class_id == Register.class_id)
        .where(Mark.pupil_id == pupil_id, *counted)
        .group_by(AttendanceCode.id, AttendanceCode.letter, AttendanceCode.name, AttendanceCode.position)
        .order_by(AttendanceCode.position)
    )
    counts = [MarkCount(letter, name, number) for letter, name, number in rows]
    return PupilAttendance(taken or 0, counts, _last_marks(session, pupil_id, counted))


def _counted(
    pupil_id: int, first: date, after_last: date, school_ids: Collection[int] | None
) -> list[ColumnElement[bool]]:
    """Return what makes a register count: it was taken, on a day on which the pupil was in its class."""
    conditions = [
        ClassMembership.pupil_id == pupil_id,
        and_(
            ClassMembership.starts_on <= Register.day,
            or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > Register.day),
        ),
        Register.day >= first,
        Register.day < after_last,
        Register.slot_kind == SlotKind.SESSION,
        Register.state.in_(TAKEN),
    ]
    if school_ids is not None:
        conditions.append(Register.school_id.in_(school_ids))
    return conditions


def _last_marks(session: Session, pupil_id: int, counted: Sequence[ColumnElement[bool]]) -> list[PupilMark]:
    rows = session.execute(
        select(
            Register.day,
            Register.slot,
            SchoolClass.name,
            AttendanceCode.letter,
            AttendanceCode.name,
            Mark.reason,
        )
        .join(Mark, Mark.register_id == Register.id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .join(ClassMembership, ClassMembership.class_id == Register.class_id)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .where(Mark.pupil_id == pupil_id, *counted)
        .order_by(Register.day.desc(), Register.slot.desc())
        .limit(SHOWN_MARKS)
    )
    return [
        PupilMark(day, SESSION_NAMES[session_of(slot)], class_name, letter, name, reason or "")
        for day, slot, class_name, letter, name, reason in rows
    ]


def absent_in_session(session: Session, class_id: int, day: date, day_session: DaySession) -> frozenset[int]:
    """Return the pupils of a class whom the register of a half of a day marks absent, not those who came late."""
    rows = session.scalars(
        select(Mark.pupil_id)
        .join(Register, Register.id == Mark.register_id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .where(
            Register.class_id == class_id,
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot == slot_of(day_session),
            AttendanceCode.is_present.is_(False),
        )
    )
    return frozenset(rows)
