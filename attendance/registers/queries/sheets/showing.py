"""What a sheet shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import OrgUnit, Pupil, SchoolClass
from app.school.seating.queries import seats_of_class
from attendance.registers.models import CalledOff, Register, RosterVersion
from attendance.registers.queries.sheets.codes import codes
from attendance.registers.queries.sheets.standing import mark_lines, roll_of
from attendance.registers.rules.states import RegisterState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.school.seating.rules import Plan
    from attendance.registers.queries.sheets.codes import Codes
    from attendance.registers.queries.sheets.standing import MarkLine


@dataclass(frozen=True, slots=True)
class PupilLine:
    """A pupil on a sheet, with the number in the class list."""

    id: int
    number: int
    full_name: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """How the class differs from the roster with which the register was taken: nothing changes before the next save."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that a register's sheet shows; `plan` says how the class sits on the day, None without a plan.

    `off_why`: why the register is not held.
    """

    register: Register
    school_class: SchoolClass
    school_name: str
    pupils: Sequence[PupilLine]
    marks: Mapping[int, MarkLine]
    codes: Codes
    amendment: Amendment
    plan: Plan | None = None
    off_why: str = ""


def sheet_of(session: Session, register: Register) -> Sheet:
    """Return the sheet of a register that was loaded for the actor; as many queries for 50 pupils as for one."""
    school_class = session.get_one(SchoolClass, register.class_id)
    roll, known = roll_of(session, register), codes(session, register.school_id)
    roster = session.get(RosterVersion, register.roster_version_id) if register.roster_version_id else None
    names = _names(session, roll.members | members_of(roster))
    pupils = [
        PupilLine(pupil_id, number, name)
        for number, (pupil_id, name) in enumerate(
            ((pupil_id, name) for pupil_id, name in names.items() if pupil_id in roll.members), start=1
        )
    ]
    return Sheet(
        register=register,
        school_class=school_class,
        school_name=session.get_one(OrgUnit, register.school_id).name,
        pupils=pupils,
        marks=mark_lines(roll, known),
        codes=known,
        amendment=_amendment(roster, roll.members, names),
        plan=seats_of_class(session, register.class_id, register.day),
        off_why=_why_off(session, register),
    )


def _why_off(session: Session, register: Register) -> str:
    if register.standing is not RegisterState.NOT_HELD:
        return ""
    return session.get_one(CalledOff, register.id).why


def members_of(roster: RosterVersion | None) -> frozenset[int]:
    """Return the pupils of a roster version; nobody for none."""
    return frozenset(json.loads(roster.members)) if roster else frozenset()


def _names(session: Session, pupil_ids: Collection[int]) -> dict[int, str]:
    """Return {pupil: full name} in Vietnamese order."""
    rows = session.execute(
        select(Pupil.id, Pupil.full_name).where(Pupil.id.in_(pupil_ids)).order_by(Pupil.name_sort, Pupil.id)
    )
    return {row.id: row.full_name for row in rows}


def _amendment(roster: RosterVersion | None, members: frozenset[int], names: Mapping[int, str]) -> Amendment:
    if roster is None:
        return Amendment()
    taken_with = members_of(roster)
    return Amendment(
        added=tuple(name for pupil_id, name in names.items() if pupil_id in members - taken_with),
        removed=tuple(name for pupil_id, name in names.items() if pupil_id in taken_with - members),
    )
