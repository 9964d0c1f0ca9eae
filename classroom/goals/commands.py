"""Writes of the class's goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import clock
from app.errors import InvalidError
from app.i18n import say
from app.writer import write
from classroom.goals.queries import goal_of
from classroom.goals.rules import FEWEST, MOST, GoalKind
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def set_goal(lesson_id: int, kind: GoalKind, count: int) -> None:
    """Give a lesson's class a goal, another one, or (NONE) none any more; what is set already changes nothing.

    Raises InvalidError for a goal that does not count to between FEWEST and MOST.
    """
    wanted = 0 if kind is GoalKind.NONE else count
    if kind is not GoalKind.NONE and not FEWEST <= count <= MOST:
        message = say("Mục tiêu là một số từ %(least)s đến %(most)s.", least=FEWEST, most=MOST)
        raise InvalidError(message, {"count": message})

    def set_it(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        if (lesson.goal_kind, lesson.goal_count) == (kind.value, wanted):
            return
        lesson.goal_kind, lesson.goal_count = kind.value, wanted
        tell(session, lesson, Happened.GOAL, {"goal": goal_of(lesson)}, clock.now())

    write(set_it)
