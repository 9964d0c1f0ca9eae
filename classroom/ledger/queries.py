"""Reading a lesson's events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from classroom.ledger.models import LessonEvent
from classroom.ledger.rules import Happened, News

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def events_since(session: Session, lesson_id: int, seq: int) -> list[News]:
    """Return what happened after event number `seq`, in order."""
    rows = session.execute(
        select(LessonEvent.seq, LessonEvent.kind, LessonEvent.content)
        .where(LessonEvent.lesson_id == lesson_id, LessonEvent.seq > seq)
        .order_by(LessonEvent.seq)
    )
    return [News(number, Happened(kind), json.loads(content)) for number, kind, content in rows]
