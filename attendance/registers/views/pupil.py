"""The part of a pupil's page that tells of attendance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import db
from attendance.registers.queries.pupil import attendance_of_pupil

if TYPE_CHECKING:
    from app.wiring import PupilAsked


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return a pupil's attendance of the year, for the page that has loaded the pupil."""
    found = attendance_of_pupil(db.session(), asked.pupil_id, asked.first, asked.after_last, asked.school_ids)
    return {"attendance": found}
