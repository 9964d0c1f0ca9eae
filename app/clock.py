"""The only place that reads the computer's clock. Instants are UTC; a school day is a civil date."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHOOL_ZONE = "Asia/Ho_Chi_Minh"

_shift: ContextVar[timedelta | None] = ContextVar("clock_shift", default=None)
_process_shift: list[timedelta] = []


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    real = datetime.now(tz=UTC)
    shift = _shift.get()
    if shift is None and _process_shift:
        shift = _process_shift[-1]
    return real + shift if shift else real


def today(zone: str = SCHOOL_ZONE) -> date:
    """Return the civil date of `now()` in the school's time zone."""
    return civil_date(now(), zone)


def civil_date(instant: datetime, zone: str = SCHOOL_ZONE) -> date:
    """Return the civil date on which an aware instant falls in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def local(instant: datetime, zone: str = SCHOOL_ZONE) -> datetime:
    """Return the same instant as wall-clock time of the school, for showing only; raise TypeError for a naive one.

    A naive instant would be taken for the machine's own wall clock: what was shown once would be shown wrong twice.
    """
    if instant.tzinfo is None:
        message = "a naive datetime is no instant; it may have been made local before"
        raise TypeError(message)
    return instant.astimezone(ZoneInfo(zone))


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the clock run on from `instant` inside the block (tests, seeding of past days)."""
    token = _shift.set(instant.astimezone(UTC) - datetime.now(tz=UTC))
    try:
        yield
    finally:
        _shift.reset(token)


def start_process_at(instant: str) -> None:
    """Let the whole process's clock run on from an ISO 8601 instant with offset (a server under test)."""
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(SCHOOL_ZONE))
    _process_shift.append(moment.astimezone(UTC) - datetime.now(tz=UTC))
