"""Kinds of evidence and how each is told beside a name. Evidence suggests; a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app import clock
from app.i18n import say
from app.school.rules import SESSION_ORDER, DaySession

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from app.i18n import Phrase


class EvidenceKind(StrEnum):
    """Where a piece of evidence comes from. Never a face: no biometric kind will be added."""

    LESSON_JOINED = "lesson_joined"
    GATE = "gate"


@dataclass(frozen=True)
class PupilJoined:
    """The shape that this slice needs of the fact PupilJoinedLesson. `number`: the period, or None."""

    lesson_id: int
    class_id: int
    school_id: int
    pupil_id: int
    day: date
    day_session: str
    number: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """A piece of evidence about one pupil; `slot` is the session's number in the day, 0 when it is of the whole day."""

    kind: EvidenceKind
    pupil_id: int
    slot: int
    at: datetime


def source_of_lesson(joined: PupilJoined) -> str:
    """Return the reference that makes a second delivery of the same joining harmless."""
    return f"lesson:{joined.lesson_id}:pupil:{joined.pupil_id}"


def slot_of_session(day_session: str) -> int:
    """Return the session's number in the day (1 morning, 2 afternoon, 3 evening)."""
    return SESSION_ORDER[DaySession(day_session)]


MOST_MINUTES: Final = 600
"""What a mark can hold: ten hours."""


def minutes_between(begins_at: time | None, moment: time) -> int | None:
    """Return the full minutes from the beginning of lessons to a moment of the same day, None when not late.

    None too when nobody knows when lessons begin.
    """
    if begins_at is None:
        return None
    late = (moment.hour - begins_at.hour) * 60 + moment.minute - begins_at.minute
    return min(late, MOST_MINUTES) if late > 0 else None


def minutes_late(sighting: Sighting, begins_at: time | None) -> int | None:
    """Return how many minutes late a card was read at the gate; no other kind tells when somebody came."""
    is_arrival = sighting.kind is EvidenceKind.GATE
    return minutes_between(begins_at, clock.local(sighting.at).time()) if is_arrival else None


def suggestion(sighting: Sighting, late: int | None = None) -> Phrase:
    """Return the line shown beside a name: what was seen and when, by the school's clock, and how many minutes late."""
    moment = clock.local(sighting.at).strftime("%H:%M")
    if late is not None:
        return say("quẹt thẻ cổng %(time)s, trễ %(count)s phút", time=moment, count=late)
    if sighting.kind is EvidenceKind.LESSON_JOINED:
        return say("đã vào tiết học tương tác %(time)s", time=moment)
    return say("quẹt thẻ cổng %(time)s", time=moment)


def first_sightings(found: list[Sighting], slot: int) -> list[Sighting]:
    """Return the earliest of each kind for each pupil in the session `slot`, by time.

    What belongs to another session of the day is left out: being there in the morning says nothing of the afternoon.
    """
    first: dict[tuple[int, EvidenceKind], Sighting] = {}
    for sighting in sorted(found, key=lambda one: one.at):
        if sighting.slot in {0, slot}:
            first.setdefault((sighting.pupil_id, sighting.kind), sighting)
    return list(first.values())


def last_kept_before(today: date, days: int) -> date:
    """Return the day before which evidence is deleted, when a school keeps it `days` days: that old is kept still.

    >>> from datetime import date
    >>> last_kept_before(date(2026, 10, 5), 7)
    datetime.date(2026, 9, 28)
    """
    return today - timedelta(days=days)
