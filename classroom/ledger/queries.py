"""Reading a lesson's events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, select

from app.prepared import Prepared
from classroom.ledger.models import LessonEvent
from classroom.ledger.rules import Happened, News

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


# On the table, not the mapped class: without the mapper's part it costs half, and it runs for every frame.
_event = LessonEvent.__table__.c


@Prepared
def _since(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of three columns
    del for_sqlite
    chosen = select(_event.seq, _event.kind, _event.content)
    return chosen.where(_event.lesson_id == bindparam("lesson"), _event.seq > bindparam("after")).order_by(
        _event.seq
    )


def events_since(session: Session, lesson_id: int, seq: int) -> list[News]:
    """Return what happened after event number `seq`, in order."""
    rows = _since.rows(session, {"lesson": lesson_id, "after": seq})
    return [News(number, Happened(kind), orjson.loads(content)) for number, kind, content in rows]
