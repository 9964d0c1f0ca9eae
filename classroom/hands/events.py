"""Events of raised hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import realtime
from app.payload import Size
from app.realtime import Peer, event
from classroom.hands import commands
from classroom.ledger.events import pupil_room
from classroom.lessons.events import SEAT_DOOR, Id, led_lesson, seat_of
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class HandMoved:
    """A pupil's hand goes up or down; `uuid` is made once for each raising and says which one is lowered."""

    uuid: Annotated[str, Size(8, 36)]
    up: bool


@event("hand", HandMoved, needs=SEAT_DOOR)
def move_hand(peer: Peer, moved: HandMoved) -> Mapping[str, object]:
    """Raise or lower a pupil's hand; answer with the hand that is up."""
    seat = seat_of(peer)
    if moved.up:
        return {"hand": commands.raise_hand(seat.lesson_id, seat.pupil_id, moved.uuid)}
    commands.lower_hand(seat.lesson_id, seat.pupil_id, moved.uuid)
    return {"hand": None}


@dataclass(frozen=True, slots=True)
class HandsLowered:
    """Whose hand a teacher lowers; without a pupil everybody's."""

    lesson: Id
    pupil: Id | None = None


@event("hands_lower", HandsLowered, needs=LEAD_LESSON, target="lesson")
def lower_hands(peer: Peer, wanted: HandsLowered) -> Mapping[str, object]:
    """Lower hands, and tell the devices whose they were."""
    lowered = commands.lower_hands(led_lesson(peer, wanted.lesson), wanted.pupil)
    for pupil_id in lowered:
        realtime.emit(pupil_room(wanted.lesson, pupil_id), "hand", {"hand": None})
    return {"lowered": len(lowered)}
