"""What programs are told of registers: a page of a school's, or one with its roster and marks. No reason, no note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.errors import NotFoundError
from app.oneroster.rules.ids import Kind
from app.school.models import OrgUnit, Pupil, SchoolClass
from attendance.registers.models import Register
from attendance.registers.queries.sheets import sheet_of
from attendance.registers.rules.states import TAKEN, RegisterState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.oneroster.rules.ids import Ids
    from attendance.programs.rules.asking import Question
    from attendance.registers.queries.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many registers are due, and how many of them were taken: it travels with every figure."""

    due: int
    taken: int


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A register with the name of its class."""

    register: Register
    class_name: str


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A page of a school's registers; `total` and `coverage` are of all pages."""

    rows: Sequence[RegisterRow]
    total: int
    coverage: Coverage


def school_of_program(session: Session, school_id: int, code: str) -> OrgUnit:
    """Return the program's school; raise NotFoundError when it asks for one with another code."""
    unit = session.get_one(OrgUnit, school_id)
    if code not in {"", unit.code}:
        raise NotFoundError
    return unit


def registers_asked(session: Session, school_id: int, question: Question, ids: Ids) -> RegisterPage:
    """Return a page of a school's registers, by day, slot and class. Three queries.

    Raises NotFoundError for a class that is not the school's: of another school, or invented, it is the same.
    """
    wanted = _conditions(session, school_id, question, ids)
    with_state = [*wanted, Register.state == question.state] if question.state else wanted
    rows = session.execute(
        select(Register, SchoolClass.name)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .where(*with_state)
        .order_by(Register.day, Register.slot_kind.desc(), Register.slot, SchoolClass.name_sort, Register.id)
        .limit(question.per_page)
        .offset((question.page - 1) * question.per_page)
    )
    total = session.scalar(select(func.count()).select_from(Register).where(*with_state)) or 0
    return RegisterPage([RegisterRow(row, name) for row, name in rows], total, _coverage(session, wanted))


def _conditions(session: Session, school_id: int, question: Question, ids: Ids) -> list[ColumnElement[bool]]:
    conditions = [
        Register.school_id == school_id,
        Register.day >= question.first,
        Register.day < question.after_last,
    ]
    if question.class_key:
        named = ids.read(question.class_key)
        school_class = session.get(SchoolClass, named.number) if named and named.kind is Kind.CLASS else None
        if school_class is None or school_class.school_id != school_id:
            raise NotFoundError
        conditions.append(Register.class_id == school_class.id)
    if question.kind:
        conditions.append(Register.slot_kind == question.kind)
    return conditions


def _coverage(session: Session, wanted: Sequence[ColumnElement[bool]]) -> Coverage:
    rows = session.execute(select(Register.state, func.count()).where(*wanted).group_by(Register.state)).all()
    counts = {RegisterState(state): count for state, count in rows}
    due = sum(count for state, count in counts.items() if state is not RegisterState.NOT_HELD)
    return Coverage(due, sum(count for state, count in counts.items() if state in TAKEN))


@dataclass(frozen=True, slots=True)
class WholeRegister:
    """One register with everything that a program may be told of it; `codes` are the ministry's codes of pupils."""

    sheet: Sheet
    coverage: Coverage
    codes: Mapping[int, str | None]


def register_of_school(session: Session, school_id: int, register_id: int) -> Register:
    """Return a register of the program's school; raise NotFoundError for any other."""
    register = session.get(Register, register_id)
    if register is None or register.school_id != school_id:
        raise NotFoundError
    return register


def whole_register(session: Session, register: Register) -> WholeRegister:
    """Return one register; the coverage is that of its school in the same slot of the same day."""
    sheet = sheet_of(session, register)
    same = [
        Register.school_id == register.school_id,
        Register.day == register.day,
        Register.slot_kind == register.slot_kind,
        Register.slot == register.slot,
    ]
    return WholeRegister(
        sheet, _coverage(session, same), _ministry_codes(session, [pupil.id for pupil in sheet.pupils])
    )


def _ministry_codes(session: Session, pupil_ids: Collection[int]) -> dict[int, str | None]:
    rows = session.execute(select(Pupil.id, Pupil.ministry_code).where(Pupil.id.in_(list(pupil_ids))))
    return {row.id: row.ministry_code for row in rows}
