"""Appending to the chain of a school day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import clock
from attendance.registers.models import AttendanceDay, MarkEvent, Register
from attendance.registers.rules.chain import EventContent, EventKind, event_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from attendance.registers.rules.marks import Author


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to append. `before` and `after` are canonical JSON; `device_time` is what the device's clock said."""

    op_id: str
    kind: EventKind
    before: str
    after: str
    pupil_id: int | None = None
    device_time: str = ""
    why: str = ""


def append_events(
    session: Session, day: AttendanceDay, register: Register, author: Author, drafts: Sequence[Draft]
) -> None:
    """Append events in the running transaction; `day` is locked, so the chain has one end."""
    moment = clock.now()
    for draft in drafts:
        content = EventContent(
            sequence=day.last_sequence + 1,
            op_id=draft.op_id,
            register_id=register.id,
            register_version=register.row_version,
            kind=draft.kind,
            pupil_id=draft.pupil_id,
            before=draft.before,
            after=draft.after,
            user_id=author.user_id or None,
            on_behalf_of=None,
            device=author.device,
            device_time=draft.device_time,
            why=draft.why,
            at=moment.isoformat(),
        )
        row = _row(day, content)
        row.at = moment
        session.add(row)
        day.last_sequence, day.last_hash = content.sequence, row.event_hash


def _row(day: AttendanceDay, content: EventContent) -> MarkEvent:
    return MarkEvent(
        op_id=content.op_id,
        school_id=day.school_id,
        day=day.day,
        sequence=content.sequence,
        register_id=content.register_id,
        register_version=content.register_version,
        kind=content.kind,
        pupil_id=content.pupil_id,
        before=content.before,
        after=content.after,
        user_id=content.user_id,
        on_behalf_of=content.on_behalf_of,
        device=content.device,
        device_time=content.device_time,
        why=content.why,
        previous_hash=day.last_hash,
        event_hash=event_hash(day.last_hash, content),
    )
