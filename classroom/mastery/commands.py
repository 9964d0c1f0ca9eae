"""Writes about what a class can do: that its figures were taken as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record

if TYPE_CHECKING:
    from app.access import Actor


def note_export(actor: Actor, class_id: int) -> None:
    """Write into the audit log that somebody took the figures of a class's pupils as a workbook."""
    with db.transaction() as session:
        record(session, actor, "mastery.exported", ("class", class_id))
