"""Events of those who lead a lesson; only its owner sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import db, realtime
from app.realtime import Peer, event
from classroom.lessons.events import Id, OneLesson, owned_lesson
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LEAD_LESSON
from classroom.team import commands
from classroom.team.queries import colleagues_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class OneTeacher:
    """An event about one colleague."""

    lesson: Id
    user: Id


@event("team_colleagues", OneLesson, needs=LEAD_LESSON, target="lesson")
def list_colleagues(peer: Peer, wanted: OneLesson) -> Mapping[str, object]:
    """List the colleagues of the school who could be added."""
    lesson = db.session().get_one(Lesson, owned_lesson(peer, wanted.lesson))
    return {"colleagues": colleagues_of(db.session(), lesson)}


@event("team_add", OneTeacher, needs=LEAD_LESSON, target="lesson")
def add_teacher(peer: Peer, wanted: OneTeacher) -> Mapping[str, object]:
    """Have a colleague lead the lesson too."""
    commands.add_teacher(peer.must_actor(), owned_lesson(peer, wanted.lesson), wanted.user)
    return {}


@event("team_remove", OneTeacher, needs=LEAD_LESSON, target="lesson")
def remove_teacher(peer: Peer, wanted: OneTeacher) -> Mapping[str, object]:
    """Take a colleague out, and close the sockets on which the lesson was led."""
    commands.remove_teacher(peer.must_actor(), owned_lesson(peer, wanted.lesson), wanted.user)
    realtime.drop_where(
        lambda other: (
            other.actor is not None
            and other.actor.user_id == wanted.user
            and (LEAD_LESSON, wanted.lesson) in other.allowed
        )
    )
    return {}


@event("team_hand_over", OneTeacher, needs=LEAD_LESSON, target="lesson")
def hand_over(peer: Peer, wanted: OneTeacher) -> Mapping[str, object]:
    """Make a colleague the owner of the lesson."""
    commands.hand_over(peer.must_actor(), owned_lesson(peer, wanted.lesson), wanted.user)
    return {}
