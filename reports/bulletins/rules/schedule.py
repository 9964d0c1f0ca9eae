"""When bulletins are made by themselves: a cron rule of five fields, in the time of the place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from huey import crontab

from app import clock
from app.errors import InvalidError
from app.i18n import say

_FIELDS: Final = ("minute", "hour", "day", "month", "day_of_week")
LOOKS_BACK: Final = timedelta(days=35)
"""A worker that slept longer than that makes the last month's bulletins once, and not those of every month missed."""


class WrongScheduleError(InvalidError):
    """A text is no cron rule."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron rule, e.g. "0 6 3 * *": at 06:00 on the third of every month."""

    text: str

    def __post_init__(self) -> None:
        """Raise WrongScheduleError when it is none."""
        try:
            self._matches(clock.local(clock.now()))
        except (ValueError, TypeError) as error:
            message = say(
                "Lịch “%(text)s” không đúng dạng cron năm trường, ví dụ 0 6 3 * *.", text=self.text[:60]
            )
            raise WrongScheduleError(message) from error

    @classmethod
    def monthly(cls, day: int, hour: int) -> Schedule:
        """Return the rule of a day of every month (1 to 28) and an hour (0 to 23)."""
        return cls(f"0 {hour} {day} * *")

    def due(self, since: datetime, now: datetime) -> datetime | None:
        """Return the last minute in (since, now] for which the rule holds, in local time; None when there is none."""
        minute = clock.local(now).replace(second=0, microsecond=0)
        earliest = max(clock.local(since), minute - LOOKS_BACK)
        while minute > earliest:
            if self._matches(minute):
                return minute
            minute -= timedelta(minutes=1)
        return None

    def _matches(self, minute: datetime) -> bool:
        fields = self.text.split()
        if len(fields) != len(_FIELDS):
            raise ValueError(self.text)
        rule = crontab(**dict(zip(_FIELDS, fields, strict=True)), strict=True)
        return bool(rule(minute.replace(tzinfo=None)))
