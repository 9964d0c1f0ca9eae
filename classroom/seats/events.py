"""Events of seats, sent by those who lead the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import realtime
from app.realtime import Peer, event
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


def drop_devices(lesson_id: int, pupil_id: int, but: str = "") -> None:
    """Close the sockets of a pupil's devices, except the device with hash `but`."""
    realtime.drop_where(
        lambda peer: (
            isinstance(peer.holder, SeatHeld)
            and (peer.holder.lesson_id, peer.holder.pupil_id) == (lesson_id, pupil_id)
            and peer.holder.device_hash != but
        )
    )
