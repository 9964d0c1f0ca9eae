"""Which days' sheets a device keeps, and what it calls a period of which there is no register yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass
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


_EPOCH: Final = date(2020, 1, 1)
_SLOTS: Final = 100
_DAYS: Final = 100_000


@dataclass(frozen=True, slots=True)
class PeriodKey:
    """A period of a class on a day. Registers of periods are made when somebody takes one, not for every lesson.

    So a device calls one that it keeps ahead by a number of its own, below zero; it says class, day and slot, and a
    browser's numbers hold it exactly (below 2^53 up to class 900,000,000).
    """

    class_id: int
    day: date
    slot: int

    @property
    def number(self) -> int:
        """The number that stands where a register's id would.

        >>> PeriodKey(12, date(2026, 10, 5), 13).number
        -120246913
        """
        return -((self.class_id * _DAYS + (self.day - _EPOCH).days) * _SLOTS + self.slot)

    @classmethod
    def read(cls, number: int) -> PeriodKey:
        """Return the period that a number below zero stands for."""
        rest, slot = divmod(-number, _SLOTS)
        class_id, days = divmod(rest, _DAYS)
        return cls(class_id, _EPOCH + timedelta(days=days), slot)
