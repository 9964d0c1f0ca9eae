"""When an answer counts, and which of a pupil's answers stands.

The server's clock decides. An answer counts when it arrives before the close or within GRACE after it, because the
network is slow when forty-five answer at once; but never once the solution has been shown.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import InvalidError
from app.i18n import say
from classroom.activities.rules import Answer, Phase

if TYPE_CHECKING:
    from datetime import datetime

    from classroom.activities.rules import Standing

GRACE: Final = timedelta(seconds=2)


class Source(StrEnum):
    """How an answer came in."""

    DEVICE = "device"
    SHARED = "shared"
    CARD = "card"
    TEACHER = "teacher"


class Wish(NamedTuple):
    """An answer as it arrived: for which round, what, from which device, when (device's own count and our clock)."""

    uuid: str
    round: int
    answer: Answer
    arrived_at: datetime
    made: int = 0
    device: str = ""


class Kept(NamedTuple):
    """The answer that stands for a pupil in a round. `version` grows with every replacement."""

    uuid: str
    answer: Answer
    is_late: bool
    version: int = 1
    made: int = 0
    device: str = ""


def is_late(standing: Standing, wish: Wish, extra_percent: int = 0) -> bool:
    """Say whether an answer came too late to count; raise InvalidError when its round has not begun.

    `extra_percent` is a pupil's personal extra time, in per cent of the timer: it moves the end of the timer, but not
    a close by hand before it, and never the reveal.
    """
    if wish.round > standing.round or standing.phase in {Phase.PREPARED, Phase.READING}:
        raise InvalidError(say("Câu hỏi này chưa mở."))
    if wish.round < standing.round:
        return True
    if standing.revealed_at is not None and wish.arrived_at >= standing.revealed_at:
        return True
    end = personal_end(standing, extra_percent)
    return end is not None and wish.arrived_at > end + GRACE


def personal_end(standing: Standing, extra_percent: int = 0) -> datetime | None:
    """Return when a round ends for a pupil; None while it is open without a timer, or paused."""
    timer = standing.closes_at
    if standing.phase is Phase.PAUSED:
        return None
    if timer is None or (standing.closed_at is not None and standing.closed_at < timer):
        return standing.closed_at
    opened = standing.opened_at or timer
    return timer + (timer - opened) * extra_percent / 100


def placed(before: Kept | None, wish: Wish, *, late: bool) -> Kept | None:
    """Return the answer that stands after this one, or None when the one before stays and this is history only.

    A late answer never replaces one in time. Of one device's answers the one made last wins, in whatever order they
    arrive; an answer from a device that took over wins over the old device's.
    """
    version = before.version + 1 if before else 1
    new = Kept(wish.uuid, wish.answer, late, version, wish.made, wish.device)
    if before is None:
        return new
    if late and not before.is_late:
        return None
    if before.device == wish.device and before.made > wish.made and before.is_late == late:
        return None
    return new
