"""Moving activities from phase to phase: the moves of many lessons at once, in as few statements as those of one.

Forty teachers who ask when the bell has rung share a transaction, and their classes wait for its end. So nothing here
goes through the mapper: a row stays a row, and what changed is written by its id.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import and_, func, or_, select, update

from app import clock, db, doorbell, facts
from app.bulk import among, insert_rows, instant_text, is_among, is_sqlite, update_rows
from app.errors import BangXanhError, ConflictError, NotFoundError
from app.i18n import say
from app.prepared import Prepared
from app.writer import write_in_bulk
from classroom.activities import queries
from classroom.activities.models import Activity
from classroom.activities.rules import ASKING, Answer, Kind, Move, Phase, Standing, is_right, moved
from classroom.answers.models import Attempt
from classroom.answers.queries import answer_of, answers_that_count
from classroom.ledger.commands import BELL
from classroom.ledger.models import LessonEvent
from classroom.ledger.rules import Happened, to_json
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.prepared import Found

_lesson, _activity, _attempt = Lesson.__table__.c, Activity.__table__.c, Attempt.__table__.c
_shown = Activity.__table__.alias()
_STANDING: Final = ("phase", "round", "opened_at", "closes_at", "closed_at", "revealed_at", "paused_at")
_MOVED: Final = ("shown_seq", *_STANDING)


@Prepared
def _lock(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of six columns
    chosen = select(
        _lesson.id, _lesson.state, _lesson.seq, _lesson.school_id, _lesson.class_id, _lesson.held_on
    )
    of_these = is_among(_lesson.id, "lessons", for_sqlite=for_sqlite)
    return chosen.where(of_these).order_by(_lesson.id).with_for_update()


@Prepared
def _concerned(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of whole activities
    last_shown = (
        select(_shown.c.lesson_id, func.max(_shown.c.shown_seq).label("shown_seq"))
        .where(is_among(_shown.c.lesson_id, "lessons", for_sqlite=for_sqlite))
        .group_by(_shown.c.lesson_id)
        .subquery()
    )
    return (
        select(Activity.__table__)
        .join(last_shown, _activity.lesson_id == last_shown.c.lesson_id)
        .where(
            or_(
                is_among(_activity.id, "asked", for_sqlite=for_sqlite),
                and_(_activity.shown_seq > 0, _activity.shown_seq == last_shown.c.shown_seq),
            )
        )
    )


@Prepared
def _given(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of three columns
    chosen = select(_attempt.activity_id, _attempt.round, _attempt.answer)
    return chosen.where(
        is_among(_attempt.activity_id, "closed", for_sqlite=for_sqlite), _attempt.is_late.is_(False)
    )


@Prepared
def _go_on(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - an update
    table: Any = Lesson.__table__
    chosen = update(table).where(is_among(_lesson.id, "lessons", for_sqlite=for_sqlite))
    return chosen.values(seq=_lesson.seq + 1, state=LessonState.RUNNING.value)


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


@dataclass(frozen=True, slots=True)
class _Wish:
    lesson_id: int
    activity_id: int
    move: Move
    seconds: int | None


@dataclass(slots=True)
class _Change:
    """What one wish changed: its lesson as it was, the activity that is on stage now, and all that moved."""

    lesson: Found
    stage: Found
    changed: list[Found]
    is_on_stage: bool

    @property
    def just_closed(self) -> list[Found]:
        return [activity for activity in self.changed if activity.phase == Phase.CLOSED]


def move_activity(lesson_id: int, activity_id: int, move: Move, seconds: int | None = None) -> Phase:
    """Move an activity (read, open, pause, close …) and return its phase; a repeated tap changes nothing.

    What else is open is closed first: one question at a time. Raises NotFoundError for an activity of another lesson
    and ConflictError when the move does not fit.
    """
    return write_in_bulk(_move_all, _Wish(lesson_id, activity_id, move, seconds))


def _move_all(session: Session, wishes: Sequence[_Wish]) -> Sequence[Phase | BangXanhError]:
    """Fulfil the wishes; two of one lesson one after the other."""
    results: dict[int, Phase | BangXanhError] = {}
    waiting = list(range(len(wishes)))
    while waiting:
        turn = {wishes[place].lesson_id: place for place in reversed(waiting)}
        results |= _move_turn(session, {place: wishes[place] for place in sorted(turn.values())})
        waiting = [place for place in waiting if place not in results]
    return [results[place] for place in range(len(wishes))]


def _move_turn(session: Session, wishes: Mapping[int, _Wish]) -> dict[int, Phase | BangXanhError]:
    now, lesson_ids = clock.now(), [wish.lesson_id for wish in wishes.values()]
    lessons: dict[int, Any] = {row.id: row for row in _lock.rows(session, {"lessons": among(lesson_ids)})}
    asked = {"lessons": among(lesson_ids), "asked": among(wish.activity_id for wish in wishes.values())}
    concerned: dict[int, Found] = {row.id: row for row in _concerned.rows(session, asked)}
    results: dict[int, Phase | BangXanhError] = {}
    changes = []
    for place, wish in wishes.items():
        try:
            change = _fulfilled(wish, lessons.get(wish.lesson_id), concerned, now)
        except BangXanhError as error:
            results[place] = error
            continue
        results[place] = Phase(change.stage.phase)
        if change.changed or not change.is_on_stage:
            changes.append(change)
    _write(session, changes, now)
    return results


def _fulfilled(wish: _Wish, lesson: Found | None, concerned: dict[int, Found], now: datetime) -> _Change:
    activity = concerned.get(wish.activity_id)
    if lesson is None or activity is None or activity.lesson_id != lesson.id:
        raise NotFoundError
    if lesson.state == LessonState.ENDED:
        raise ConflictError(say("Tiết học đã kết thúc."), {"state": lesson.state})
    _refuse_asking_a_slide(activity, wish.move)
    after = {activity.id: moved(queries.standing_of(activity), wish.move, now, wish.seconds)}
    for other in concerned.values():
        if other.lesson_id == lesson.id and other is not activity and other.phase in ASKING:
            after[other.id] = moved(queries.standing_of(other), Move.CLOSE, now)
    moving = [key for key in reversed(after) if after[key] != queries.standing_of(concerned[key])]
    for key in moving:
        concerned[key] = _standing(concerned[key], after[key])
    shown = max(one.shown_seq for one in concerned.values() if one.lesson_id == lesson.id)
    # Only SHOW brings back what stands as it stood; any other move that changes nothing is a repeated tap.
    is_on_stage = wish.move is not Move.SHOW or 0 < activity.shown_seq == shown
    return _Change(lesson, concerned[wish.activity_id], [concerned[key] for key in moving], is_on_stage)


def _refuse_asking_a_slide(activity: Found, move: Move) -> None:
    if activity.kind == Kind.SLIDE and move not in {Move.READ, Move.SHOW}:
        raise ConflictError(say("Trang chiếu chỉ để xem, không có câu trả lời."), {"phase": activity.phase})


def _standing(row: Any, after: Standing) -> Found:  # noqa: ANN401 - a named tuple
    """Return an activity's row with another standing."""
    found: Found = row._replace(**{name: getattr(after, name) for name in _STANDING})
    return found


def _write(session: Session, changes: Sequence[_Change], now: datetime) -> None:
    if not changes:
        return
    for_sqlite = is_sqlite(session)
    _go_on.run(session, {"lessons": among(change.lesson.id for change in changes)})
    moved_rows = [
        _as_written(activity, shown_seq, for_sqlite=for_sqlite)
        for change in changes
        for activity, shown_seq in _touched(change)
    ]
    update_rows(session, Activity, moved_rows, ("id", *_MOVED), ("id",))
    at = instant_text(now, for_sqlite=for_sqlite)
    rows: list[list[object]] = [
        [change.lesson.id, change.lesson.seq + 1, Happened.MOVED.value, to_json(_patch(change)), at]
        for change in changes
    ]
    insert_rows(session, LessonEvent, rows, ("lesson_id", "seq", "kind", "content", "at"))
    facts.record_all(session, _closed(session, changes, now))
    for change in changes:
        db.after_commit(session, _ring(change.lesson.id))


def _touched(change: _Change) -> Iterable[tuple[Found, int]]:
    """Return what is written, each with its number: whoever comes on stage has the number of the lesson's event."""
    stage = change.stage
    return [
        *((activity, activity.shown_seq) for activity in change.changed if activity.id != stage.id),
        (stage, change.lesson.seq + 1),
    ]


def _as_written(activity: Found, shown_seq: int, *, for_sqlite: bool) -> list[object]:
    values = [getattr(activity, name) for name in _STANDING]
    told = [instant_text(one, for_sqlite=for_sqlite) if isinstance(one, datetime) else one for one in values]
    return [activity.id, shown_seq, *told]


def _patch(change: _Change) -> dict[str, Any]:
    patch: dict[str, Any] = {
        "activities": {str(activity.id): queries.for_teacher(activity) for activity in change.changed},
        "current": change.stage.id,
    }
    if change.lesson.state == LessonState.LOBBY:
        patch["lesson"] = {"state": LessonState.RUNNING.value}
    return patch


def _ring(lesson_id: int) -> Callable[[], None]:
    return lambda: doorbell.ring(BELL, lesson_id)


def _closed(session: Session, changes: Sequence[_Change], now: datetime) -> list[ActivityClosed]:
    closed = [activity.id for change in changes for activity in change.just_closed]
    given: dict[tuple[int, int], list[Answer]] = defaultdict(list)
    for row in _given.rows(session, {"closed": among(closed)}) if closed else ():
        given[row.activity_id, row.round].append(answer_of(row.answer))
    return [
        _closed_fact(change.lesson, activity, given[activity.id, activity.round], now)
        for change in changes
        for activity in change.just_closed
    ]


def _closed_fact(
    lesson: Lesson | Found, activity: Activity | Found, given: Sequence[Answer], now: datetime
) -> ActivityClosed:
    """Return what is told of a question that was closed with these answers, those that count."""
    content = queries.content_of(activity.content)
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


def close_open(session: Session, lesson: Lesson, now: datetime) -> list[Activity]:
    """Close the activity on stage if it asks, in a running transaction; return what changed."""
    current = queries.current_activity(session, lesson.id)
    if current is None or current.phase not in ASKING:
        return []
    after = moved(queries.standing_of(current), Move.CLOSE, now)
    for name in _STANDING:
        setattr(current, name, getattr(after, name))
    session.flush()
    given = answers_that_count(session, current.id, current.round)
    facts.record(session, _closed_fact(lesson, current, given, now))
    return [current]
