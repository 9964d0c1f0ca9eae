"""Events of pupils' questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import realtime
from app.errors import NotFoundError
from app.payload import Range, Size
from app.realtime import Peer, event
from classroom.inquiries import commands
from classroom.inquiries.rules import LONGEST, InquiryState
from classroom.ledger.events import pupil_room
from classroom.lessons.events import SEAT_DOOR, Id, led_lesson, seat_of
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that a pupil asks."""

    uuid: Annotated[str, Size(8, 36)]
    text: Annotated[str, Size(1, LONGEST)]


@event("inquiry_ask", Asking, needs=SEAT_DOOR)
def ask(peer: Peer, asking: Asking) -> Mapping[str, object]:
    """Keep a pupil's question for the teacher to judge."""
    seat = seat_of(peer)
    return {"inquiry": commands.ask_question(seat.lesson_id, seat.pupil_id, asking.uuid, asking.text)}


@dataclass(frozen=True, slots=True)
class Voting:
    """A pupil's vote; `made` is the device's clock, to order its own taps."""

    inquiry: Id
    up: bool
    made: Annotated[int, Range(0, 2**53 - 1)]


@event("inquiry_vote", Voting, needs=SEAT_DOOR)
def vote(peer: Peer, voting: Voting) -> Mapping[str, object]:
    """Set a pupil's one vote for a question."""
    seat = seat_of(peer)
    votes = commands.vote(seat.lesson_id, seat.pupil_id, voting.inquiry, up=voting.up, made=voting.made)
    return {"votes": votes}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a teacher decides about a question."""

    lesson: Id
    inquiry: Id
    state: Annotated[str, Size(1, 8)]


@event("inquiry_judge", Judged, needs=LEAD_LESSON, target="lesson")
def judge(peer: Peer, judged: Judged) -> Mapping[str, object]:
    """Show, hide, or answer a question; the pupil who asked is told."""
    lesson_id = led_lesson(peer, judged.lesson)
    if judged.state not in set(InquiryState):
        raise NotFoundError
    pupil_id = commands.judge(lesson_id, judged.inquiry, InquiryState(judged.state))
    realtime.emit(pupil_room(lesson_id, pupil_id), "asked", {"id": judged.inquiry, "state": judged.state})
    return {}
