"""Proving that the events of school days are whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit.queries import vouched_for
from attendance.registers.models import AttendanceDay, MarkEvent
from attendance.registers.rules.chain import GENESIS, EventContent, event_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class ChainVerification:
    """How many events were looked at, and where a chain is broken: (school, day, sequence of the first bad event)."""

    events: int
    broken: tuple[tuple[int, date, int], ...]


def verify_chains(session: Session, day: date | None = None) -> ChainVerification:
    """Walk the chain of every school day (of one day when given) and compare it with the head that the day keeps."""
    query = select(AttendanceDay).where(AttendanceDay.last_sequence > 0)
    if day is not None:
        query = query.where(AttendanceDay.day == day)
    events, broken = 0, []
    emptied = vouched_for(session, MarkEvent.__tablename__)
    for head in session.scalars(query.order_by(AttendanceDay.day, AttendanceDay.school_id)).all():
        rows = session.scalars(
            select(MarkEvent)
            .where(MarkEvent.school_id == head.school_id, MarkEvent.day == head.day)
            .order_by(MarkEvent.sequence)
        ).all()
        events += len(rows)
        bad = _first_bad(rows, head, emptied)
        if bad is not None:
            broken.append((head.school_id, head.day, bad))
        session.expunge_all()
    return ChainVerification(events, tuple(broken))


def _first_bad(rows: Sequence[MarkEvent], head: AttendanceDay, emptied: frozenset[int]) -> int | None:
    previous = GENESIS
    for number, row in enumerate(rows, start=1):
        if (
            row.sequence != number
            or row.previous_hash != previous
            or (row.event_hash != _expected(previous, row) and row.id not in emptied)
        ):
            return number
        previous = row.event_hash
    is_whole = head.last_sequence == len(rows) and head.last_hash == previous
    return None if is_whole else len(rows) + 1


def _expected(previous: str, row: MarkEvent) -> str:
    content = EventContent(
        sequence=row.sequence,
        op_id=row.op_id,
        register_id=row.register_id,
        register_version=row.register_version,
        kind=row.kind,
        pupil_id=row.pupil_id,
        before=row.before,
        after=row.after,
        user_id=row.user_id,
        on_behalf_of=row.on_behalf_of,
        device=row.device,
        device_time=row.device_time,
        why=row.why,
        at=row.at.isoformat(),
    )
    return event_hash(previous, content)
