"""What a taken register stands on: its roster version and its counters, set in the transaction that saves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from sqlalchemy import func, or_, select

from app import clock, facts
from app.school.models import ClassMembership
from attendance.registers.commands.events import Draft
from attendance.registers.models import RosterVersion
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.marks import count

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from attendance.registers.models import Register
    from attendance.registers.queries.sheets import Codes, Held, HeldRow, RegisterRow, Roll

COUNTED: Final = ("expected", "excused", "unexcused", "pending", "late", "left_early")


@dataclass(frozen=True)
class RegisterSaved(facts.Fact):
    """A register was taken, changed or corrected; `state` is what it is now."""

    fact_name: ClassVar[str] = "RegisterSaved"
    register_id: int
    school_id: int
    class_id: int
    day: date
    state: str


def tell_saved(session: Session, *registers: Register | RegisterRow) -> None:
    """Record in the running transaction that registers were saved."""
    facts.record_all(
        session,
        [RegisterSaved(one.id, one.school_id, one.class_id, one.day, one.state) for one in registers],
    )


def settle(session: Session, held: Held | HeldRow, roll: Roll, known: Codes, op_id: str) -> list[Draft]:
    """Fix the roster of a taken register and recount it; return the event of a roster that has changed since."""
    register, before, fingerprint = held.register, held.roster, roll.fingerprint
    is_same = before is not None and before.sha256 == fingerprint
    if not is_same:
        likely = held.likely
        register.roster_version_id = (
            likely.id
            if likely is not None and likely.sha256 == fingerprint
            else _roster_version(session, register.class_id, register.day, roll)
        )
    counters = count(len(roll.members), roll.effective(known))
    for name in COUNTED:
        setattr(register, name, getattr(counters, name))
    if before is None or is_same:
        return []
    return [Draft(f"{op_id}:roster", EventKind.ROSTER, before=before.members, after=roll.text)]


def _roster_version(session: Session, class_id: int, day: date, roll: Roll) -> int:
    """Return the id of the version with these members that holds on the day, making it when there is none."""
    found = session.scalar(
        select(RosterVersion.id)
        .where(
            RosterVersion.class_id == class_id,
            RosterVersion.sha256 == roll.fingerprint,
            RosterVersion.starts_on <= day,
            or_(RosterVersion.ends_on.is_(None), RosterVersion.ends_on > day),
        )
        .order_by(RosterVersion.starts_on.desc())
        .limit(1)
    )
    return found if found is not None else _new_version(session, class_id, day, roll)


def _new_version(session: Session, class_id: int, day: date, roll: Roll) -> int:
    starts_on, ends_on = _unchanged_around(session, class_id, day)
    row = RosterVersion(
        class_id=class_id,
        starts_on=starts_on,
        ends_on=ends_on,
        members=roll.text,
        member_count=len(roll.members),
        sha256=roll.fingerprint,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row.id


def _unchanged_around(session: Session, class_id: int, day: date) -> tuple[date, date | None]:
    """Return the period around a day in which nobody came or left, as it is known now."""
    of_class = ClassMembership.class_id == class_id
    came, left = ClassMembership.starts_on, ClassMembership.ends_on
    begins = [
        session.scalar(select(func.max(column)).where(of_class, column <= day)) for column in (came, left)
    ]
    ends = [session.scalar(select(func.min(column)).where(of_class, column > day)) for column in (came, left)]
    return max((found for found in begins if found), default=day), min(
        (found for found in ends if found), default=None
    )
