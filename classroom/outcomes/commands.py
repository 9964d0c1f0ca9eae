"""Writes about a lesson afterwards: that its answers were taken as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record

if TYPE_CHECKING:
    from app.access import Actor


def note_export(actor: Actor, lesson_id: int, form: str) -> None:
    """Write into the audit log that somebody took a lesson's answers as a file; `form` is "xlsx" or "pdf"."""
    with db.transaction() as session:
        record(session, actor, "lesson.exported", ("lesson", lesson_id), {"form": form})
