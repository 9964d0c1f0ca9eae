"""Reading guardians. Only what a school keeps switched on is ever given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.accounts.models import Grant, User
from app.accounts.rules.holders import Holder
from app.contacts.queries import switched_on
from app.contacts.rules import ContactField
from app.errors import NotFoundError
from app.guardians.models import Guardian
from app.guardians.rules import KEEP_GUARDIANS, Relationship, name_field
from app.i18n import say
from app.school.enrolment.queries import kept_pupil_for
from app.school.queries import below, place_of_unit, pupils_in_class

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.models import Pupil, SchoolClass


def guardian_for(actor: Actor, guardian_id: int) -> Guardian:
    """Return a guardian whom the actor's school keeps, of a pupil whom it keeps now, or raise NotFoundError."""
    found = db.session().get(Guardian, guardian_id)
    if found is None:
        raise NotFoundError
    actor.require(KEEP_GUARDIANS, place_of_unit(found.school_id))
    _pupil, school_id = kept_pupil_for(actor, KEEP_GUARDIANS, found.pupil_id)
    if school_id != found.school_id:
        raise NotFoundError
    return found


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """A guardian as a page shows it; `username` with an account, whose right to see the pupil may have ended."""

    id: int
    relationship: Relationship
    full_name: str
    phone: str
    username: str
    is_reading: bool


def guardians_of(session: Session, pupil_id: int, school_id: int) -> list[GuardianLine]:
    """Return a pupil's guardians as a school keeps them, in the order in which they were written."""
    kept = switched_on(session, school_id)
    rows = session.execute(
        select(Guardian, User, Grant.ends_on)
        .outerjoin(User, User.id == Guardian.user_id)
        .outerjoin(Grant, Grant.id == Guardian.grant_id)
        .where(Guardian.pupil_id == pupil_id, Guardian.school_id == school_id)
        .order_by(Guardian.id)
    )
    return [_line(row, user, ends_on, kept) for row, user, ends_on in rows]


def _line(
    row: Guardian, user: User | None, ends_on: date | None, kept: Collection[ContactField]
) -> GuardianLine:
    relationship = Relationship(row.relationship)
    account_name = user.full_name if user is not None else ""
    return GuardianLine(
        row.id,
        relationship,
        row.full_name if name_field(relationship) in kept else account_name,
        (row.phone or "") if ContactField.PHONE in kept else "",
        user.username if user is not None else "",
        user is not None and ends_on is None,
    )


def holders_of_class(session: Session, school_class: SchoolClass, day: date) -> list[Holder]:
    """Return the guardians whom the school knows by name, of the pupils of a class on a day, in the pupils' order."""
    pupils = pupils_in_class(session, school_class.id, day)
    rows = session.scalars(
        select(Guardian)
        .where(
            Guardian.pupil_id.in_([pupil.id for pupil in pupils]),
            Guardian.school_id == school_class.school_id,
            Guardian.full_name != "",
        )
        .order_by(Guardian.id)
    )
    of_pupil: dict[int, list[Guardian]] = {}
    for row in rows:
        of_pupil.setdefault(row.pupil_id, []).append(row)
    return [
        Holder(row.id, row.full_name, str(_child(pupil, school_class)), (pupil.id,), row.user_id)
        for pupil in pupils
        for row in of_pupil.get(pupil.id, ())
    ]


def _child(pupil: Pupil, school_class: SchoolClass) -> str:
    return say(
        "Phụ huynh em %(name)s, lớp %(class_name)s", name=pupil.full_name, class_name=school_class.name
    )


def account_at(session: Session, school_id: int, username: str) -> User | None:
    """Return the active account with a user name that has, or had, a role at a school."""
    return session.scalar(
        select(User).where(
            User.username_fold == username.strip().casefold(),
            User.active,
            User.id.in_(select(Grant.user_id).where(Grant.unit_id.in_(below([school_id])))),
        )
    )
