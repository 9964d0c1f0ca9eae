"""Appending to the chain of a school day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app import clock
from app.bulk import insert_rows, instant_text, is_sqlite
from attendance.registers.models import MarkEvent
from attendance.registers.rules.chain import EventContent, EventKind, event_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from attendance.registers.models import AttendanceDay, Register
    from attendance.registers.queries.sheets import DayRow, RegisterRow
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
    append_of_many(session, day, author, [(register, draft) for draft in drafts])


def append_of_many(
    session: Session, day: AttendanceDay, author: Author, drafts: Iterable[tuple[Register, Draft]]
) -> None:
    """Append events of several registers of one school day, in one statement. `day` is locked."""
    moment = clock.now()
    store_events(session, [chained(day, register, author, draft, moment) for register, draft in drafts])


def store_events(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert events that hang on their chains already, in one statement."""
    names, for_sqlite = MarkEvent.__table__.columns.keys()[1:], is_sqlite(session)
    plain = [
        [instant_text(row["at"], for_sqlite=for_sqlite) if name == "at" else row[name] for name in names]
        for row in rows
    ]
    insert_rows(session, MarkEvent, plain, names)


def chained(
    day: AttendanceDay | DayRow,
    register: Register | RegisterRow,
    author: Author,
    draft: Draft,
    moment: datetime,
) -> dict[str, Any]:
    """Return the row of an event, hung on the end of the day's chain, which it becomes."""
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
        on_behalf_of=author.on_behalf_of,
        device=author.device,
        device_time=draft.device_time,
        why=draft.why,
        at=moment.isoformat(),
    )
    previous = day.last_hash
    day.last_sequence, day.last_hash = content.sequence, event_hash(previous, content)
    return {
        **content.parts,
        "school_id": day.school_id,
        "day": day.day,
        "at": moment,
        "previous_hash": previous,
        "event_hash": day.last_hash,
    }
