"""The event of the understanding meter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app.errors import NotFoundError
from app.payload import Size
from app.realtime import Peer, event
from classroom.lessons.events import SEAT_DOOR, seat_of
from classroom.meter.commands import tap_meter
from classroom.meter.rules import Feels

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Felt:
    """A tap: "got", "lost", or nothing any more."""

    uuid: Annotated[str, Size(8, 36)]
    feels: Annotated[str, Size(0, 4)]


@event("feel", Felt, needs=SEAT_DOOR)
def feel(peer: Peer, sent: Felt) -> Mapping[str, object]:
    """Note whether a pupil follows; answer with what stands."""
    seat = seat_of(peer)
    if sent.feels not in set(Feels):
        raise NotFoundError
    return {"feels": tap_meter(seat.lesson_id, seat.pupil_id, sent.uuid, Feels(sent.feels)).value}
