"""Writes of activities: prepare one, move it from phase to phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import func, select

from app import clock, facts
from app.errors import NotFoundError
from app.writer import write
from classroom.activities import queries
from classroom.activities.models import Activity
from classroom.activities.rules import Choice, Kind, Move, Phase, moved
from classroom.answers.queries import answers_that_count
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.lessons.rules import LessonState

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

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


def add_question(lesson_id: int, op_id: str, content: Choice) -> int:
    """Prepare a question and return its id; the same `op_id` again returns the question that it made."""

    def add(session: Session) -> int:
        lesson = locked_lesson(session, lesson_id)
        made = session.scalar(
            select(Activity.id).where(Activity.lesson_id == lesson.id, Activity.op_id == op_id)
        )
        if made is not None:
            return made
        last = session.scalar(select(func.max(Activity.position)).where(Activity.lesson_id == lesson.id))
        activity = Activity(
            lesson_id=lesson.id,
            op_id=op_id,
            position=(last or 0) + 1,
            kind=Kind.CHOICE,
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

    return write(add)


def move_activity(lesson_id: int, activity_id: int, move: Move, seconds: int | None = None) -> Phase:
    """Move an activity (read, open, close, discuss, reveal) and return its phase; a repeated tap changes nothing.

    What else is open is closed first: one question at a time. Raises NotFoundError for an activity of another lesson
    and ConflictError when the move does not fit.
    """

    def make_move(session: Session) -> Phase:
        lesson = locked_lesson(session, lesson_id)
        activity = session.get(Activity, activity_id)
        if activity is None or activity.lesson_id != lesson.id:
            raise NotFoundError
        now = clock.now()
        changed = close_open(session, lesson, now, but=activity)
        changed += _moved(session, lesson, activity, move, seconds, now)
        if changed:
            _tell_moved(session, lesson, activity, changed, now)
        return Phase(activity.phase)

    return write(make_move)


def close_open(
    session: Session, lesson: Lesson, now: datetime, but: Activity | None = None
) -> list[Activity]:
    """Close the activity on stage if it is open (and is not `but`), in a running transaction; return what changed."""
    current = queries.current_activity(session, lesson.id)
    if current is None or current is but or current.phase != Phase.OPEN:
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
        right=sum(answer == content.solution for answer in given) if content.solution else None,
        at=now,
    )
