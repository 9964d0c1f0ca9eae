"""Writes of activities: prepare one, say what is right, moderate; `moving` moves one from phase to phase."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import func, select

from app import clock
from app.errors import ConflictError, NotFoundError
from app.i18n import say
from app.writer import write
from classroom.activities import queries
from classroom.activities.models import Activity
from classroom.activities.rules import Content, Kind, Phase, checked
from classroom.answers.queries import answer_key, attempt_for_teacher, attempts_at
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from classroom.activities.rules import Answer
    from classroom.lessons.models import Lesson


def add_question(lesson_id: int, op_id: str, content: Content) -> int:
    """Prepare a question and return its id; the same `op_id` again returns the question that it made."""
    (made,) = add_questions(lesson_id, [(op_id, content)])
    return made


def add_questions(lesson_id: int, asked: Sequence[tuple[str, Content]]) -> list[int]:
    """Prepare questions in their order, each with its own op id, and return their ids."""

    def add(session: Session) -> list[int]:
        lesson = locked_lesson(session, lesson_id)
        return [prepared(session, lesson, op_id, content) for op_id, content in asked]

    return write(add)


def prepared(session: Session, lesson: Lesson, op_id: str, content: Content) -> int:
    """Prepare a question of a lesson whose row is locked, in a running transaction; return its id."""
    made = session.scalar(select(Activity.id).where(Activity.lesson_id == lesson.id, Activity.op_id == op_id))
    if made is not None:
        return made
    last = session.scalar(select(func.max(Activity.position)).where(Activity.lesson_id == lesson.id))
    activity = Activity(
        lesson_id=lesson.id,
        op_id=op_id,
        position=(last or 0) + 1,
        kind=content.kind,
        content=queries.stored_content(content),
        phase=Phase.PREPARED,
        round=1,
        shown_seq=0,
    )
    session.add(activity)
    session.flush()
    patch = {"activities": {str(activity.id): queries.for_teacher(activity)}}
    tell(session, lesson, Happened.PREPARED, patch, clock.now())
    return activity.id


def _activity(session: Session, lesson: Lesson, activity_id: int) -> Activity:
    activity = session.get(Activity, activity_id)
    if activity is None or activity.lesson_id != lesson.id:
        raise NotFoundError
    return activity


def solve_quick(lesson_id: int, activity_id: int, solution: Answer) -> None:
    """Say afterwards what is right in a quick question, until it is revealed; answers are marked by it at once.

    Raises ConflictError for a question of another kind, whose content is frozen, and after the reveal.
    """

    def solve(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        activity = _activity(session, lesson, activity_id)
        if activity.kind != Kind.QUICK or activity.phase == Phase.REVEALED:
            raise ConflictError(say("Chỉ câu hỏi nhanh chưa hiện đáp án mới chọn được đáp án."))
        content = checked(replace(queries.content_of(activity.content), solution=solution))
        activity.content = queries.stored_content(content)
        marked = {
            answer_key(row.activity_id, row.round, row.pupil_id): attempt_for_teacher(row, content)
            for row in attempts_at(session, activity.id)
        }
        patch = {"activities": {str(activity.id): queries.for_teacher(activity)}, "answers": marked}
        tell(session, lesson, Happened.MODERATED, patch, clock.now())

    write(solve)


def moderate(lesson_id: int, activity_id: int, text: str, *, listed: bool) -> None:
    """Put a text on the activity's list or take it off: an open text or a drawing let through, a phrase taken out.

    A drawing goes by its key (`rules.sketching.drawing_key`).
    """

    def change(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        activity = _activity(session, lesson, activity_id)
        if activity.kind not in {Kind.TEXT, Kind.WORDS, Kind.DRAWING}:
            raise NotFoundError
        known = queries.moderation_of(activity)
        after = known | {text} if listed else known - {text}
        if after == known:
            return
        activity.moderation = orjson.dumps(sorted(after)).decode()
        patch = {"activities": {str(activity.id): {"moderation": sorted(after)}}}
        tell(session, lesson, Happened.MODERATED, patch, clock.now())

    write(change)
