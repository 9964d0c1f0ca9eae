"""Telling screens what happened: on every ring of a lesson's bell, to each room what that room may know.

Teachers get numbered patches, at most four frames a second unless the stage changes. Pupils get the stage as a whole,
and only when it changes. Nothing here decides: it reads the ledger, and whoever misses a frame asks for a snapshot.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import gevent
from sqlalchemy import select

from app import clock, db, realtime
from app.lines import Line
from app.realtime import Room, emit, room
from classroom.activities.queries import milliseconds
from classroom.answers.queries import own_answers
from classroom.answers.rules import Source
from classroom.ink.queries import changes_for_devices
from classroom.ledger.queries import events_since
from classroom.ledger.rules import ON_STAGE, Happened, News, joined_patch
from classroom.lessons.models import Lesson
from classroom.lessons.queries import pupil_snapshot, screen_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Flask
    from sqlalchemy.orm import Session

FRAME_EVERY: Final = 0.25
"""Seconds between two frames of one lesson that only count answers (live-lessons.md: four a second)."""
PRESENCE_EVERY: Final = 1.0


def teachers_room(lesson_id: int) -> Room:
    """Return the room of those who lead a lesson: names, answers and solutions go there."""
    return room("lesson", lesson_id, "teachers")


def pupils_room(lesson_id: int) -> Room:
    """Return the room of all pupils' devices."""
    return room("lesson", lesson_id, "pupils")


def pupil_room(lesson_id: int, pupil_id: int) -> Room:
    """Return the room of one pupil's device."""
    return room("lesson", lesson_id, "pupil", pupil_id)


def screens_room(lesson_id: int) -> Room:
    """Return the room of the projectors."""
    return room("lesson", lesson_id, "screens")


def inked_room(lesson_id: int) -> Room:
    """Return the room of the devices whose owners look at the slides on them: the ink over these goes there."""
    return room("lesson", lesson_id, "inked")


# --- what happened ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Told:
    """How far the rooms of one lesson have been told, and when the next frame may go out."""

    seq: int
    framed_at: float = 0.0
    is_busy: bool = False
    is_rung: bool = False
    is_timed: bool = False


_told: dict[int, _Told] = {}


def answer_now(app: Flask) -> Callable[[int], None]:
    """Return what answers the lessons' bell: have the rooms of the lesson told, on the event loop."""

    def answer(lesson_id: int) -> None:
        realtime.soon(lambda: tell_rooms(app, lesson_id))

    return answer


def answer_later(app: Flask) -> Callable[[int], None]:
    """Return what answers the bell of answers: have the rooms told when the lesson's next frame is due."""

    def answer(lesson_id: int) -> None:
        realtime.soon(lambda: _tell_when_due(app, lesson_id))

    return answer


def watch(session: Session, lesson_id: int) -> None:
    """Begin to follow a lesson, before its first snapshot is read: what happens from now on will be told."""
    if lesson_id not in _told:
        _told[lesson_id] = _Told(session.scalars(select(Lesson.seq).where(Lesson.id == lesson_id)).one())


def tell_rooms(app: Flask, lesson_id: int) -> None:
    """Tell the rooms of a lesson what is new; bells that ring meanwhile are answered by the same round."""
    told = _told.get(lesson_id)
    if told is None:
        return  # nobody in this process looks on
    told.is_rung = True
    if told.is_busy:
        return
    told.is_busy = True
    try:
        while told.is_rung:
            told.is_rung = False
            with app.app_context(), _reading() as session:
                _tell_new(session, told, lesson_id)
    finally:
        told.is_busy = False


_lines: list[Line] = []
"""Where this process reads what it tells, once it serves; taken out while it is used."""


@contextmanager
def _reading() -> Iterator[Session]:
    if not realtime.is_serving():
        yield db.session()
        return
    line = _lines.pop() if _lines else Line(db.db.engine)
    with line.reading() as session:
        yield session
    _lines.append(line)


def _tell_when_due(app: Flask, lesson_id: int) -> None:
    told = _told.get(lesson_id)
    if told is None or told.is_timed:
        return
    wait = FRAME_EVERY - (time.monotonic() - told.framed_at)
    if wait <= 0 or not realtime.is_serving():
        tell_rooms(app, lesson_id)
        return
    told.is_timed = True

    def now() -> None:
        told.is_timed = False
        tell_rooms(app, lesson_id)

    gevent.spawn_later(wait, now)


def _tell_new(session: Session, told: _Told, lesson_id: int) -> None:
    news = events_since(session, lesson_id, told.seq)
    if not news:
        return
    told.seq = news[-1].seq
    _frame(session, lesson_id, told, news)
    _tell_own(session, lesson_id, news)


def _frame(session: Session, lesson_id: int, told: _Told, news: Sequence[News]) -> None:
    """Tell each room what it may know of the news; a room in which nobody is costs nothing."""
    came_from, told.framed_at = news[0].seq - 1, time.monotonic()
    pupils, teachers, screens = pupils_room(lesson_id), teachers_room(lesson_id), screens_room(lesson_id)
    if any(item.kind in ON_STAGE for item in news) and not realtime.is_empty(pupils):
        emit(pupils, "stage", {**pupil_snapshot(session, lesson_id), "now": _now()})
    if not realtime.is_empty(teachers):
        frame = {"from": came_from, "to": news[-1].seq, "patch": joined_patch(news), "now": _now()}
        emit(teachers, "patch", frame)
    if realtime.is_empty(screens):
        pass
    elif all(item.kind is Happened.INKED for item in news):
        # While a teacher writes, a projector hears of the strokes alone: its whole stage would grow with every one.
        emit(screens, "ink", {"from": came_from, "to": news[-1].seq, **joined_patch(news)})
    else:
        lesson = session.get_one(Lesson, lesson_id)
        emit(screens, "stage", {**screen_snapshot(session, lesson), "now": _now()})
    _tell_ink(session, lesson_id, news)
    if any(item.kind is Happened.ENDED for item in news):
        _told.pop(lesson_id, None)


def _tell_ink(session: Session, lesson_id: int, news: Sequence[News]) -> None:
    """Tell devices that show slides which strokes came and went; they had what stood when they began to look."""
    inked, devices = joined_patch(item for item in news if item.kind is Happened.INKED), inked_room(lesson_id)
    if inked and not realtime.is_empty(devices):
        ink = changes_for_devices(session, lesson_id, list(inked["ink"]))
        emit(devices, "ink", {"to": news[-1].seq, "ink": ink})


def _tell_own(session: Session, lesson_id: int, news: Sequence[News]) -> None:
    """Tell pupils of answers that others entered for them; a device knows its own from the acknowledgement."""
    keys = [
        key
        for item in news
        if item.kind is Happened.ANSWERED
        for key, row in item.patch["answers"].items()
        if row["source"] != Source.DEVICE
    ]
    for pupil_id, answer in own_answers(session, lesson_id, keys):
        emit(pupil_room(lesson_id, pupil_id), "mine", answer)


def _now() -> int | None:
    return milliseconds(clock.now())


# --- who is there -------------------------------------------------------------------------------------------------

LOOKS_FOR: Final = 12.0
"""Seconds for which a device that asks over HTTP counts as there; it asks every four (pupil.entry.tsx)."""

_here: dict[int, Counter[int]] = {}
_looked: dict[int, dict[int, float]] = {}
_asleep: dict[int, set[int]] = {}
_presence_due: set[int] = set()


def presence(lesson_id: int) -> dict[str, str]:
    """Return {pupil: "here" | "asleep"}; who is in neither has no open connection in this process, nor asked lately."""
    asleep = _asleep.get(lesson_id, set())
    connected = {pupil_id for pupil_id, n in _here.get(lesson_id, Counter()).items() if n > 0}
    here = {str(pupil_id): "asleep" if pupil_id in asleep else "here" for pupil_id in connected}
    return {str(pupil_id): "here" for pupil_id in _looked.get(lesson_id, {})} | here


def came(lesson_id: int, pupil_id: int) -> None:
    """Note an open connection of a pupil's device, which is looked at until it says otherwise.

    A page that is loaded again said at its end that it went dark.
    """
    _asleep.get(lesson_id, set()).discard(pupil_id)
    _here.setdefault(lesson_id, Counter())[pupil_id] += 1
    _tell_presence(lesson_id)


def left(lesson_id: int, pupil_id: int) -> None:
    """Note that a connection of a pupil's device ended."""
    _here.setdefault(lesson_id, Counter())[pupil_id] -= 1
    _tell_presence(lesson_id)


def looked(lesson_id: int, pupil_id: int) -> None:
    """Note that a pupil's device asked over HTTP: where sockets are blocked nothing else says that it is there."""
    lookers = _looked.get(lesson_id)
    if lookers is None:
        lookers = _looked[lesson_id] = {}
        gevent.spawn_later(LOOKS_FOR, _forget_looks, lesson_id)
    if pupil_id not in lookers:
        _tell_presence(lesson_id)
    lookers[pupil_id] = time.monotonic()


def _forget_looks(lesson_id: int) -> None:
    """Take out who has not asked for a while, and come back as long as somebody is left."""
    since = time.monotonic() - LOOKS_FOR
    _looked[lesson_id] = {pupil: at for pupil, at in _looked[lesson_id].items() if at > since}
    _tell_presence(lesson_id)
    if _looked[lesson_id]:
        gevent.spawn_later(LOOKS_FOR / 2, _forget_looks, lesson_id)
    else:
        del _looked[lesson_id]


def slept(lesson_id: int, pupil_id: int, *, asleep: bool) -> None:
    """Note that a pupil's screen went dark or came back."""
    sleepers = _asleep.setdefault(lesson_id, set())
    (sleepers.add if asleep else sleepers.discard)(pupil_id)
    _tell_presence(lesson_id)


def _tell_presence(lesson_id: int) -> None:
    if lesson_id in _presence_due:
        return
    _presence_due.add(lesson_id)

    def tell() -> None:
        _presence_due.discard(lesson_id)
        content: dict[str, Any] = {"presence": presence(lesson_id)}
        emit(teachers_room(lesson_id), "presence", content)

    gevent.spawn_later(PRESENCE_EVERY, tell)
