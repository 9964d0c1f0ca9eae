"""Events of ink: drawn by those who lead the lesson, looked at on pupils' and guests' devices that ask for it.

The stroke under the pen is shown on projectors and on those devices before it is stored; what is stored is one stroke.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from app import db
from app.errors import NotFoundError
from app.payload import Size
from app.realtime import Peer, Room, emit, event, is_empty
from classroom.activities.models import Activity
from classroom.activities.rules import Kind
from classroom.activities.rules.strokes import LARGEST
from classroom.guests.events import GUEST_DOOR, guest_at
from classroom.ink import commands
from classroom.ink.queries import growing_for_devices, ink_for_devices
from classroom.ink.rules import LONGEST_STROKE, Pen, check_stroke
from classroom.ledger.events import inked_room, screens_room, watch
from classroom.lessons.events import SEAT_DOOR, Id, led_lesson, seat_of
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping

LIVE_EVERY: Final = 0.1
"""Seconds between two pictures of a stroke that is being drawn: ten a second, whatever a screen sends."""
DEVICES_EVERY: Final = 0.3
"""The same on pupils' devices, of which there are many: three a second, each the whole stroke so far, thinned."""
MOST_KNOWN: Final = 2_000
Uuid = Annotated[str, Size(8, 36)]
_shown_at: dict[Room, float] = {}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stroke over a slide; see activities/rules/strokes.py for its points."""

    lesson: Id
    activity: Id
    uuid: Uuid
    pen: Annotated[str, Size(1, 8)]
    points: Annotated[str, Size(4, LONGEST_STROKE)]


def _pen(name: str) -> Pen:
    if name not in set(Pen):
        raise NotFoundError
    return Pen(name)


@event("ink_draw", Drawn, needs=LEAD_LESSON, target="lesson")
def draw(peer: Peer, drawn: Drawn) -> Mapping[str, object]:
    """Keep a stroke."""
    lesson_id = led_lesson(peer, drawn.lesson)
    user_id = peer.must_actor().user_id
    commands.draw_stroke(lesson_id, user_id, drawn.activity, drawn.uuid, _pen(drawn.pen), drawn.points)
    return {}


@event("ink_live", Drawn, needs=LEAD_LESSON, target="lesson")
def show_live(peer: Peer, drawn: Drawn) -> Mapping[str, object]:
    """Show a stroke that is being drawn to projectors and to devices that look; nothing is stored, it comes whole."""
    lesson_id, pen = led_lesson(peer, drawn.lesson), _pen(drawn.pen)
    check_stroke(drawn.points, LARGEST)
    screens, devices = screens_room(lesson_id), inked_room(lesson_id)
    if _is_due(screens, LIVE_EVERY):
        live = {"activity": drawn.activity, "uuid": drawn.uuid, "pen": pen.value, "points": drawn.points}
        emit(screens, "ink_live", live)
    if _is_due(devices, DEVICES_EVERY):
        emit(devices, "ink_live", {"stroke": growing_for_devices(drawn.activity, pen, drawn.points)})
    return {}


def _is_due(to: Room, every: float) -> bool:
    """Say whether somebody is there to be shown the next picture of a stroke, and it is time for it."""
    now = time.monotonic()
    if now - _shown_at.get(to, 0.0) < every or is_empty(to):
        return False
    if len(_shown_at) > MOST_KNOWN:
        _shown_at.clear()
    _shown_at[to] = now
    return True


@dataclass(frozen=True, slots=True)
class Undone:
    """A stroke to take back."""

    lesson: Id
    uuid: Uuid


@event("ink_undo", Undone, needs=LEAD_LESSON, target="lesson")
def undo(peer: Peer, undone: Undone) -> Mapping[str, object]:
    """Take a stroke back."""
    commands.undo_stroke(led_lesson(peer, undone.lesson), undone.uuid)
    return {}


@dataclass(frozen=True, slots=True)
class Cleared:
    """A slide to clear of all that was on it when `last` was its last stroke."""

    lesson: Id
    activity: Id
    last: Uuid


@event("ink_clear", Cleared, needs=LEAD_LESSON, target="lesson")
def clear(peer: Peer, cleared: Cleared) -> Mapping[str, object]:
    """Clear a slide."""
    commands.clear_slide(led_lesson(peer, cleared.lesson), cleared.activity, cleared.last)
    return {}


# --- on devices ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Looked:
    """A slide that a device shows, or shows no longer."""

    activity: Id
    on: bool


@event("slide_ink", Looked, needs=SEAT_DOOR)
def look(peer: Peer, looked: Looked) -> Mapping[str, object]:
    """Give a pupil's device the ink over a slide, and what comes and goes from now on."""
    return _ink(peer, seat_of(peer).lesson_id, looked)


@event("guest_slide_ink", Looked, needs=GUEST_DOOR)
def look_as_guest(peer: Peer, looked: Looked) -> Mapping[str, object]:
    """Give a guest's device the ink over a slide, and what comes and goes from now on."""
    return _ink(peer, guest_at(peer).lesson_id, looked)


def _ink(peer: Peer, lesson_id: int, looked: Looked) -> Mapping[str, object]:
    if not looked.on:
        peer.leave(inked_room(lesson_id))
        return {}
    session = db.session()
    slide = session.get(Activity, looked.activity)
    if slide is None or slide.lesson_id != lesson_id or slide.kind != Kind.SLIDE or slide.shown_seq == 0:
        raise NotFoundError
    watch(session, lesson_id)
    peer.enter(inked_room(lesson_id))
    return {"seq": session.get_one(Lesson, lesson_id).seq, "ink": ink_for_devices(session, slide.id)}
