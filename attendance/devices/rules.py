"""Which days' sheets a device keeps. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

AHEAD: Final = 7
MOST_SHEETS: Final = 200


def kept_days(today: date) -> tuple[date, date]:
    """Return the days [first, after_last) whose sheets a device keeps: this week's, and always a week ahead.

    >>> kept_days(date(2026, 10, 7))
    (datetime.date(2026, 10, 5), datetime.date(2026, 10, 14))
    """
    return today - timedelta(days=today.weekday()), today + timedelta(days=AHEAD)
