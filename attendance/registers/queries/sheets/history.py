"""What happened to a register, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.school.models import Pupil
from attendance.registers.models import MarkEvent
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.marks import program_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An event of a register, for people: who did what, when, and why; `behalf` is whose word was only written down."""

    at: datetime
    by: str
    behalf: str
    kind: EventKind
    pupil: str
    before: str
    after: str
    why: str


def history(session: Session, register_id: int) -> list[HistoryLine]:
    """Return the events of a register, the latest first."""
    said = aliased(User)
    rows = session.execute(
        select(MarkEvent, User.full_name, said.full_name, Pupil.full_name)
        .outerjoin(User, User.id == MarkEvent.user_id)
        .outerjoin(said, said.id == MarkEvent.on_behalf_of)
        .outerjoin(Pupil, Pupil.id == MarkEvent.pupil_id)
        .where(MarkEvent.register_id == register_id)
        .order_by(MarkEvent.sequence.desc())
    )
    return [
        HistoryLine(
            event.at,
            user or program_of(event.device),
            behalf or "",
            EventKind(event.kind),
            pupil or "",
            event.before,
            event.after,
            event.why,
        )
        for event, user, behalf, pupil in rows
    ]
