"""Writing what a pupil's count begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from app.audit.commands import record
from attendance.absences.models import AbsenceOpening

if TYPE_CHECKING:
    from app.access import Actor


def set_opening(actor: Actor, pupil_id: int, year_id: int, sessions: int, note: str) -> None:
    """Set how many sessions a pupil had missed in the school year before coming here; the same again changes nothing.

    The caller has loaded the pupil for the actor; the form has checked that it is 0 to 300.
    """
    with db.transaction() as session:
        row = session.get(AbsenceOpening, (pupil_id, year_id))
        if row is not None and (row.sessions, row.note) == (sessions, note):
            return
        row = row or AbsenceOpening(pupil_id=pupil_id, year_id=year_id)
        row.sessions, row.note = sessions, note
        session.add(row)
        record(
            session, actor, "absences.opening_set", ("pupil", pupil_id), {"sessions": sessions, "note": note}
        )
