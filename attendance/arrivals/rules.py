"""Who keeps the desk for late arrivals, and how late somebody is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere

if TYPE_CHECKING:
    from datetime import time

RECORD_ARRIVALS: Final = Permission("arrivals.record", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
MOST_FOUND: Final = 12
"""Whoever is not among so many types more of the name."""
MOST_MINUTES: Final = 600


def minutes_between(begins_at: time | None, moment: time) -> int | None:
    """Return the full minutes from the beginning of lessons to a moment of the same day; None when not late.

    None too when nobody knows when lessons begin: the clerk then types the minutes.
    """
    if begins_at is None:
        return None
    late = (moment.hour - begins_at.hour) * 60 + moment.minute - begins_at.minute
    return min(late, MOST_MINUTES) if late > 0 else None
