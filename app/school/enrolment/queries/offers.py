"""Who waits to be taken in at a school, and where a pupil may be transferred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.rules import (
    Verb,
)
from app.school.models import Enrolment, OrgUnit, Pupil, SchoolClass

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Offer:
    """A pupil whom another school has transferred here and who waits to be taken in."""

    change_id: int
    pupil_id: int
    full_name: str
    birth_date: date | None
    from_school: str
    class_name: str | None
    day: date


def still_waits(session: Session, change_id: int) -> bool:
    """Say whether a transfer still waits: nobody took the pupil in, nor did anything else happen to the pupil since."""
    return (
        session.scalar(select(EnrolmentChange.id).where(EnrolmentChange.id == change_id, *_waiting()))
        is not None
    )


def waits_for(session: Session, pupil_id: int) -> tuple[str, date] | None:
    """Return (the school that has yet to take a transferred pupil in, the day of the transfer), None when none has."""
    row = session.execute(
        select(OrgUnit.name, EnrolmentChange.day)
        .join(OrgUnit, OrgUnit.id == EnrolmentChange.to_school_id)
        .where(EnrolmentChange.pupil_id == pupil_id, *_waiting())
        .order_by(EnrolmentChange.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def _waiting() -> tuple[ColumnElement[bool], ...]:
    """Return what makes a transfer wait: not undone, no later step but a mended date, no enrolment after it.

    A pupil who came back to the old school and left it again waits for the new transfer, if any, not for the old one.
    """
    later, enrolled = aliased(EnrolmentChange), aliased(Enrolment)
    has_later_step = exists().where(
        later.pupil_id == EnrolmentChange.pupil_id,
        later.id > EnrolmentChange.id,
        later.undone_at.is_(None),
        later.verb != Verb.CORRECT,
    )
    is_enrolled = exists().where(
        enrolled.pupil_id == EnrolmentChange.pupil_id,
        enrolled.starts_on >= EnrolmentChange.day,
        or_(enrolled.ends_on.is_(None), enrolled.ends_on != enrolled.starts_on),
    )
    return EnrolmentChange.undone_at.is_(None), ~has_later_step, ~is_enrolled


def offers_to(session: Session, school_id: int) -> list[Offer]:
    """Return who waits to be taken in at a school, by name."""
    rows = session.execute(
        select(EnrolmentChange, Pupil, OrgUnit.name, SchoolClass.name)
        .join(Pupil, Pupil.id == EnrolmentChange.pupil_id)
        .join(OrgUnit, OrgUnit.id == EnrolmentChange.school_id)
        .outerjoin(SchoolClass, SchoolClass.id == EnrolmentChange.class_id)
        .where(EnrolmentChange.to_school_id == school_id, *_waiting())
        .order_by(Pupil.name_sort, Pupil.id)
    )
    return [
        Offer(change.id, pupil.id, pupil.full_name, pupil.birth_date, school, class_name, change.day)
        for change, pupil, school, class_name in rows
    ]


def count_offers(session: Session, school_id: int) -> int:
    """Return how many pupils wait to be taken in at a school."""
    query = select(func.count()).select_from(EnrolmentChange)
    return session.scalar(query.where(EnrolmentChange.to_school_id == school_id, *_waiting())) or 0


def other_schools(session: Session, school_id: int) -> list[OrgUnit]:
    """Return the schools of the installation to which a pupil of this one may be transferred."""
    return list(
        session.scalars(
            select(OrgUnit)
            .where(OrgUnit.kind == "school", OrgUnit.id != school_id, OrgUnit.valid_to.is_(None))
            .order_by(OrgUnit.name_sort, OrgUnit.id)
        )
    )
