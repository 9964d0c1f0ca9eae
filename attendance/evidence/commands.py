"""Storing evidence. A subscriber of facts gets the running transaction of its delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from attendance.evidence.models import Evidence
from attendance.evidence.rules import EvidenceKind, PupilJoined, slot_of_session, source_of_lesson

if TYPE_CHECKING:
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
