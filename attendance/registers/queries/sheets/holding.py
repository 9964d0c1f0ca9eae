"""A register loaded and locked for a write, with what decides whether it may be written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, extract, func, or_, select
from sqlalchemy.orm import aliased

from app.errors import NotFoundError
from attendance.months.models import MonthClose
from attendance.registers.models import AttendanceDay, Register, RosterVersion
from attendance.rulebook.models import AttendanceRule
from attendance.rulebook.rules import USUAL, Rulebook

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, ScalarSelect, Select
    from sqlalchemy.orm import Session


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

    @property
    def is_month_closed(self) -> bool:
        """Whether the month of the register stands closed."""
        return self.close is not None


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
        .outerjoin(likely, likely.id == newest_roster_of_register())
        .where(Register.id == bindparam("register_id"))
        .with_for_update(of=[Register, AttendanceDay])
        .execution_options(populate_existing=True)
    )


def newest_roster_of_register() -> ScalarSelect[int | None]:
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
