"""What is kept of a class's year being taken out of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record

if TYPE_CHECKING:
    from app.access import Actor


def note_export(actor: Actor, class_id: int, year: str) -> None:
    """Keep in the audit log who took a class's year out of the product."""
    with db.transaction() as session:
        record(session, actor, "year.exported", ("class", class_id), {"year": year})
