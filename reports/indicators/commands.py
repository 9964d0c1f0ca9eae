"""Noting who looked at figures: full figures are for those on duty, and looking at them is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record

if TYPE_CHECKING:
    from app.access import Actor
    from reports.cubes.rules import Month


def note_view(actor: Actor, report: str, unit_id: int | None, month: Month) -> None:
    """Log that somebody looked at a report on a school, or on all schools within reach (None)."""
    subject = ("school", unit_id) if unit_id is not None else ("report", report)
    with db.transaction() as session:
        record(session, actor, "figures.viewed", subject, {"report": report, "month": str(month)})
