"""What stands in a register: who is in the class, their marks, what was changed since."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Date, and_, bindparam, or_, select

from app.accounts.models import User
from app.school.models import ClassMembership
from app.school.queries import holds_on
from attendance.registers.models import Mark, MarkEvent, Register, value_of_mark
from attendance.registers.rules.chain import EventKind, roster_fingerprint, roster_text
from attendance.registers.rules.marks import Author, Change, Code, MarkValue, program_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from attendance.registers.queries.sheets.codes import Codes


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
