"""The event of the class's goal, sent by those who lead the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app.errors import NotFoundError
from app.payload import Range, Size
from app.realtime import Peer, event
from classroom.goals import commands
from classroom.goals.rules import MOST, GoalKind
from classroom.lessons.events import Id, led_lesson
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class GoalWanted:
    """What the class is to count together, and to how many; an empty kind for no goal."""

    lesson: Id
    kind: Annotated[str, Size(0, 8)]
    count: Annotated[int, Range(0, MOST)]


@event("goal_set", GoalWanted, needs=LEAD_LESSON, target="lesson")
def set_goal(peer: Peer, wanted: GoalWanted) -> Mapping[str, object]:
    """Give the class a goal, or none any more."""
    lesson_id = led_lesson(peer, wanted.lesson)
    if wanted.kind not in set(GoalKind):
        raise NotFoundError
    commands.set_goal(lesson_id, GoalKind(wanted.kind), wanted.count)
    return {}
