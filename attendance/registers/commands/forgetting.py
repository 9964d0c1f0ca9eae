"""What registers hold of a forgotten pupil: letters, times and the chain of events stay; what was written goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select, update

from app.audit.rules import canonical
from app.forgetting import Fate, Removed, Trace
from app.i18n import N_
from attendance.registers.models import Mark, MarkEvent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.forgetting import Leaving

WORDS: Final = ("reason", "note")
"""Of a mark's value, what people write; the rest are letters and times."""


def _count(session: Session, who: Leaving) -> int:
    return session.scalar(select(func.count()).select_from(Mark).where(Mark.pupil_id == who.pupil_id)) or 0


def _forget(session: Session, who: Leaving) -> Removed:
    mine = select(Mark).where(
        Mark.pupil_id == who.pupil_id, or_(Mark.reason.is_not(None), Mark.more.is_not(None))
    )
    for mark in session.scalars(mine):
        mark.reason, mark.more = None, _wordless(mark.more or "{}")
        mark.more = None if mark.more == "{}" else mark.more
    session.flush()
    emptied = []
    events = session.scalars(select(MarkEvent).where(MarkEvent.pupil_id == who.pupil_id)).all()
    for event in events:
        before, after = _wordless(event.before), _wordless(event.after)
        if (before, after, "") == (event.before, event.after, event.why):
            continue
        values = {"before": before, "after": after, "why": ""}
        query = update(MarkEvent).where(MarkEvent.id == event.id).values(**values)
        session.execute(query, execution_options={"synchronize_session": False})
        emptied.append(event.id)
    session.expire_all()
    return Removed({MarkEvent.__tablename__: tuple(emptied)})


def _wordless(stored: str) -> str:
    """Return canonical JSON without what people wrote in it; a text that is no object is as it was."""
    if not stored.startswith("{"):
        return stored
    found = json.loads(stored)
    if not any(name in found for name in WORDS):
        return stored
    return canonical({name: value for name, value in found.items() if name not in WORDS})


WORDS_OF_MARKS: Final = Trace(
    N_("Điểm danh: bỏ lý do, ghi chú; giữ có mặt, vắng, trễ"),
    ("mark", "mark_event"),
    Fate.EMPTIED,
    _count,
    _forget,
)
