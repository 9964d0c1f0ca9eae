"""The event by which a pupil says how sure an answer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app.payload import Range, Size
from app.realtime import Peer, event
from classroom.confidence.commands import Confided, confide
from classroom.lessons.events import SEAT_DOOR, Id, seat_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Sure:
    """Whether a pupil is sure of the answer with this uuid."""

    activity: Id
    round: Annotated[int, Range(1, 9)]
    uuid: Annotated[str, Size(8, 36)]
    sure: bool
    made: Annotated[int, Range(0, 2**53 - 1)]


@event("sure", Sure, needs=SEAT_DOOR)
def note_sure(peer: Peer, sent: Sure) -> Mapping[str, object]:
    """Keep whether a pupil is sure; answer with what stands."""
    seat = seat_of(peer)
    said = Confided(sent.activity, sent.round, sent.uuid, sent.sure, sent.made)
    return {"sure": confide(seat.lesson_id, seat.pupil_id, said)}
