"""Reading what a school has decided about its registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from attendance.rulebook.models import AttendanceRule
from attendance.rulebook.rules import USUAL, Rulebook

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def rulebook_of(session: Session, school_id: int) -> Rulebook:
    """Return a school's decisions, the usual ones where it has decided nothing."""
    row = session.scalar(select(AttendanceRule).where(AttendanceRule.school_id == school_id))
    return row.meaning if row else USUAL
