"""Writes of activities: prepare one, move it from phase to phase."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from sqlalchemy import func, select

from app import clock, facts
from app.errors import ConflictError, NotFoundError
from app.i18n import say
from app.writer import write
from classroom.activities import queries
from classroom.activities.models import Activity
from classroom.activities.rules import ASKING, Content, Kind, Move, Phase, checked, is_right, moved
from classroom.answers.queries import answer_key, answers_that_count, attempt_for_teacher, attempts_at
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.lessons.rules import LessonState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from classroom.activities.rules import Answer
    from classroom.lessons.models import Lesson


@dataclass(frozen=True)
class ActivityClosed(facts.Fact):
    """A question was closed: how many answered in time, and how many of them were right (None: nothing is right)."""

    fact_name: ClassVar[str] = "ActivityClosed"
    lesson_id: int
    activity_id: int
    class_id: int
    school_id: int
    day: date
    round: int
    answers: int
    right: int | None
    at: datetime


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


def move_activity(lesson_id: int, activity_id: int, move: Move, seconds: int | None = None) -> Phase:
    """Move an activity (read, open, pause, close …) and return its phase; a repeated tap changes nothing.

    What else is open is closed first: one question at a time. Raises NotFoundError for an activity of another lesson
    and ConflictError when the move does not fit.
    """

    def make_move(session: Session) -> Phase:
        lesson = locked_lesson(session, lesson_id)
        activity = _activity(session, lesson, activity_id)
        now = clock.now()
        changed = close_open(session, lesson, now, but=activity)
        changed += _moved(session, lesson, activity, move, seconds, now)
        if changed:
            _tell_moved(session, lesson, activity, changed, now)
        return Phase(activity.phase)

    return write(make_move)


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
    """Put a text on the activity's list or take it off: an open text let through, a phrase taken out of the cloud."""

    def change(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        activity = _activity(session, lesson, activity_id)
        if activity.kind not in {Kind.TEXT, Kind.WORDS}:
            raise NotFoundError
        known = queries.moderation_of(activity)
        after = known | {text} if listed else known - {text}
        if after == known:
            return
        activity.moderation = orjson.dumps(sorted(after)).decode()
        patch = {"activities": {str(activity.id): {"moderation": sorted(after)}}}
        tell(session, lesson, Happened.MODERATED, patch, clock.now())

    write(change)


def close_open(
    session: Session, lesson: Lesson, now: datetime, but: Activity | None = None
) -> list[Activity]:
    """Close the activity on stage if it asks (and is not `but`), in a running transaction; return what changed."""
    current = queries.current_activity(session, lesson.id)
    if current is None or current is but or current.phase not in ASKING:
        return []
    return _moved(session, lesson, current, Move.CLOSE, None, now)


def _moved(
    session: Session, lesson: Lesson, activity: Activity, move: Move, seconds: int | None, now: datetime
) -> list[Activity]:
    before = queries.standing_of(activity)
    after = moved(before, move, now, seconds)
    if after == before:
        return []
    activity.phase, activity.round = after.phase, after.round
    activity.opened_at, activity.closes_at = after.opened_at, after.closes_at
    activity.closed_at, activity.revealed_at = after.closed_at, after.revealed_at
    activity.paused_at = after.paused_at
    if after.phase is Phase.CLOSED:
        session.flush()
        facts.record(session, _closed(session, lesson, activity, now))
    return [activity]


def _tell_moved(
    session: Session, lesson: Lesson, stage: Activity, changed: list[Activity], now: datetime
) -> None:
    stage.shown_seq = lesson.seq + 1
    patch: dict[str, Any] = {
        "activities": {str(activity.id): queries.for_teacher(activity) for activity in changed},
        "current": stage.id,
    }
    if lesson.state == LessonState.LOBBY:
        lesson.state = LessonState.RUNNING
        patch["lesson"] = {"state": lesson.state}
    tell(session, lesson, Happened.MOVED, patch, now)


def _closed(session: Session, lesson: Lesson, activity: Activity, now: datetime) -> ActivityClosed:
    content = queries.content_of(activity.content)
    given = answers_that_count(session, activity.id, activity.round)
    return ActivityClosed(
        lesson_id=lesson.id,
        activity_id=activity.id,
        class_id=lesson.class_id,
        school_id=lesson.school_id,
        day=lesson.held_on,
        round=activity.round,
        answers=len(given),
        right=sum(bool(is_right(content, answer)) for answer in given) if content.solution else None,
        at=now,
    )
