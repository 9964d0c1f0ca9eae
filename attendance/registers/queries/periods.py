"""The periods of a session: their registers, and who was at school but not in a period ("bỏ tiết")."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.school.models import Pupil, SchoolClass
from app.school.queries import lessons_between, lessons_on
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.rules.states import (
    PERIODS_APART,
    TAKEN,
    RegisterState,
    SlotKind,
    period_of,
    session_of,
    slot_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, time

    from sqlalchemy.orm import Session

    from app.school.rules import DaySession


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """A period of a class on a day: its subject and teacher, its register when somebody has opened it."""

    day_session: DaySession
    number: int
    subject: str
    teacher: str
    register_id: int | None
    state: RegisterState | None


def periods_of_session(session: Session, register: Register) -> list[PeriodLine]:
    """Return the periods of the session that a register is of, or in which its period is."""
    day_session = session_of(register.slot)
    rows = session.execute(
        select(Register.slot, Register.id, Register.state).where(
            Register.class_id == register.class_id,
            Register.day == register.day,
            Register.slot_kind == SlotKind.PERIOD,
        )
    )
    there = {slot: (register_id, RegisterState(state)) for slot, register_id, state in rows}
    lessons = lessons_on(session, register.school_id, register.day, class_id=register.class_id)
    return [
        PeriodLine(
            day_session,
            lesson.number,
            lesson.subject,
            lesson.teacher,
            *there.get(slot_of(day_session, lesson.number), (None, None)),
        )
        for lesson in lessons
        if lesson.day_session is day_session
    ]


def session_begins_at(session: Session, register: Register) -> time | None:
    """Return when the first lesson of a session register's class begins, by the school's clock.

    None for the register of a period, which somebody may miss and still have come in time, and without a bell plan.
    """
    if register.slot_kind != SlotKind.SESSION:
        return None
    return sessions_begin_at(session, [register]).get(register.id)


def sessions_begin_at(session: Session, registers: Collection[Register]) -> dict[int, time | None]:
    """Return {register: what `session_begins_at` returns} of session registers; as many queries for a week as for one.

    Those of periods, and those of a session without lessons, are left out.
    """
    found: dict[int, time | None] = {}
    for school_id in {one.school_id for one in registers if one.slot_kind == SlotKind.SESSION}:
        own = [one for one in registers if one.school_id == school_id and one.slot_kind == SlotKind.SESSION]
        days, class_ids = [one.day for one in own], {one.class_id for one in own}
        by_day = lessons_between(
            session, school_id, min(days), max(days) + timedelta(days=1), class_ids=class_ids
        )
        first = {
            (day, lesson.class_id, lesson.day_session): lesson.begins_at
            for day, lessons in by_day.items()
            for lesson in reversed(lessons)
        }
        keys = {one.id: (one.day, one.class_id, session_of(one.slot)) for one in own}
        found |= {register_id: first[key] for register_id, key in keys.items() if key in first}
    return found


@dataclass(frozen=True, slots=True)
class SkippedPeriod:
    """A pupil who was present in a session and absent without reason in one of its periods."""

    register_id: int
    class_name: str
    pupil_id: int
    pupil: str
    day_session: DaySession
    number: int


def skipped_periods(
    session: Session, day: date, *, school_id: int | None = None, class_id: int | None = None
) -> list[SkippedPeriod]:
    """Return who skipped which period on a day, by class and name: both registers taken. One query."""
    period, whole = aliased(Register), aliased(Register)
    absent, said = aliased(Mark), aliased(Mark)
    absent_code, said_code = aliased(AttendanceCode), aliased(AttendanceCode)
    query = (
        select(period.id, SchoolClass.name, Pupil.id, Pupil.full_name, period.slot)
        .join(absent, absent.register_id == period.id)
        .join(absent_code, absent_code.id == absent.code_id)
        .join(SchoolClass, SchoolClass.id == period.class_id)
        .join(Pupil, Pupil.id == absent.pupil_id)
        .join(
            whole,
            and_(
                whole.class_id == period.class_id,
                whole.day == period.day,
                whole.slot_kind == SlotKind.SESSION,
                whole.slot == period.slot // PERIODS_APART,
            ),
        )
        .outerjoin(said, and_(said.register_id == whole.id, said.pupil_id == absent.pupil_id))
        .outerjoin(said_code, said_code.id == said.code_id)
        .where(
            period.day == day,
            period.slot_kind == SlotKind.PERIOD,
            period.state.in_(TAKEN),
            whole.state.in_(TAKEN),
            absent_code.is_present.is_(False),
            absent_code.is_authorised.is_(False),
            or_(said_code.id.is_(None), said_code.is_present.is_(True)),
        )
        .order_by(SchoolClass.name_sort, Pupil.name_sort, Pupil.id, period.slot)
    )
    if school_id is not None:
        query = query.where(period.school_id == school_id)
    if class_id is not None:
        query = query.where(period.class_id == class_id)
    return [
        SkippedPeriod(register_id, class_name, pupil_id, name, session_of(slot), period_of(slot) or 0)
        for register_id, class_name, pupil_id, name, slot in session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class AbsentBefore:
    """Who was absent in the register just before one: its slot, and each pupil's letter by code id."""

    slot: int
    codes: dict[int, int]


def absent_before_each(session: Session, registers: Sequence[Register]) -> dict[int, AbsentBefore]:
    """Return {register: who was absent in the taken one before it on its day}, where there is one. Two queries.

    Before a period: the period before it, else the session itself. Before a session: the session before it.
    """
    rows = session.execute(
        select(Register.id, Register.class_id, Register.day, Register.slot).where(
            Register.class_id.in_({one.class_id for one in registers}),
            Register.day.in_({one.day for one in registers}),
            Register.state.in_(TAKEN),
        )
    )
    taken = {(class_id, day, slot): register_id for register_id, class_id, day, slot in rows}
    before: dict[int, tuple[int, int]] = {}
    for one in registers:
        slots = (slot for slot in _slots_before(one.slot) if (one.class_id, one.day, slot) in taken)
        if (slot := next(slots, None)) is not None:
            before[one.id] = (slot, taken[one.class_id, one.day, slot])
    absent = _absent_in(session, {register_id for _slot, register_id in before.values()})
    return {one: AbsentBefore(slot, absent.get(found, {})) for one, (slot, found) in before.items()}


def _absent_in(session: Session, register_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Return {register: {pupil: code}} of who was absent there."""
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    if not register_ids:
        return found
    rows = session.execute(
        select(Mark.register_id, Mark.pupil_id, Mark.code_id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .where(Mark.register_id.in_(list(register_ids)), AttendanceCode.is_present.is_(False))
    )
    for register_id, pupil_id, code_id in rows:
        if code_id is not None:
            found[register_id][pupil_id] = code_id
    return found


def _slots_before(slot: int) -> Sequence[int]:
    number = period_of(slot)
    if number is None:
        return range(slot - 1, 0, -1)
    first = slot - number
    return [*range(slot - 1, first, -1), first // PERIODS_APART]
