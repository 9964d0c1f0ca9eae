"""Events of activities, sent by those who lead the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import db
from app.errors import NotFoundError
from app.payload import Range, Size
from app.realtime import Peer, event
from classroom.activities import commands
from classroom.activities.commands.moving import move_activity as move
from classroom.activities.rules import Move, choice
from classroom.activities.rules.content import (
    LONGEST_EXPLANATION,
    LONGEST_OPTION,
    LONGEST_QUESTION,
    LONGEST_TEXT,
    MOST_OPTIONS,
)
from classroom.activities.rules.kinds import ready_made
from classroom.activities.rules.reading import must_read
from classroom.activities.rules.writing import written
from classroom.lessons.events import Id, OneLesson, led_lesson
from classroom.lessons.queries import questions_asked_by
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping

OpId = Annotated[str, Size(8, 36)]
Letters = Annotated[tuple[Annotated[str, Size(1, 1)], ...], Size(0, MOST_OPTIONS)]
LONGEST_TIMER = 3600
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question with letters to prepare. Without a text it is the quick "A B C D", whose options are just letters."""

    lesson: Id
    op_id: OpId
    question: Annotated[str, Size(0, LONGEST_QUESTION)]
    options: Annotated[tuple[Annotated[str, Size(0, LONGEST_OPTION)], ...], Size(0, MOST_OPTIONS)]
    solution: Letters = ()
    several: bool = False
    explanation: Annotated[str, Size(0, LONGEST_EXPLANATION)] = ""


@event("activity_add", NewQuestion, needs=LEAD_LESSON, target="lesson")
def add_question(peer: Peer, new: NewQuestion) -> Mapping[str, object]:
    """Prepare a question; it is not shown yet."""
    content = choice(
        new.question, new.options, new.solution, several=new.several, explanation=new.explanation
    )
    return {"activity": commands.add_question(led_lesson(peer, new.lesson), new.op_id, content)}


@dataclass(frozen=True, slots=True)
class QuickActivity:
    """An activity without preparation: its kind is enough."""

    lesson: Id
    op_id: OpId
    kind: Annotated[str, Size(1, 16)]


@event("activity_quick", QuickActivity, needs=LEAD_LESSON, target="lesson")
def add_quick(peer: Peer, wanted: QuickActivity) -> Mapping[str, object]:
    """Prepare a ready-made activity, and open it: one tap is all it takes."""
    content = ready_made(wanted.kind)
    lesson_id = led_lesson(peer, wanted.lesson)
    made = commands.add_question(lesson_id, wanted.op_id, content)
    move(lesson_id, made, Move.OPEN)
    return {"activity": made}


@dataclass(frozen=True, slots=True)
class PastedQuestions:
    """Questions as they were typed or pasted, line by line."""

    lesson: Id
    op_id: OpId
    lines: Annotated[tuple[Annotated[str, Size(0, LONGEST_QUESTION)], ...], Size(1, MOST_LINES)]


@event("activity_paste", PastedQuestions, needs=LEAD_LESSON, target="lesson")
def add_pasted(peer: Peer, pasted: PastedQuestions) -> Mapping[str, object]:
    """Prepare every question of a text; none at all when one of them cannot be read."""
    contents = must_read("\n".join(pasted.lines))
    asked = [(f"{pasted.op_id[:32]}:{number}", content) for number, content in enumerate(contents, 1)]
    return {"activities": commands.add_questions(led_lesson(peer, pasted.lesson), asked)}


@dataclass(frozen=True, slots=True)
class MoveActivity:
    """A move of one activity; `seconds` is a timer for opening."""

    lesson: Id
    activity: Id
    move: Annotated[str, Size(1, 16)]
    seconds: Annotated[int, Range(5, LONGEST_TIMER)] | None = None


@event("activity_move", MoveActivity, needs=LEAD_LESSON, target="lesson")
def move_activity(peer: Peer, wanted: MoveActivity) -> Mapping[str, object]:
    """Read out, open, pause, resume, close, discuss or reveal."""
    if wanted.move not in set(Move):
        raise NotFoundError
    lesson_id = led_lesson(peer, wanted.lesson)
    phase = move(lesson_id, wanted.activity, Move(wanted.move), wanted.seconds)
    return {"phase": phase.value}


@dataclass(frozen=True, slots=True)
class QuickSolution:
    """What is right in a quick question."""

    lesson: Id
    activity: Id
    solution: Letters


@event("activity_solve", QuickSolution, needs=LEAD_LESSON, target="lesson")
def solve_quick(peer: Peer, wanted: QuickSolution) -> Mapping[str, object]:
    """Say what is right in a quick question."""
    commands.solve_quick(led_lesson(peer, wanted.lesson), wanted.activity, wanted.solution)
    return {}


@dataclass(frozen=True, slots=True)
class Moderated:
    """One text of an open question or word cloud, put on the activity's list or taken off."""

    lesson: Id
    activity: Id
    text: Annotated[str, Size(1, LONGEST_TEXT)]
    listed: bool


@event("activity_moderate", Moderated, needs=LEAD_LESSON, target="lesson")
def moderate(peer: Peer, wanted: Moderated) -> Mapping[str, object]:
    """Let an open text through to the projector, or take a phrase out of the cloud."""
    commands.moderate(led_lesson(peer, wanted.lesson), wanted.activity, wanted.text, listed=wanted.listed)
    return {}


@event("question_history", OneLesson, needs=LEAD_LESSON, target="lesson")
def question_history(peer: Peer, wanted: OneLesson) -> Mapping[str, object]:
    """List the teacher's own earlier questions as text, to ask one again or change it first."""
    led_lesson(peer, wanted.lesson)
    asked = questions_asked_by(db.session(), peer.must_actor().user_id)
    return {"questions": [{"question": item.question, "text": written([item])} for item in asked]}
