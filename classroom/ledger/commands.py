"""Telling a lesson's events, in the transaction that made them happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from app import db, doorbell
from app.errors import ConflictError, NotFoundError
from app.i18n import say
from classroom.ledger.models import LessonEvent
from classroom.ledger.rules import Happened, to_json
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

BELL: Final = "lesson"
"""Rings with a lesson's id after each commit in which something happened in it that cannot wait."""
ANSWERS_BELL: Final = "lesson.answers"
"""Rings with a lesson's id after each commit that only stored answers; it is told of at most four times a second."""


_LOCKED: Final = select(Lesson).where(Lesson.id == bindparam("lesson")).with_for_update()


def locked_lesson(session: Session, lesson_id: int, *, ended_too: bool = False) -> Lesson:
    """Return the lesson with its row locked; raise NotFoundError when absent, ConflictError when it has ended."""
    lesson = session.scalar(_LOCKED, {"lesson": lesson_id})
    if lesson is None:
        raise NotFoundError
    if lesson.state == LessonState.ENDED and not ended_too:
        raise ConflictError(say("Tiết học đã kết thúc."), {"state": lesson.state})
    return lesson


def tell(  # noqa: PLR0917, RUF100 - an event and how urgent it is
    session: Session, lesson: Lesson, kind: Happened, patch: dict[str, Any], now: datetime, bell: str = BELL
) -> None:
    """Add the next event of a lesson whose row is locked, and have the screens told after the commit.

    What comes from many devices at once rings ANSWERS_BELL: the screens hear of it with their next frame.
    """
    lesson.seq += 1
    session.add(LessonEvent(lesson_id=lesson.id, seq=lesson.seq, kind=kind, content=to_json(patch), at=now))
    lesson_id = lesson.id
    db.after_commit(session, lambda: doorbell.ring(bell, lesson_id))
