"""Events of seats, sent by those who lead the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import realtime
from app.payload import Range
from app.realtime import Peer, event
from classroom.ledger.events import pupil_room
from classroom.lessons.events import Id, SeatHeld, led_lesson
from classroom.lessons.rules import LEAD_LESSON
from classroom.seats import commands

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class OneSeat:
    """An event about one pupil's seat."""

    lesson: Id
    pupil: Id


@event("seat_free", OneSeat, needs=LEAD_LESSON, target="lesson")
def free_seat(peer: Peer, wanted: OneSeat) -> Mapping[str, object]:
    """Take the seat from a pupil's device, and let wrong tries be forgotten."""
    commands.free_seat(led_lesson(peer, wanted.lesson), wanted.pupil)
    drop_devices(wanted.lesson, wanted.pupil)
    return {}


@dataclass(frozen=True, slots=True)
class ExtraTime:
    """How much more of a timer a pupil gets."""

    lesson: Id
    pupil: Id
    percent: Annotated[int, Range(0, 100)]


@event("seat_extra", ExtraTime, needs=LEAD_LESSON, target="lesson")
def give_extra_time(peer: Peer, wanted: ExtraTime) -> Mapping[str, object]:
    """Give a pupil extra time, and tell the pupil's device."""
    commands.give_extra_time(led_lesson(peer, wanted.lesson), wanted.pupil, wanted.percent)
    realtime.emit(pupil_room(wanted.lesson, wanted.pupil), "extra", {"extra": wanted.percent})
    return {}


def drop_devices(lesson_id: int, pupil_id: int, but: str = "") -> None:
    """Close the sockets of a pupil's devices, except the device with hash `but`."""
    realtime.drop_where(
        lambda peer: (
            isinstance(peer.holder, SeatHeld)
            and (peer.holder.lesson_id, peer.holder.pupil_id) == (lesson_id, pupil_id)
            and peer.holder.device_hash != but
        )
    )
