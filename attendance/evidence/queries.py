"""Reading evidence of pupils who were already loaded for the actor."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import School
from attendance.evidence.models import Evidence
from attendance.evidence.rules import EvidenceKind, Sighting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session


def sightings(session: Session, pupil_ids: Sequence[int], day: date) -> list[Sighting]:
    """Return what is known of these pupils on a day, in no particular order."""
    rows = session.execute(
        select(Evidence.kind, Evidence.pupil_id, Evidence.slot, Evidence.at).where(
            Evidence.pupil_id.in_(pupil_ids), Evidence.day == day
        )
    )
    return [Sighting(EvidenceKind(kind), pupil_id, slot, at) for kind, pupil_id, slot, at in rows]


def sightings_on(
    session: Session, pupil_ids: Collection[int], days: Collection[date]
) -> dict[date, list[Sighting]]:
    """Return {day: what is known of these pupils}, in no particular order. One query."""
    found: defaultdict[date, list[Sighting]] = defaultdict(list)
    rows = session.execute(
        select(Evidence.day, Evidence.kind, Evidence.pupil_id, Evidence.slot, Evidence.at).where(
            Evidence.pupil_id.in_(list(pupil_ids)), Evidence.day.in_(list(days))
        )
    )
    for day, kind, pupil_id, slot, at in rows:
        found[day].append(Sighting(EvidenceKind(kind), pupil_id, slot, at))
    return found


def schools_with_evidence(session: Session) -> Sequence[int]:
    """Return the schools of which anything is kept."""
    some = select(Evidence.id).where(Evidence.school_id == School.id).exists()
    return session.scalars(select(School.id).where(some).order_by(School.id)).all()


def days_older_than(session: Session, school_id: int, before: date) -> Sequence[date]:
    """Return the days before a day of which a school still keeps evidence, the oldest first."""
    query = select(Evidence.day).where(Evidence.school_id == school_id, Evidence.day < before)
    return session.scalars(query.distinct().order_by(Evidence.day)).all()
