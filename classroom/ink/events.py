"""Events of ink, sent by those who lead the lesson; the stroke under the pen is shown before it is stored."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from app.errors import NotFoundError
from app.payload import Size
from app.realtime import Peer, emit, event, is_empty
from classroom.ink import commands
from classroom.ink.rules import LONGEST_STROKE, Pen
from classroom.ledger.events import screens_room
from classroom.lessons.events import Id, led_lesson
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping

LIVE_EVERY: Final = 0.1
"""Seconds between two pictures of a stroke that is being drawn: ten a second, whatever a screen sends."""
MOST_KNOWN: Final = 2_000
Uuid = Annotated[str, Size(8, 36)]
_shown_at: dict[int, float] = {}


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
    """Show the projectors a stroke that is being drawn; nothing is stored, the whole stroke comes after it."""
    lesson_id, pen = led_lesson(peer, drawn.lesson), _pen(drawn.pen)
    now, screens = time.monotonic(), screens_room(lesson_id)
    if now - _shown_at.get(lesson_id, 0.0) < LIVE_EVERY or is_empty(screens):
        return {}
    if len(_shown_at) > MOST_KNOWN:
        _shown_at.clear()
    _shown_at[lesson_id] = now
    live = {"activity": drawn.activity, "uuid": drawn.uuid, "pen": pen.value, "points": drawn.points}
    emit(screens, "ink_live", live)
    return {}


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
