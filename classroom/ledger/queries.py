"""Reading a lesson's events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from sqlalchemy import bindparam, select

from classroom.ledger.models import LessonEvent
from classroom.ledger.rules import Happened, News

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


# On the table, not the mapped class: without the mapper's part it costs half, and it runs for every frame.
_event = LessonEvent.__table__.c
_SINCE: Final = (
    select(_event.seq, _event.kind, _event.content)
    .where(_event.lesson_id == bindparam("lesson"), _event.seq > bindparam("seq"))
    .order_by(_event.seq)
)


def events_since(session: Session, lesson_id: int, seq: int) -> list[News]:
    """Return what happened after event number `seq`, in order."""
    rows = session.execute(_SINCE, {"lesson": lesson_id, "seq": seq})
    return [News(number, Happened(kind), orjson.loads(content)) for number, kind, content in rows]
