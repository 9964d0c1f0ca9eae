"""What was last handed out of a school's year, and what of it changed since when."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.oneroster.models import OneRosterRecord
from app.oneroster.rules.items import Change, Told, from_content

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def changes_since(session: Session, school_id: int, year_id: int, since: datetime) -> tuple[Change, ...]:
    """Return what changed at or after an instant: courses before classes, people and enrolments."""
    order = {kind.value: place for place, kind in enumerate(Told)}
    rows = session.scalars(
        select(OneRosterRecord).where(
            OneRosterRecord.school_id == school_id,
            OneRosterRecord.year_id == year_id,
            OneRosterRecord.modified_at >= since,
        )
    )
    ordered = sorted(rows, key=lambda row: (order[row.kind], row.id))
    return tuple(change_of(row) for row in ordered)


def change_of(row: OneRosterRecord) -> Change:
    """Return a stored record as an item with its status."""
    return Change(from_content(Told(row.kind), row.content), row.status, iso(row.modified_at))


def iso(moment: datetime) -> str:
    """Return an instant as the standard writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
