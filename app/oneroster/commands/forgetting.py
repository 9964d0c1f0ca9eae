"""What is told of a forgotten pupil to programs: made anew from the emptied record at the next comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select

from app.forgetting import Fate, Trace
from app.i18n import N_
from app.oneroster.models import OneRosterLink, OneRosterRecord
from app.oneroster.queries.links import ids_of
from app.oneroster.rules.ids import Kind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.forgetting import Leaving


def _names(session: Session, who: Leaving) -> list[str]:
    ids = ids_of(session)
    links = select(OneRosterLink.sourced_id).where(OneRosterLink.pupil_id == who.pupil_id)
    return [*session.scalars(links), *([ids.of(Kind.PUPIL, who.pupil_id)] if ids else [])]


def _count(session: Session, who: Leaving) -> int:
    query = select(func.count()).select_from(OneRosterRecord)
    return session.scalar(query.where(OneRosterRecord.sourced_id.in_(_names(session, who)))) or 0


def _forget(session: Session, who: Leaving) -> None:
    mine = OneRosterRecord.sourced_id.in_(_names(session, who))
    session.execute(delete(OneRosterRecord).where(mine), execution_options={"synchronize_session": False})
    links = delete(OneRosterLink).where(OneRosterLink.pupil_id == who.pupil_id)
    session.execute(links, execution_options={"synchronize_session": False})


TOLD: Final = Trace(
    N_("Bản ghi cho phần mềm khác (OneRoster)"),
    ("oneroster_record", "oneroster_link"),
    Fate.GONE,
    _count,
    _forget,
)
