"""Events of groups, sent by those who lead the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import db, realtime
from app.errors import NotFoundError
from app.payload import Range, Size
from app.realtime import Peer, event
from classroom.groups import commands
from classroom.groups.rules import LARGEST, SMALLEST, How, Wish
from classroom.ledger.events import pupil_room
from classroom.lessons.events import Id, led_lesson
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class GroupsWanted:
    """By what to divide the class, and how many pupils there are to be in a group."""

    lesson: Id
    op_id: Annotated[str, Size(8, 36)]
    how: Annotated[str, Size(1, 8)]
    size: Annotated[int, Range(SMALLEST, LARGEST)]


@event("groups_make", GroupsWanted, needs=LEAD_LESSON, target="lesson")
def make_groups(peer: Peer, wanted: GroupsWanted) -> Mapping[str, object]:
    """Divide the class; where groups are shown each pupil's device is told its own."""
    lesson_id = led_lesson(peer, wanted.lesson)
    if wanted.how not in set(How):
        raise NotFoundError
    groups = commands.make_groups(lesson_id, wanted.op_id, Wish(How(wanted.how), wanted.size))
    if db.session().get_one(Lesson, lesson_id).shows_groups:
        for number, group in enumerate(groups, 1):
            for pupil_id in group:
                realtime.emit(pupil_room(lesson_id, pupil_id), "group", {"group": number})
    return {"groups": len(groups)}


@dataclass(frozen=True, slots=True)
class TwoPupils:
    """Two pupils, and whether they are kept apart."""

    lesson: Id
    one: Id
    other: Id
    apart: bool


@event("groups_apart", TwoPupils, needs=LEAD_LESSON, target="lesson")
def keep_apart(peer: Peer, wanted: TwoPupils) -> Mapping[str, object]:
    """Have two pupils kept apart, or no longer."""
    commands.keep_apart(led_lesson(peer, wanted.lesson), wanted.one, wanted.other, apart=wanted.apart)
    return {}
