"""Events of answers: a device's own, and what a teacher enters for a pupil without a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import clock, db
from app.errors import NotFoundError
from app.payload import Range, Size
from app.realtime import Later, Peer, event
from classroom.activities.rules.sketching import MOST_STROKES
from classroom.answers import commands
from classroom.answers.commands import DEVICE_MARK, AnswerGiven, AnswerStored
from classroom.answers.rules import Source, Wish
from classroom.lessons.events import SEAT_DOOR, Id, led_lesson, seat_of
from classroom.lessons.models import Lesson
from classroom.lessons.queries import pupils_of
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping

AnswerTexts = Annotated[tuple[Annotated[str, Size(1, 500)], ...], Size(1, MOST_STROKES + 1)]
"""Drawings have the most entries; what each kind takes is checked by its rules."""
Uuid = Annotated[str, Size(8, 36)]


@dataclass(frozen=True, slots=True)
class Answered:
    """A device's answer. `uuid` is made once for each tap; `made` is the device's clock, to order its own taps."""

    activity: Id
    round: Annotated[int, Range(1, 9)]
    uuid: Uuid
    answer: AnswerTexts
    made: Annotated[int, Range(0, 2**53 - 1)] = 0


@event("answer", Answered, needs=SEAT_DOOR, bare=True)
def take_answer(peer: Peer, sent: Answered) -> Later:
    """Store a pupil's answer; the acknowledgement goes out after the commit and says which answer stands."""
    seat = seat_of(peer)
    wish = Wish(
        uuid=sent.uuid,
        round=sent.round,
        answer=sent.answer,
        arrived_at=clock.now(),
        made=sent.made,
        device=seat.device_hash[:DEVICE_MARK],
    )
    given = AnswerGiven(seat.lesson_id, sent.activity, seat.pupil_id, wish, Source.DEVICE, seat.device_hash)
    return Later(commands.begin_to_store(given), acknowledged)


@dataclass(frozen=True, slots=True)
class AnsweredFor:
    """An answer that a teacher enters for a pupil."""

    lesson: Id
    activity: Id
    round: Annotated[int, Range(1, 9)]
    pupil: Id
    uuid: Uuid
    answer: AnswerTexts


@event("answer_for", AnsweredFor, needs=LEAD_LESSON, target="lesson")
def answer_for_pupil(peer: Peer, sent: AnsweredFor) -> Mapping[str, object]:
    """Store what a teacher entered for a pupil of the class."""
    lesson = db.session().get_one(Lesson, led_lesson(peer, sent.lesson))
    if sent.pupil not in {pupil.id for pupil in pupils_of(db.session(), lesson)}:
        raise NotFoundError
    given = AnswerGiven(
        lesson_id=lesson.id,
        activity_id=sent.activity,
        pupil_id=sent.pupil,
        wish=Wish(sent.uuid, sent.round, sent.answer, clock.now()),
        source=Source.TEACHER,
        user_id=peer.must_actor().user_id,
    )
    return acknowledged(commands.store_answer(given))


def acknowledged(stored: AnswerStored) -> dict[str, object]:
    """Return the acknowledgement of an answer: what stands now, and whether this one came too late."""
    mine = {
        "activity": stored.activity_id,
        "round": stored.round,
        "uuid": stored.stands.uuid,
        "answer": list(stored.stands.answer),
        "version": stored.stands.version,
        "late": stored.stands.is_late,
    }
    return {"mine": mine, "late": stored.is_late}
