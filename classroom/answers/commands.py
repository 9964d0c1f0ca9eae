"""Storing answers: many at once, each exactly once, acknowledged after the commit.

`store_answer` is what a device's answer and a teacher's own entry come to, over the socket or over HTTP. The writer
gathers what arrives and calls `_store` with all of it; the phase of the activity, the device's seat and what was stored
before are read inside the storing transaction, with the lessons' rows locked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import Integer, String, and_, select, update

from app import clock, db, doorbell
from app.bulk import OverRows, among, insert_rows, inserting, instant_text, is_among, is_sqlite
from app.errors import BangXanhError, ConflictError, NotFoundError
from app.i18n import say
from app.prepared import Prepared
from app.writer import ask_in_bulk
from classroom.activities.models import Activity
from classroom.activities.queries import content_of
from classroom.activities.rules import Answer, Content, Phase, Standing, checked_answer
from classroom.answers.models import Attempt, AttemptChange
from classroom.answers.queries import answer_key, answer_of, judged_row, standing_row, stored_answer
from classroom.answers.rules import Kept, Source, Wish, is_late, placed
from classroom.ledger.commands import ANSWERS_BELL
from classroom.ledger.models import LessonEvent
from classroom.ledger.rules import Happened, to_json
from classroom.lessons.models import Lesson
from classroom.seats.models import Seat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Subquery
    from sqlalchemy.orm import Session
    from sqlalchemy.types import TypeEngine

    from app.writer import Pending

DEVICE_MARK: Final = 16
"""Characters of a device's hash that an answer keeps, to tell its device from another."""
_LOOKUP: Final[dict[str, TypeEngine[Any]]] = {
    "lesson_id": Integer(),
    "activity_id": Integer(),
    "round": Integer(),
    "pupil_id": Integer(),
    "uuid": String(),
}
_ATTEMPT: Final = (
    "lesson_id", "activity_id", "round", "pupil_id", "uuid", "answer", "source", "is_late", "version", "made", "device",
    "answered_at",
)  # fmt: skip
_KEY: Final = ("lesson_id", "pupil_id", "activity_id", "round")
_CHANGE: Final = (
    "activity_id", "pupil_id", "round", "uuid", "answer", "source", "is_late", "is_kept", "user_id", "arrived_at",
)  # fmt: skip
_new_changes: Final = inserting(AttemptChange, _CHANGE)
_new_attempts: Final = inserting(Attempt, _ATTEMPT, _KEY)
# On tables, not mapped classes: without the mapper's part a statement costs half, and these run for every group.
_lesson, _activity = Lesson.__table__.c, Activity.__table__.c


@Prepared
def _lock_lessons(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of nothing but the lock
    chosen = select(_lesson.id).where(is_among(_lesson.id, "ids", for_sqlite=for_sqlite))
    return chosen.order_by(_lesson.id).with_for_update()


@Prepared
def _asked(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of ten columns
    return select(
        _activity.id, _activity.lesson_id, _activity.content, _activity.phase, _activity.round,
        _activity.opened_at, _activity.closes_at, _activity.closed_at, _activity.revealed_at, _activity.paused_at,
    ).where(is_among(_activity.id, "ids", for_sqlite=for_sqlite))  # fmt: skip


@Prepared
def _number(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - an update that returns two columns
    table: Any = Lesson.__table__
    chosen = update(table).where(is_among(_lesson.id, "ids", for_sqlite=for_sqlite))
    return chosen.values(seq=_lesson.seq + 1).returning(_lesson.id, _lesson.seq)


class AnswerGiven(NamedTuple):
    """An answer on its way: for whom, to what, and by whom. `device_hash` proves the seat; a teacher has none."""

    lesson_id: int
    activity_id: int
    pupil_id: int
    wish: Wish
    source: Source
    device_hash: str | None = None
    user_id: int | None = None


class AnswerStored(NamedTuple):
    """That an answer is stored, and which answer stands for the pupil now (another one if this came late)."""

    activity_id: int
    round: int
    stands: Kept
    is_late: bool


def store_answer(given: AnswerGiven) -> AnswerStored:
    """Store an answer and return which one stands; the same uuid again stores nothing and returns the same.

    Raises NotFoundError for an activity of another lesson, ConflictError when another device has taken the seat,
    InvalidError when the round has not begun or the answer is none of this question's.
    """
    return begin_to_store(given).get()


def begin_to_store(given: AnswerGiven) -> Pending[AnswerStored]:
    """Have an answer stored like `store_answer`, and return at once: nobody has to wait in a greenlet."""
    return ask_in_bulk(_store, given)


@dataclass(slots=True)
class _Asked:
    """An activity as the transaction found it."""

    lesson_id: int
    standing: Standing
    content: Content


class _Known(NamedTuple):
    """What was stored before for one answer's pupil: whose device holds the seat, the same uuid, what stands."""

    device_hash: str | None
    extra: int
    late_of_same: bool | None
    stands: Kept | None


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answer as its question's rules read it: its one written form, how it is stored, what is told the teacher."""

    answer: Answer
    stored: str
    told: dict[str, Any]


@dataclass(slots=True)
class _Batch:
    """What one transaction is going to write. `judged` is by activity and answer: a class gives few different ones."""

    for_sqlite: bool
    judged: dict[tuple[int, Answer], _Judged] = field(default_factory=dict)
    standing: dict[tuple[int, int, int], Kept] = field(default_factory=dict)
    seen: dict[tuple[int, int, str], bool] = field(default_factory=dict)
    changes: list[list[object]] = field(default_factory=list)
    attempts: dict[tuple[int, int, int], list[object]] = field(default_factory=dict)
    patches: dict[int, dict[str, Any]] = field(default_factory=dict)


def _store(session: Session, items: Sequence[AnswerGiven]) -> Sequence[AnswerStored | BangXanhError]:
    _lock(session, {item.lesson_id for item in items})
    asked = _activities(session, {item.activity_id for item in items})
    known = _known(session, items)
    batch = _Batch(is_sqlite(session))
    results = [_settled(item, asked, known[place], batch) for place, item in enumerate(items)]
    _new_changes.run(session, batch.changes)
    _new_attempts.run(session, list(batch.attempts.values()))
    _tell(session, batch.patches)
    return results


def _lock(session: Session, lesson_ids: Iterable[int]) -> None:
    """Lock the lessons in one order, so that two processes cannot wait for each other; SQLite has one writer anyway."""
    _lock_lessons.rows(session, {"ids": among(sorted(lesson_ids))})


def _activities(session: Session, ids: Iterable[int]) -> dict[int, _Asked]:
    rows = _asked.rows(session, {"ids": among(ids)})
    return {
        row.id: _Asked(row.lesson_id, Standing(Phase(row.phase), *tuple(row)[4:]), content_of(row.content))
        for row in rows
    }


def _known(session: Session, items: Sequence[AnswerGiven]) -> list[_Known]:
    """Look up, for all answers in one statement, their seats, their uuids and the answers that stand."""
    rows = [[i.lesson_id, i.activity_id, i.wish.round, i.pupil_id, i.wish.uuid] for i in items]
    found = _lookup.rows(session, rows)
    return [
        _Known(
            device,
            extra or 0,
            late,
            Kept(uuid, answer_of(answer), is_late_, version, made, mark) if uuid else None,
        )
        for device, extra, late, uuid, answer, is_late_, version, made, mark in found
    ]


def _known_of(rows: Subquery, *, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of nine columns
    del for_sqlite
    given = rows.c
    seats, changes, attempts = Seat.__table__, AttemptChange.__table__, Attempt.__table__
    seat, change, attempt = seats.c, changes.c, attempts.c
    return (
        select(
            seat.device_hash, seat.extra_percent, change.is_late,
            attempt.uuid, attempt.answer, attempt.is_late, attempt.version, attempt.made, attempt.device,
        )
        .select_from(rows)
        .outerjoin(seats, and_(seat.lesson_id == given.lesson_id, seat.pupil_id == given.pupil_id))
        .outerjoin(
            changes,
            and_(
                change.activity_id == given.activity_id,
                change.pupil_id == given.pupil_id,
                change.uuid == given.uuid,
            ),
        )
        .outerjoin(
            attempts,
            and_(
                attempt.lesson_id == given.lesson_id,
                attempt.pupil_id == given.pupil_id,
                attempt.activity_id == given.activity_id,
                attempt.round == given.round,
            ),
        )
        .order_by(given.pos)
    )  # fmt: skip


_lookup: Final = OverRows(_LOOKUP, _known_of)


def _settled(
    item: AnswerGiven, asked: dict[int, _Asked], known: _Known, batch: _Batch
) -> AnswerStored | BangXanhError:
    try:
        return _settle(item, asked, known, batch)
    except BangXanhError as error:
        return error


def _settle(item: AnswerGiven, asked: dict[int, _Asked], known: _Known, batch: _Batch) -> AnswerStored:
    """Decide about one answer in the light of those before it in the same batch, and note what to write."""
    activity = asked.get(item.activity_id)
    if activity is None or activity.lesson_id != item.lesson_id:
        raise NotFoundError
    if item.source is Source.DEVICE and known.device_hash != item.device_hash:
        raise ConflictError(
            say("Em đang trả lời bằng máy khác. Muốn dùng máy này, em chọn lại tên và nhập mã thẻ.")
        )
    key = (item.activity_id, item.wish.round, item.pupil_id)
    before = batch.standing.get(key, known.stands)
    same = batch.seen.get((item.activity_id, item.pupil_id, item.wish.uuid), known.late_of_same)
    if same is not None and before is not None:
        return AnswerStored(item.activity_id, item.wish.round, before, is_late=bool(same))
    judged = _judged(item, activity.content, batch)
    late = is_late(activity.standing, item.wish, known.extra)
    wish = item.wish if judged.answer == item.wish.answer else item.wish._replace(answer=judged.answer)
    kept = placed(before, wish, late=late)
    stands = kept or before
    if stands is None:
        raise NotFoundError
    _note(item, judged, kept, batch, late=late)
    return AnswerStored(item.activity_id, item.wish.round, stands, is_late=late)


def _judged(item: AnswerGiven, content: Content, batch: _Batch) -> _Judged:
    key = (item.activity_id, item.wish.answer)
    judged = batch.judged.get(key)
    if judged is None:
        answer = checked_answer(content, item.wish.answer)
        judged = batch.judged[key] = _Judged(answer, stored_answer(answer), judged_row(content, answer))
    return judged


def _note(item: AnswerGiven, judged: _Judged, kept: Kept | None, batch: _Batch, *, late: bool) -> None:
    wish, source, answer = item.wish, item.source.value, judged.stored
    arrived = instant_text(wish.arrived_at, for_sqlite=batch.for_sqlite)
    batch.seen[item.activity_id, item.pupil_id, wish.uuid] = late
    batch.changes.append(
        [item.activity_id, item.pupil_id, wish.round, wish.uuid, answer, source, late, kept is not None, item.user_id,
         arrived]
    )  # fmt: skip
    if kept is None:
        return
    key = (item.activity_id, wish.round, item.pupil_id)
    batch.standing[key] = kept
    batch.attempts[key] = [
        item.lesson_id, item.activity_id, wish.round, item.pupil_id, wish.uuid, answer, source, late, kept.version,
        kept.made, kept.device, arrived,
    ]  # fmt: skip
    patch = batch.patches.setdefault(item.lesson_id, {})
    patch[answer_key(*key)] = standing_row(judged.told, item.source, kept.version, late=late)


def _tell(session: Session, patches: dict[int, dict[str, Any]]) -> None:
    """Add one event for each lesson: who answered what in this batch."""
    if not patches:
        return
    numbered = _number.rows(session, {"ids": among(patches)})
    now = instant_text(clock.now(), for_sqlite=is_sqlite(session))
    rows: list[list[object]] = [
        [lesson_id, seq, Happened.ANSWERED.value, to_json({"answers": patches[lesson_id]}), now]
        for lesson_id, seq in numbered
    ]
    insert_rows(session, LessonEvent, rows, ("lesson_id", "seq", "kind", "content", "at"))
    for lesson_id in patches:
        db.after_commit(session, _ring(lesson_id))


def _ring(lesson_id: int) -> Any:  # noqa: ANN401 - a function without arguments
    return lambda: doorbell.ring(ANSWERS_BELL, lesson_id)
