"""Writes of setting up: cards for a whole school at once. Everything else belongs to the slice that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record
from app.school.commands import issue_cards
from app.school.queries import latest_year
from app.school.setup.queries import pupils_without_card

if TYPE_CHECKING:
    from datetime import date

    from app.access import Actor


def issue_school_cards(actor: Actor, school_id: int, today: date) -> int:
    """Give a card to every pupil in a class of the school who has none for the year; return how many were made."""
    with db.transaction() as current:
        year = latest_year(current, today)
        if year is None:
            return 0
        pupils = pupils_without_card(current, school_id, year, max(today, year.starts_on))
        made = issue_cards(current, school_id, year.id, pupils)
        if made:
            record(current, actor, "cards.issued", ("unit", school_id), {"count": made})
        return made
