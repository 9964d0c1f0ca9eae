"""Writes about a lesson afterwards: that its workbook was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record

if TYPE_CHECKING:
    from app.access import Actor


def note_export(actor: Actor, lesson_id: int) -> None:
    """Write into the audit log that somebody took a lesson's answers as a file."""
    with db.transaction() as session:
        record(session, actor, "lesson.exported", ("lesson", lesson_id))
