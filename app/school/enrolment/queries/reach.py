"""Who may read or change which pupil: authorised loaders, and how much of a history somebody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.access import Actor, Permission, Place, Reach
from app.errors import NotFoundError
from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.queries.histories import stay_of
from app.school.enrolment.rules import (
    KEEP_ENROLMENT,
    History,
    Stay,
    keeping_stay,
)
from app.school.models import Enrolment, Pupil
from app.school.queries import place_of_unit, places_of_pupil

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session


def known_pupil_for(actor: Actor, permission: Permission, pupil_id: int, on: date) -> Pupil:
    """Return a pupil who is, or ever was, where the actor may do this, or raise NotFoundError.

    A class's teacher reaches the pupils of the day only; the office of a school also those who have left it.
    """
    pupil = db.session().get(Pupil, pupil_id)
    if pupil is None or not _is_reached(actor, permission, pupil.id, on):
        raise NotFoundError
    return pupil


def _is_reached(actor: Actor, permission: Permission, pupil_id: int, on: date) -> bool:
    if any(actor.may(permission, place) for place in places_of_pupil(pupil_id, on)):
        return True
    past = db.session().scalars(select(Enrolment.school_id).distinct().where(Enrolment.pupil_id == pupil_id))
    return any(
        actor.may(permission, Place(place_of_unit(school_id).unit_ids, None, pupil_id)) for school_id in past
    )


def kept_pupil_for(actor: Actor, permission: Permission, pupil_id: int) -> tuple[Pupil, int]:
    """Return a pupil and the school that keeps the pupil's record now.

    Raises NotFoundError when the actor may not do this there: a school that a pupil has left changes nothing.
    """
    pupil = db.session().get(Pupil, pupil_id)
    school_id = keeping_school(db.session(), pupil_id)
    if pupil is None or school_id is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(school_id))
    return pupil, school_id


def keeping_school(session: Session, pupil_id: int) -> int | None:
    """Return the school that keeps a pupil's record today (`rules.keeping_stay`)."""
    known = db.known_once(session, "keeping_school")
    if pupil_id not in known:
        rows = session.scalars(
            select(Enrolment).where(Enrolment.pupil_id == pupil_id).execution_options(populate_existing=True)
        )
        kept = keeping_stay([stay_of(row) for row in rows], clock.today())
        known[pupil_id] = kept.school_id if kept else None
    found: int | None = known[pupil_id]
    return found


def keeping_schools(session: Session, pupil_ids: Collection[int]) -> dict[int, int]:
    """Return {pupil: the school that keeps the record today}, as `keeping_school`; who has none is absent."""
    stays: dict[int, list[Stay]] = {}
    wanted = sorted(pupil_ids)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        for row in session.scalars(select(Enrolment).where(Enrolment.pupil_id.in_(some))):
            stays.setdefault(row.pupil_id, []).append(stay_of(row))
    found = {pupil_id: keeping_stay(rows, clock.today()) for pupil_id, rows in stays.items()}
    return {pupil_id: kept.school_id for pupil_id, kept in found.items() if kept}


def change_for(actor: Actor, permission: Permission, change_id: int) -> EnrolmentChange:
    """Return a step made at a school where the actor may do this, or raise NotFoundError."""
    found = db.session().get(EnrolmentChange, change_id)
    if found is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(found.school_id))
    return found


def offer_for(actor: Actor, permission: Permission, change_id: int) -> EnrolmentChange:
    """Return a transfer to a school where the actor may do this, or raise NotFoundError."""
    found = db.session().get(EnrolmentChange, change_id)
    if found is None or found.to_school_id is None or found.undone_at is not None:
        raise NotFoundError
    actor.require(permission, place_of_unit(found.to_school_id))
    return found


def visible_schools(
    actor: Actor, permission: Permission, pupil_id: int, history: History, on: date
) -> set[int] | None:
    """Return the schools whose part of a history the actor may read, None for all of it.

    The school that keeps the record reads everything, and so do the teacher of the pupil's class, the guardian and the
    pupil. A school that the pupil has left reads its own part.
    """
    if not history.stays or any(
        grant.pupil_id == pupil_id and permission.reach.get(grant.role) is Reach.SELF
        for grant in actor.grants
    ):
        return None
    kept = keeping_stay(history.stays, on)
    keepers = [place_of_unit(kept.school_id)] if kept else []
    places = [*keepers, *places_of_pupil(pupil_id, on)]
    if any(actor.may(permission, place) for place in places):
        return None
    schools = {one.school_id for one in history.stays}
    return {one for one in schools if actor.may(permission, place_of_unit(one))}


def may_keep(actor: Actor, school_id: int) -> bool:
    """Say whether the actor keeps the enrolment of a school."""
    return actor.may(KEEP_ENROLMENT, place_of_unit(school_id))
