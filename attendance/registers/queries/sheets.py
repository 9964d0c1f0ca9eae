"""One register: the authorised loader, what stands in it, and what its sheet shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, and_, bindparam, extract, func, or_, select
from sqlalchemy.orm import aliased

from app import db
from app.access import Actor, Permission, Place
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.models import ClassMembership, OrgUnit, Pupil, SchoolClass
from app.school.queries import holds_on, place_of_unit
from app.school.seating.queries import seats_of_class
from attendance.months.models import MonthClose
from attendance.registers.models import (
    AttendanceCode,
    AttendanceDay,
    CalledOff,
    Mark,
    MarkEvent,
    Register,
    RosterVersion,
    value_of_mark,
)
from attendance.registers.rules.chain import EventKind, roster_fingerprint, roster_text, value_text
from attendance.registers.rules.marks import Author, Change, Code, MarkValue, program_of
from attendance.registers.rules.states import RegisterState, SlotKind, slot_of
from attendance.rulebook.models import AttendanceRule, SchoolCode
from attendance.rulebook.rules import USUAL, Rulebook

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, ScalarSelect, Select
    from sqlalchemy.orm import Session

    from app.school.rules import DaySession
    from app.school.seating.rules import Plan


def register_for(actor: Actor, permission: Permission, register_id: int) -> Register:
    """Return the register, or raise NotFoundError when it does not exist or the actor may not do this with it."""
    register = db.session().get(Register, register_id)
    if register is None:
        raise NotFoundError
    # A grant on the class itself, as teachers have, is seen without asking what is above the school.
    if not actor.may(permission, Place(frozenset({register.school_id}), register.class_id)):
        actor.require(permission, place_of_register(register))
    return register


def register_at(session: Session, class_id: int, day: date, day_session: DaySession) -> int | None:
    """Return the id of a class's register of a session, None when there is no row for it yet."""
    return session.scalar(
        select(Register.id).where(
            Register.class_id == class_id,
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot == slot_of(day_session),
        )
    )


def place_of_register(register: Register) -> Place:
    """Return where a register lives: its class, its school and what is above it."""
    return Place(place_of_unit(register.school_id).unit_ids, register.class_id)


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of the installation, by letter and by id, in the order in which a tap goes through them."""

    all: tuple[Code, ...]
    offered: tuple[Code, ...]

    @property
    def by_letter(self) -> Mapping[str, Code]:
        """The codes by their letter, the retired ones too."""
        return {code.letter: code for code in self.all}

    @property
    def by_id(self) -> Mapping[int, Code]:
        """The codes by their id."""
        return {code.id: code for code in self.all}

    @property
    def letters(self) -> dict[int, str]:
        """The letters by id."""
        return {code.id: code.letter for code in self.all}

    def told(self, value: MarkValue) -> str:
        """Return a value as an event tells it: with the letter, and with what the letter means here and now."""
        code = self.by_letter.get(value.letter)
        return value_text(value, code.id if code else None)


def codes(session: Session, school_id: int | None = None) -> Codes:
    """Return the codes as a school writes them, or as the installation does; those out of use are known, not offered.

    Flags are the code's own everywhere: whatever a school calls it, reports count it alike.
    """
    rows = session.execute(_written_codes(), {"school_id": school_id}).all()
    written = [(Code(*flags), is_offered) for *flags, is_offered in rows]
    return Codes(
        tuple(code for code, _ in written), tuple(code for code, is_offered in written if is_offered)
    )


@cache
def _written_codes() -> Select[*tuple[Any, ...]]:
    """Return the fields of `Code` in their order, and whether it is offered; the school's own words first."""
    own = {"letter": SchoolCode.letter, "name": SchoolCode.name}
    columns = [
        func.coalesce(own[field.name], getattr(AttendanceCode, field.name))
        if field.name in own
        else getattr(AttendanceCode, field.name)
        for field in fields(Code)
    ]
    of_school = and_(SchoolCode.code_id == AttendanceCode.id, SchoolCode.school_id == bindparam("school_id"))
    return (
        select(*columns, func.coalesce(SchoolCode.is_offered, AttendanceCode.is_retired.is_(False)))
        .select_from(AttendanceCode)
        .outerjoin(SchoolCode, of_school)
        .order_by(func.coalesce(SchoolCode.position, AttendanceCode.position), AttendanceCode.id)
    )


# --- what stands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A register with what belongs to it, loaded and locked for a write.

    `roster` is what it was taken with; `likely` the newest version of its class that holds on its day.
    """

    register: Register
    roster: RosterVersion | None
    day: AttendanceDay
    rule: AttendanceRule | None = None
    close: MonthClose | None = None
    likely: RosterVersion | None = None

    @property
    def rulebook(self) -> Rulebook:
        """What the school decided about windows."""
        return self.rule.meaning if self.rule else USUAL


def held_register(session: Session, register_id: int) -> Held:
    """Load a register for a write and lock it together with its school day; the day puts chained events in order."""
    row = session.execute(_held(), {"register_id": register_id}).one_or_none()
    if row is None:
        raise NotFoundError
    return Held(*row)


@cache
def _held() -> Select[*tuple[Any, ...]]:
    """Return the statement of every write, built once: building it took longer than answering it."""
    likely = aliased(RosterVersion)
    return (
        select(Register, RosterVersion, AttendanceDay, AttendanceRule, MonthClose, likely)
        .join(
            AttendanceDay,
            and_(AttendanceDay.school_id == Register.school_id, AttendanceDay.day == Register.day),
        )
        .outerjoin(RosterVersion, RosterVersion.id == Register.roster_version_id)
        .outerjoin(AttendanceRule, AttendanceRule.school_id == Register.school_id)
        .outerjoin(MonthClose, closes_month_of_register())
        .outerjoin(likely, likely.id == _newest_roster_of_register())
        .where(Register.id == bindparam("register_id"))
        .with_for_update(of=[Register, AttendanceDay])
        .execution_options(populate_existing=True)
    )


def _newest_roster_of_register() -> ScalarSelect[int | None]:
    """Return the subquery of the newest roster version of a register's class that holds on its day."""
    version = aliased(RosterVersion)
    return (
        select(func.max(version.id))
        .where(
            version.class_id == Register.class_id,
            version.starts_on <= Register.day,
            or_(version.ends_on.is_(None), version.ends_on > Register.day),
        )
        .correlate(Register)
        .scalar_subquery()
    )


def closes_month_of_register() -> ColumnElement[bool]:
    """Return the SQL condition that a month stands closed in which a register's day falls."""
    return and_(
        MonthClose.school_id == Register.school_id,
        MonthClose.reopened_at.is_(None),
        extract("year", MonthClose.month) == extract("year", Register.day),
        extract("month", MonthClose.month) == extract("month", Register.day),
    )


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is in the class on the register's day, and their marks. Marks of those who have left stay stored, inert."""

    members: frozenset[int]
    marks: Mapping[int, Mark]

    @property
    def text(self) -> str:
        """The members as they are stored."""
        return roster_text(self.members)

    @property
    def fingerprint(self) -> str:
        """What tells this roster from another."""
        return roster_fingerprint(self.text)

    def effective(self, known: Codes) -> list[Code]:
        """Return the codes that count: the office's correction before the teacher's word."""
        by_id = known.by_id
        return [by_id[mark.code_id] for mark in self.marks.values() if mark.code_id is not None]


def roll_of(session: Session, register: Register) -> Roll:
    """Return the members and marks of a register."""
    asked = {"register_id": register.id, "class_id": register.class_id, "day": register.day}
    rows = session.execute(_members_and_marks(), asked).all()
    marks = {mark.pupil_id: mark for mark in filter(None, (mark for _, mark in rows))}
    return Roll(frozenset(pupil_id for pupil_id, _ in rows), marks)


@cache
def _members_and_marks() -> Select[int, Mark]:
    of_register = and_(
        Mark.register_id == bindparam("register_id"), Mark.pupil_id == ClassMembership.pupil_id
    )
    return (
        select(ClassMembership.pupil_id, Mark)
        .outerjoin(Mark, of_register)
        .where(
            ClassMembership.class_id == bindparam("class_id"),
            holds_on(ClassMembership, bindparam("day", type_=Date)),
        )
    )


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A stored event of a register, with who made it and when, for showing.

    `is_news` says whether it changed anything: who said what was said already has not become its author.
    """

    op_id: str
    kind: EventKind
    change: Change
    is_news: bool
    name: str
    at: datetime


def changes_since(
    session: Session, register_id: int, version: int, op_ids: Collection[str] = ()
) -> list[StoredChange]:
    """Return the events of a register after a version, and those with these operation ids whatever their version."""
    rows = session.execute(
        select(MarkEvent, User.full_name)
        .outerjoin(User, User.id == MarkEvent.user_id)
        .where(
            MarkEvent.register_id == register_id,
            or_(MarkEvent.register_version > version, MarkEvent.op_id.in_(list(op_ids))),
        )
        .order_by(MarkEvent.sequence)
    )
    return [
        StoredChange(
            op_id=event.op_id,
            kind=EventKind(event.kind),
            change=Change(
                event.pupil_id or 0, event.register_version, Author(event.user_id or 0, event.device)
            ),
            is_news=event.before != event.after,
            name=name or program_of(event.device),
            at=event.at,
        )
        for event, name in rows
    ]


# --- what a sheet shows -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A pupil's mark as shown: the teacher's word, and the office's letter when it differs."""

    value: MarkValue
    is_corrected: bool = False
    office_letter: str = ""

    @property
    def letter(self) -> str:
        """The letter that counts."""
        return self.office_letter if self.is_corrected else self.value.letter


def mark_lines(roll: Roll, known: Codes) -> dict[int, MarkLine]:
    """Return {pupil: mark} of the members of a class."""
    letters = known.letters
    return {
        pupil_id: MarkLine(
            value_of_mark(mark, letters),
            mark.is_corrected,
            letters[mark.office_code_id] if mark.office_code_id is not None else "",
        )
        for pupil_id, mark in roll.marks.items()
    }


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


# --- what happened ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An event of a register, for people: who did what, when, and why; `behalf` is whose word was only written down."""

    at: datetime
    by: str
    behalf: str
    kind: EventKind
    pupil: str
    before: str
    after: str
    why: str


def history(session: Session, register_id: int) -> list[HistoryLine]:
    """Return the events of a register, the latest first."""
    said = aliased(User)
    rows = session.execute(
        select(MarkEvent, User.full_name, said.full_name, Pupil.full_name)
        .outerjoin(User, User.id == MarkEvent.user_id)
        .outerjoin(said, said.id == MarkEvent.on_behalf_of)
        .outerjoin(Pupil, Pupil.id == MarkEvent.pupil_id)
        .where(MarkEvent.register_id == register_id)
        .order_by(MarkEvent.sequence.desc())
    )
    return [
        HistoryLine(
            event.at,
            user or program_of(event.device),
            behalf or "",
            EventKind(event.kind),
            pupil or "",
            event.before,
            event.after,
            event.why,
        )
        for event, user, behalf, pupil in rows
    ]
