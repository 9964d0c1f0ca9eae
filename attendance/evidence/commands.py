"""Storing evidence, and letting it go. A subscriber of facts gets the running transaction of its delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app import db
from attendance.evidence.models import Evidence
from attendance.evidence.queries import days_older_than, schools_with_evidence
from attendance.evidence.rules import (
    EvidenceKind,
    PupilJoined,
    last_kept_before,
    slot_of_session,
    source_of_lesson,
)
from attendance.rulebook.queries import rulebook_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


def store_lesson_evidence(session: Session, joined: PupilJoined) -> None:
    """Note that a pupil joined a live lesson. The same joining told twice is stored once; no mark is touched."""
    source = source_of_lesson(joined)
    if session.scalar(select(Evidence.id).where(Evidence.source == source)) is not None:
        return
    session.add(
        Evidence(
            kind=EvidenceKind.LESSON_JOINED,
            pupil_id=joined.pupil_id,
            school_id=joined.school_id,
            day=joined.day,
            slot=slot_of_session(joined.day_session),
            period=joined.number,
            at=joined.at,
            source=source,
        )
    )


def forget_old_evidence(today: date) -> int:
    """Delete what is older than its school keeps it, and return how much; registers and their marks stay as they are.

    A school day is a transaction, so that a first clearing of years holds nobody up. Twice changes nothing.
    """
    school_ids = schools_with_evidence(db.session())
    return sum(_forget_of_school(school_id, today) for school_id in school_ids)


def _forget_of_school(school_id: int, today: date) -> int:
    session = db.session()
    before = last_kept_before(today, rulebook_of(session, school_id).scan_days)
    return sum(_forget_day(school_id, day) for day in days_older_than(session, school_id, before))


def _forget_day(school_id: int, day: date) -> int:
    which = (Evidence.school_id == school_id, Evidence.day == day)
    with db.transaction() as session:
        ids = session.scalars(select(Evidence.id).where(*which)).all()
        session.execute(delete(Evidence).where(*which).execution_options(synchronize_session=False))
    return len(ids)
