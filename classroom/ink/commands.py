"""Writes of ink: draw a stroke, take one back, clear a slide. Each may be sent twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import clock
from app.errors import ConflictError, NotFoundError
from app.i18n import say
from app.writer import write
from classroom.activities.models import Activity
from classroom.activities.queries import content_of
from classroom.activities.rules import Kind
from classroom.ink.models import InkStroke
from classroom.ink.queries import ink_row
from classroom.ink.rules import MOST_IN_LESSON, MOST_ON_SLIDE, check_stroke
from classroom.ledger.commands import ANSWERS_BELL, locked_lesson, tell
from classroom.ledger.rules import Happened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from classroom.ink.rules import Pen
    from classroom.lessons.models import Lesson


def draw_stroke(lesson_id: int, user_id: int, activity_id: int, uuid: str, pen: Pen, points: str) -> None:  # noqa: PLR0917, RUF100 - a stroke and where it goes
    """Keep a stroke over a slide; the same uuid again keeps nothing.

    Raises NotFoundError for what is no slide of the lesson, InvalidError for what is no stroke on it, ConflictError
    when there is too much ink.
    """

    def draw(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        high = _height(session, lesson, activity_id)
        check_stroke(points, high)
        known = select(InkStroke.id).where(InkStroke.lesson_id == lesson.id, InkStroke.uuid == uuid)
        if session.scalar(known) is not None:
            return
        _refuse_too_much(session, lesson, activity_id)
        stroke = InkStroke(
            lesson_id=lesson.id,
            activity_id=activity_id,
            uuid=uuid,
            user_id=user_id,
            pen=pen.value,
            points=points,
            is_gone=False,
            drawn_at=clock.now(),
        )
        session.add(stroke)
        session.flush()
        _tell(session, lesson, [stroke])

    write(draw)


def undo_stroke(lesson_id: int, uuid: str) -> None:
    """Take a stroke back; one that is gone stays gone. Raises NotFoundError for a stroke of another lesson."""

    def undo(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        stroke = session.scalar(
            select(InkStroke).where(InkStroke.lesson_id == lesson.id, InkStroke.uuid == uuid)
        )
        if stroke is None:
            raise NotFoundError
        _take_back(session, lesson, [stroke])

    write(undo)


def clear_slide(lesson_id: int, activity_id: int, last_uuid: str) -> None:
    """Take back all that was on a slide when the stroke `last_uuid` was the last: what came after stays.

    Naming the last stroke is what makes it harmless to send this twice. Raises NotFoundError when it is not there.
    """

    def clear(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        last = session.scalar(
            select(InkStroke.id).where(
                InkStroke.lesson_id == lesson.id,
                InkStroke.activity_id == activity_id,
                InkStroke.uuid == last_uuid,
            )
        )
        if last is None:
            raise NotFoundError
        on_it = select(InkStroke).where(InkStroke.activity_id == activity_id, InkStroke.id <= last)
        _take_back(session, lesson, session.scalars(on_it.order_by(InkStroke.id)).all())

    write(clear)


def _height(session: Session, lesson: Lesson, activity_id: int) -> int:
    activity = session.get(Activity, activity_id)
    if activity is None or activity.lesson_id != lesson.id or activity.kind != Kind.SLIDE:
        raise NotFoundError
    return content_of(activity.content).high


def _refuse_too_much(session: Session, lesson: Lesson, activity_id: int) -> None:
    on_slide = func.count().filter(InkStroke.activity_id == activity_id)
    drawn, in_all = session.execute(
        select(on_slide, func.count()).where(InkStroke.lesson_id == lesson.id)
    ).one()
    if drawn >= MOST_ON_SLIDE or in_all >= MOST_IN_LESSON:
        raise ConflictError(say("Trang này đã có quá nhiều nét vẽ."), {"strokes": drawn})


def _take_back(session: Session, lesson: Lesson, strokes: Iterable[InkStroke]) -> None:
    standing = [stroke for stroke in strokes if not stroke.is_gone]
    for stroke in standing:
        stroke.is_gone = True
    if standing:
        session.flush()
        _tell(session, lesson, standing)


def _tell(session: Session, lesson: Lesson, strokes: Iterable[InkStroke]) -> None:
    patch = {"ink": {stroke.uuid: ink_row(stroke) for stroke in strokes}}
    tell(session, lesson, Happened.INKED, patch, clock.now(), ANSWERS_BELL)
