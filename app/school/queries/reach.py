"""Authorised loaders, and where things are: every loader takes the actor and the permission needed.

Absent and forbidden both raise a NotFoundError.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, bindparam, or_, select

from app import db
from app.access import Actor, Permission, Place
from app.errors import NotFoundError
from app.school.models import (
    BellPeriod,
    ClassMembership,
    Enrolment,
    OrgUnit,
    Pupil,
    School,
    SchoolClass,
    Timetable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def unit_for(actor: Actor, permission: Permission, unit_id: int) -> OrgUnit:
    """Return the unit, or raise NotFoundError when it does not exist or the actor may not do this there."""
    unit = db.session().get(OrgUnit, unit_id)
    if unit is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(unit_id))
    return unit


def school_for(actor: Actor, permission: Permission, school_id: int) -> OrgUnit:
    """Return the unit of a school; `school_details` has the rest."""
    if db.session().get(School, school_id) is None:
        raise NotFoundError
    return unit_for(actor, permission, school_id)


def class_for(actor: Actor, permission: Permission, class_id: int) -> SchoolClass:
    """Return the class, or raise NotFoundError."""
    found = db.session().get(SchoolClass, class_id)
    if found is None:
        raise NotFoundError
    actor.require(permission, place_of_class(found))
    return found


def pupil_for(actor: Actor, permission: Permission, pupil_id: int, on: date) -> Pupil:
    """Return the pupil when the actor may do this in the school or class where the pupil is on that day."""
    pupil = db.session().get(Pupil, pupil_id)
    if pupil is None or not any(actor.may(permission, place) for place in places_of_pupil(pupil_id, on)):
        raise NotFoundError
    return pupil


def own_pupil_ids(actor: Actor) -> list[int]:
    """Return the pupils whom an actor's grants name: oneself, or the children of a guardian."""
    return sorted({grant.pupil_id for grant in actor.grants if grant.pupil_id is not None})


def class_of_pupil_on(session: Session, pupil_id: int, day: date) -> SchoolClass | None:
    """Return the class of a pupil on a day, wherever; the loader of the pupil has said that the actor may ask."""
    return session.scalars(
        select(SchoolClass)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(ClassMembership.pupil_id == pupil_id, holds_on(ClassMembership, day))
        .order_by(SchoolClass.id)
    ).first()


# --- places -------------------------------------------------------------------------------------------------------


def place_of_unit(unit_id: int) -> Place:
    """Return the unit together with all units above it."""
    return Place(unit_ids=frozenset(ancestors(db.session(), unit_id)))


def place_of_class(school_class: SchoolClass) -> Place:
    """Return where a class lives."""
    return Place(unit_ids=place_of_unit(school_class.school_id).unit_ids, class_id=school_class.id)


def places_of_pupil(pupil_id: int, on: date) -> list[Place]:
    """Return the places where a pupil is on a day: the school of the enrolment and each class."""
    session = db.session()
    known = db.known_once(session, "places_of_pupil")
    if (pupil_id, on) not in known:
        known[pupil_id, on] = _places_of_pupil(session, pupil_id, on)
    return list(known[pupil_id, on])


def _places_of_pupil(session: Session, pupil_id: int, on: date) -> list[Place]:
    rows = session.execute(
        select(Enrolment.school_id, ClassMembership.class_id)
        .outerjoin(
            ClassMembership,
            and_(ClassMembership.pupil_id == Enrolment.pupil_id, holds_on(ClassMembership, on)),
        )
        .where(Enrolment.pupil_id == pupil_id, holds_on(Enrolment, on))
    )
    return [Place(place_of_unit(row.school_id).unit_ids, row.class_id, pupil_id) for row in rows]


def ancestors(session: Session, unit_id: int) -> list[int]:
    """Return the ids of a unit and of all units above it, from the unit up."""
    known = db.known_once(session, "ancestors")
    if unit_id not in known:
        known[unit_id] = tuple(session.scalars(_chain(), {"unit_id": unit_id}))
    return list(known[unit_id])


@cache
def _chain() -> Select[tuple[int]]:
    """Return the statement, built once: most requests ask it."""
    first = select(OrgUnit.id, OrgUnit.parent_id).where(OrgUnit.id == bindparam("unit_id"))
    chain = first.cte("chain", recursive=True)
    chain = chain.union_all(
        select(OrgUnit.id, OrgUnit.parent_id).join(chain, OrgUnit.id == chain.c.parent_id)
    )
    return select(chain.c.id)


def below(unit_ids: Iterable[int]) -> Select[tuple[int]]:
    """Return a subquery of the ids of units and of everything below them."""
    tree = select(OrgUnit.id).where(OrgUnit.id.in_(list(unit_ids))).cte("tree", recursive=True)
    tree = tree.union_all(select(OrgUnit.id).join(tree, OrgUnit.parent_id == tree.c.id))
    return select(tree.c.id)


def holds_on(
    table: type[ClassMembership | Enrolment | BellPeriod | Timetable], day: date | ColumnElement[date]
) -> ColumnElement[bool]:
    """Return the SQL condition that a dated row holds on a day: starts_on <= day < ends_on."""
    return and_(table.starts_on <= day, or_(table.ends_on.is_(None), table.ends_on > day))
