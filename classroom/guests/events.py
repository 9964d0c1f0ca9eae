"""Events of guests: the door of their devices, what they see and answer, and that a teacher shows one out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app import clock, db, realtime
from app.cookies import read_cookie
from app.realtime import Peer, door, event
from classroom.activities.queries import content_of, current_activity, milliseconds
from classroom.activities.rules import Phase, share_right
from classroom.answers.events import Answered
from classroom.answers.queries import answer_of
from classroom.answers.rules import Wish
from classroom.guests import commands
from classroom.guests.queries import guest_of_device, own_guest_answer
from classroom.ledger import events as ledger
from classroom.lessons.events import DEVICE_COOKIE, Id, led_lesson
from classroom.lessons.models import Lesson
from classroom.lessons.queries import pupil_snapshot
from classroom.lessons.rules import LEAD_LESSON
from classroom.seats.rules import device_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

    from classroom.activities.models import Activity
    from classroom.guests.models import GuestAnswer

GUEST_DOOR: Final = "guest"


@dataclass(frozen=True, slots=True)
class GuestHeld:
    """What a guest's device proved: who it is, in which lesson."""

    lesson_id: int
    guest_id: int


@door(GUEST_DOOR)
def guest_door(request: Request) -> GuestHeld | None:
    """Admit a device that came into ?lesson= under a nickname; one that was shown out stays outside."""
    lesson_id = request.args.get("lesson", type=int)
    token = read_cookie(DEVICE_COOKIE, request)
    if lesson_id is None or not token:
        return None
    guest = guest_of_device(db.session(), lesson_id, device_hash(token))
    return GuestHeld(guest.lesson_id, guest.id) if guest else None


def guest_at(peer: Peer) -> GuestHeld:
    """Return the guest whom the guests' door let in."""
    if not isinstance(peer.holder, GuestHeld):
        raise TypeError(peer.door)
    return peer.holder


@dataclass(frozen=True, slots=True)
class Nothing:
    """An event that carries nothing."""


@event("guest_sync", Nothing, needs=GUEST_DOOR)
def sync_guest(peer: Peer, wanted: Nothing) -> Mapping[str, object]:
    """Begin or resume on a guest's device: what is on stage, and the guest's own answer."""
    del wanted
    guest = guest_at(peer)
    peer.enter(ledger.pupils_room(guest.lesson_id))
    return guest_state(guest.lesson_id, guest.guest_id)


def guest_state(lesson_id: int, guest_id: int) -> dict[str, Any]:
    """Return what a guest's device begins with: the stage of the pupils, which holds nothing personal."""
    session = db.session()
    lesson = session.get_one(Lesson, lesson_id)
    ledger.watch(session, lesson.id)
    current = current_activity(session, lesson.id)
    mine = own_guest_answer(session, current, guest_id) if current else None
    return {
        "stage": pupil_snapshot(session, lesson.id),
        "mine": _own(mine, current) if mine and current else None,
        "now": milliseconds(clock.now()),
    }


def _own(mine: GuestAnswer, activity: Activity | None = None) -> dict[str, Any]:
    answer = answer_of(mine.answer)
    shown = {
        "activity": mine.activity_id,
        "round": mine.round,
        "uuid": mine.uuid,
        "answer": list(answer),
        "version": mine.version,
        "late": mine.is_late,
    }
    if activity is not None and activity.phase == Phase.REVEALED:
        share = share_right(content_of(activity.content), answer)
        return shown if share is None else shown | {"share": float(share)}
    return shown


@event("guest_answer", Answered, needs=GUEST_DOOR)
def take_guest_answer(peer: Peer, sent: Answered) -> Mapping[str, object]:
    """Store a guest's answer; the acknowledgement goes out after the commit."""
    guest = guest_at(peer)
    wish = Wish(sent.uuid, sent.round, sent.answer, clock.now(), sent.made)
    stands = commands.store_guest_answer(guest.lesson_id, guest.guest_id, sent.activity, wish)
    return {"mine": _own(stands), "late": stands.is_late}


@dataclass(frozen=True, slots=True)
class OneGuest:
    """An event about one guest."""

    lesson: Id
    guest: Id


@event("guest_out", OneGuest, needs=LEAD_LESSON, target="lesson")
def show_out(peer: Peer, wanted: OneGuest) -> Mapping[str, object]:
    """Show a guest out, and close the device's socket."""
    commands.show_out(led_lesson(peer, wanted.lesson), wanted.guest)
    realtime.drop_where(
        lambda other: isinstance(other.holder, GuestHeld) and other.holder.guest_id == wanted.guest
    )
    return {}
