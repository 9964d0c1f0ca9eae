"""Events of activities, sent by those who lead the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import db
from app.errors import NotFoundError
from app.payload import Range, Size
from app.realtime import Peer, event
from classroom.activities import commands
from classroom.activities.rules import (
    LONGEST_OPTION,
    LONGEST_QUESTION,
    MOST_OPTIONS,
    Move,
    choice,
    shown_question,
    shown_solution,
)
from classroom.lessons.events import Id, OneLesson, led_lesson
from classroom.lessons.queries import questions_asked_by
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping

OpId = Annotated[str, Size(8, 36)]
Letters = Annotated[tuple[Annotated[str, Size(1, 1)], ...], Size(0, MOST_OPTIONS)]
LONGEST_TIMER = 3600


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to prepare. Without a text it is the quick "A B C D": the options are then just letters."""

    lesson: Id
    op_id: OpId
    question: Annotated[str, Size(0, LONGEST_QUESTION)]
    options: Annotated[tuple[Annotated[str, Size(0, LONGEST_OPTION)], ...], Size(0, MOST_OPTIONS)]
    solution: Letters = ()
    several: bool = False
    explanation: Annotated[str, Size(0, LONGEST_QUESTION)] = ""


@event("activity_add", NewQuestion, needs=LEAD_LESSON, target="lesson")
def add_question(peer: Peer, new: NewQuestion) -> Mapping[str, object]:
    """Prepare a question; it is not shown yet."""
    content = choice(
        new.question, new.options, new.solution, several=new.several, explanation=new.explanation
    )
    return {"activity": commands.add_question(led_lesson(peer, new.lesson), new.op_id, content)}


@dataclass(frozen=True, slots=True)
class MoveActivity:
    """A move of one activity; `seconds` is a timer for opening."""

    lesson: Id
    activity: Id
    move: Annotated[str, Size(1, 16)]
    seconds: Annotated[int, Range(5, LONGEST_TIMER)] | None = None


@event("activity_move", MoveActivity, needs=LEAD_LESSON, target="lesson")
def move_activity(peer: Peer, wanted: MoveActivity) -> Mapping[str, object]:
    """Read out, open, close, discuss or reveal."""
    if wanted.move not in set(Move):
        raise NotFoundError
    lesson_id = led_lesson(peer, wanted.lesson)
    phase = commands.move_activity(lesson_id, wanted.activity, Move(wanted.move), wanted.seconds)
    return {"phase": phase.value}


@event("question_history", OneLesson, needs=LEAD_LESSON, target="lesson")
def question_history(peer: Peer, wanted: OneLesson) -> Mapping[str, object]:
    """List the teacher's own earlier questions, to ask one again."""
    led_lesson(peer, wanted.lesson)
    asked = questions_asked_by(db.session(), peer.must_actor().user_id)
    return {"questions": [{**shown_question(item), **shown_solution(item)} for item in asked]}
