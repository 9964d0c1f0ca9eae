"""Events of lessons: the doors of devices and projectors, snapshots, the end; and what other slices' events check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from flask import current_app

from app import clock, db
from app.cookies import read_cookie
from app.errors import NotFoundError
from app.payload import Range, Size
from app.realtime import Peer, door, event
from classroom.activities.queries import milliseconds
from classroom.ledger import events as ledger
from classroom.lessons import commands, queries
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LEAD_LESSON, Switch, is_screen_token
from classroom.seats.queries import extra_of, seat_of_device
from classroom.seats.rules import device_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

SEAT_DOOR: Final = "pupil"
SCREEN_DOOR: Final = "screen"
DEVICE_COOKIE: Final = "bx_seat"
Id = Annotated[int, Range(1, 2**31 - 1)]


# --- doors --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeatHeld:
    """What a pupil's device proved: whom it answers for, in which lesson."""

    lesson_id: int
    pupil_id: int
    device_hash: str


@dataclass(frozen=True, slots=True)
class ScreenHeld:
    """What a projector's address proved: that it may look on."""

    lesson_id: int


@door(SEAT_DOOR)
def seat_door(request: Request) -> SeatHeld | None:
    """Admit a device that holds a seat in ?lesson=; a device that another one replaced stays outside."""
    lesson_id = request.args.get("lesson", type=int)
    token = read_cookie(DEVICE_COOKIE, request)
    if lesson_id is None or not token:
        return None
    seat = seat_of_device(db.session(), lesson_id, device_hash(token))
    return SeatHeld(seat.lesson_id, seat.pupil_id, seat.device_hash or "") if seat else None


@door(SCREEN_DOOR)
def screen_door(request: Request) -> ScreenHeld | None:
    """Admit a projector that knows the token of ?lesson=."""
    lesson_id = request.args.get("lesson", type=int)
    lesson = db.session().get(Lesson, lesson_id) if lesson_id else None
    token = request.args.get("token", "")
    if lesson is None or not is_screen_token(
        str(current_app.secret_key), lesson.id, lesson.screen_nonce, token
    ):
        return None
    return ScreenHeld(lesson.id)


def seat_of(peer: Peer) -> SeatHeld:
    """Return the seat of a peer whom the seat door let in."""
    if not isinstance(peer.holder, SeatHeld):
        raise TypeError(peer.door)
    return peer.holder


def led_lesson(peer: Peer, lesson_id: int) -> int:
    """Return the lesson's id once it is certain that this peer leads the lesson; raise NotFoundError otherwise."""
    key = (LEAD_LESSON, lesson_id)
    if key not in peer.allowed:
        queries.lesson_for(peer.must_actor(), LEAD_LESSON, lesson_id)
        peer.allowed.add(key)
    return lesson_id


def owned_lesson(peer: Peer, lesson_id: int) -> int:
    """Return the lesson's id once it is certain that this peer owns the lesson; raise NotFoundError otherwise."""
    return queries.owned_lesson_for(peer.must_actor(), lesson_id).id


# --- teachers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OneLesson:
    """An event about one lesson."""

    lesson: Id


@event("lesson_watch", OneLesson, needs=LEAD_LESSON, target="lesson")
def watch_lesson(peer: Peer, wanted: OneLesson) -> Mapping[str, object]:
    """Follow a lesson: answer with its snapshot, patches come after it."""
    lesson = queries.lesson_for(peer.must_actor(), LEAD_LESSON, led_lesson(peer, wanted.lesson))
    peer.enter(ledger.teachers_room(lesson.id))
    ledger.watch(db.session(), lesson.id)
    snapshot = queries.teacher_snapshot(db.session(), lesson)
    return {"snapshot": snapshot, "presence": ledger.presence(lesson.id), "now": milliseconds(clock.now())}


@event("lesson_end", OneLesson, needs=LEAD_LESSON, target="lesson")
def end_lesson(peer: Peer, wanted: OneLesson) -> Mapping[str, object]:
    """End a lesson."""
    commands.end_lesson(peer.must_actor(), owned_lesson(peer, wanted.lesson))
    return {}


@dataclass(frozen=True, slots=True)
class Switched:
    """What a teacher switches, and to what."""

    lesson: Id
    what: Annotated[str, Size(1, 16)]
    on: bool


@event("lesson_switch", Switched, needs=LEAD_LESSON, target="lesson")
def switch(peer: Peer, wanted: Switched) -> Mapping[str, object]:
    """Switch what the projector shows, or what pupils' devices offer."""
    if wanted.what not in set(Switch):
        raise NotFoundError
    commands.switch(led_lesson(peer, wanted.lesson), Switch(wanted.what), on=wanted.on)
    return {}


@dataclass(frozen=True, slots=True)
class PickWanted:
    """A tap on the random picker."""

    lesson: Id
    op_id: Annotated[str, Size(8, 36)]


@event("pupil_pick", PickWanted, needs=LEAD_LESSON, target="lesson")
def pick_pupil(peer: Peer, wanted: PickWanted) -> Mapping[str, object]:
    """Call somebody at random."""
    return {"pupil": commands.pick_pupil(led_lesson(peer, wanted.lesson), wanted.op_id)}


# --- pupils -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Nothing:
    """An event that carries nothing."""


@event("pupil_sync", Nothing, needs=SEAT_DOOR)
def sync_pupil(peer: Peer, wanted: Nothing) -> Mapping[str, object]:
    """Begin or resume on a pupil's device: what is on stage, and the pupil's own answer."""
    del wanted
    seat = seat_of(peer)
    peer.enter(ledger.pupils_room(seat.lesson_id))
    peer.enter(ledger.pupil_room(seat.lesson_id, seat.pupil_id))
    if peer.sid and not peer.on_leave:
        peer.on_leave.append(lambda: ledger.left(seat.lesson_id, seat.pupil_id))
        ledger.came(seat.lesson_id, seat.pupil_id)
    if not peer.sid:
        ledger.looked(seat.lesson_id, seat.pupil_id)
    return pupil_state(seat.lesson_id, seat.pupil_id)


def pupil_state(lesson_id: int, pupil_id: int) -> dict[str, Any]:
    """Return what a pupil's device begins with; for the page as for the event."""
    session = db.session()
    ledger.watch(session, lesson_id)
    stage = queries.stage_of(session, lesson_id)
    return {
        "stage": queries.shown_to_pupils(session, lesson_id, stage),
        "mine": queries.own_answer(session, stage, pupil_id),
        "extra": extra_of(session, lesson_id, pupil_id),
        **queries.own_beside(session, lesson_id, stage, pupil_id),
        "now": milliseconds(clock.now()),
    }


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether the page is in front of somebody."""

    visible: bool


@event("pupil_pulse", Pulse, needs=SEAT_DOOR, bare=True)
def note_pulse(peer: Peer, pulse: Pulse) -> Mapping[str, object]:
    """Note that a pupil's screen went dark or came back."""
    seat = seat_of(peer)
    ledger.slept(seat.lesson_id, seat.pupil_id, asleep=not pulse.visible)
    return {}


# --- projectors ---------------------------------------------------------------------------------------------------


@event("screen_sync", Nothing, needs=SCREEN_DOOR)
def sync_screen(peer: Peer, wanted: Nothing) -> Mapping[str, object]:
    """Begin or resume on a projector."""
    del wanted
    if not isinstance(peer.holder, ScreenHeld):
        raise TypeError(peer.door)
    peer.enter(ledger.screens_room(peer.holder.lesson_id))
    return screen_state(peer.holder.lesson_id)


def screen_state(lesson_id: int) -> dict[str, Any]:
    """Return what a projector begins with; for the page as for the event."""
    session = db.session()
    lesson = session.get_one(Lesson, lesson_id)
    ledger.watch(session, lesson.id)
    return {"stage": queries.screen_snapshot(session, lesson), "now": milliseconds(clock.now())}
