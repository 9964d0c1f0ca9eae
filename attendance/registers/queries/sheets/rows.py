"""Registers loaded and locked for saves of many people at once: rows beside the mapper, each kind in one statement.

A school's teachers save within the same minutes. What they save shares a transaction (app.writer), so what it needs is
asked for all of them together; and building objects of mapped classes took longer than answering (docs/adr/0098).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.bulk import among, is_among
from app.prepared import Prepared, asked_together
from app.school.models import ClassMembership
from attendance.months.models import MonthClose
from attendance.registers.models import AttendanceDay, Mark, Register, RosterVersion
from attendance.registers.queries.sheets.codes import codes_by_school, codes_of_registers
from attendance.registers.queries.sheets.holding import (
    closes_month_of_register,
    newest_roster_of_register,
)
from attendance.registers.queries.sheets.standing import Roll
from attendance.registers.rules.marks import Counters
from attendance.registers.rules.states import RegisterState
from attendance.rulebook.models import AttendanceRule
from attendance.rulebook.rules import USUAL, Rulebook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from attendance.registers.queries.sheets.codes import Codes


@dataclass(slots=True)
class RegisterRow:
    """A register as it is saved, with the names that its table has."""

    id: int
    school_id: int
    class_id: int
    day: date
    roster_version_id: int | None
    row_version: int
    expected: int
    excused: int
    unexcused: int
    pending: int
    late: int
    left_early: int
    state: str

    @property
    def standing(self) -> RegisterState:
        """The state as the rules know it."""
        return RegisterState(self.state)

    @property
    def counters(self) -> Counters:
        """The counters as the rules know them."""
        absent = self.excused + self.unexcused + self.pending
        return Counters(
            self.expected,
            self.expected - absent,
            self.excused,
            self.unexcused,
            self.pending,
            self.late,
            self.left_early,
        )


@dataclass(slots=True)
class DayRow:
    """A school's day: where its chain of events ends."""

    school_id: int
    day: date
    last_sequence: int
    last_hash: str


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A roster version: what tells it from another, and its members as they are stored."""

    id: int
    sha256: str
    members: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A register with what decides whether it may be saved. `roster` and `likely` as in `Held`."""

    register: RegisterRow
    day: DayRow
    roster: RosterRow | None
    likely: RosterRow | None
    rulebook: Rulebook
    is_month_closed: bool


def loaded_for_saves(
    session: Session, register_ids: Collection[int], *, waits: bool
) -> tuple[dict[int, HeldRow], dict[int, Codes], dict[int, Roll]]:
    """Lock registers, each with its school day; return what is found, by register, and the letters of their schools.

    Who does not wait leaves out what another transaction holds (the closing of a month, another process). Members and
    marks are read after the lock, on one journey with it; marks are in no session and are written beside the mapper.
    """
    ids = {"ids": among(sorted(register_ids))}
    registers = _registers if waits else _registers_that_are_free
    questions = [(registers, ids), (codes_of_registers, ids), (_members_and_marks, ids)]
    found, written, members = asked_together(session, questions)
    days: dict[tuple[int, date], DayRow] = {}
    helds = {row[0]: _held_row(row, days) for row in found}
    return helds, codes_by_school(written), _rolls(helds, members)


_OWN: Final = len(RegisterRow.__dataclass_fields__)


def _held_row(row: Sequence[Any], days: dict[tuple[int, date], DayRow]) -> HeldRow:
    """Return a register; those of one day share its row in `days`, since each moves the end of its chain."""
    register = RegisterRow(*row[:_OWN])
    *rest, close_id, last_sequence, last_hash = row[_OWN:]
    roster, likely, rule = rest[:3], rest[3:6], rest[6:]
    key = (register.school_id, register.day)
    return HeldRow(
        register,
        days.setdefault(key, DayRow(*key, last_sequence, last_hash)),
        RosterRow(*roster) if roster[0] is not None else None,
        RosterRow(*likely) if likely[0] is not None else None,
        Rulebook(*rule) if rule[0] is not None else USUAL,
        close_id is not None,
    )


@Prepared
def _registers(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select
    return _locked(for_sqlite=for_sqlite).with_for_update(of=[Register, AttendanceDay])


@Prepared
def _registers_that_are_free(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select
    return _locked(for_sqlite=for_sqlite).with_for_update(of=[Register, AttendanceDay], skip_locked=True)


def _locked(*, for_sqlite: bool) -> Select[*tuple[Any, ...]]:
    own = [getattr(Register, name) for name in RegisterRow.__dataclass_fields__]
    likely = aliased(RosterVersion)
    return (
        select(
            *own,
            RosterVersion.id,
            RosterVersion.sha256,
            RosterVersion.members,
            likely.id,
            likely.sha256,
            likely.members,
            AttendanceRule.teacher_days,
            AttendanceRule.office_days,
            MonthClose.id,
            AttendanceDay.last_sequence,
            AttendanceDay.last_hash,
        )
        .join(
            AttendanceDay,
            and_(AttendanceDay.school_id == Register.school_id, AttendanceDay.day == Register.day),
        )
        .outerjoin(RosterVersion, RosterVersion.id == Register.roster_version_id)
        .outerjoin(AttendanceRule, AttendanceRule.school_id == Register.school_id)
        .outerjoin(MonthClose, closes_month_of_register())
        .outerjoin(likely, likely.id == newest_roster_of_register())
        .where(is_among(Register.id, "ids", for_sqlite=for_sqlite))
        .order_by(Register.id)
    )


def _rolls(register_ids: Iterable[int], rows: Iterable[Sequence[Any]]) -> dict[int, Roll]:
    members: dict[int, list[int]] = {one: [] for one in register_ids}
    marks: dict[int, dict[int, Mark]] = {one: {} for one in members}
    for row in rows:
        if row[0] not in members:
            continue  # somebody else holds it
        members[row[0]].append(row[1])
        if row[2] is not None:
            marks[row[0]][row[1]] = Mark(**dict(zip(_MARK, row[2:], strict=True)))
    return {one: Roll(frozenset(members[one]), marks[one]) for one in members}


_MARK: Final = tuple(column.name for column in Mark.__table__.c)


@Prepared
def _members_and_marks(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select
    of_pupil = and_(Mark.register_id == Register.id, Mark.pupil_id == ClassMembership.pupil_id)
    return (
        select(Register.id, ClassMembership.pupil_id, *(getattr(Mark, name) for name in _MARK))
        .select_from(Register)
        .join(
            ClassMembership,
            and_(
                ClassMembership.class_id == Register.class_id,
                ClassMembership.starts_on <= Register.day,
                or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > Register.day),
            ),
        )
        .outerjoin(Mark, of_pupil)
        .where(is_among(Register.id, "ids", for_sqlite=for_sqlite))
    )
