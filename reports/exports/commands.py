"""Letting figures leave as a file: what is withheld is frozen, and who took it is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record
from reports.releases.commands import freeze

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.access import Actor
    from reports.cubes.rules import Month
    from reports.releases.rules import Release


def note_export(actor: Actor, month: Month, releases: Mapping[int, Release]) -> None:
    """Freeze the pattern of each release, {school id: release}, and log the export, before the file is handed out."""
    with db.transaction() as session:
        for school_id, release in releases.items():
            freeze(session, school_id, release)
        details = {
            "month": str(month),
            "schools": len(releases),
            "withheld": sum(len(r.withheld) for r in releases.values()),
        }
        subject = ("school", next(iter(releases))) if len(releases) == 1 else ("report", "attendance")
        record(session, actor, "figures.exported", subject, details)
