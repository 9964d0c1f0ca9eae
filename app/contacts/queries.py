"""Reading contact data. Only what a school keeps switched on is ever given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app import db
from app.accounts.models import User
from app.contacts.models import ContactSwitch, PupilContact
from app.contacts.rules import VIEW_CONTACT, Contact, ContactField
from app.errors import NotFoundError
from app.school.models import Enrolment, Pupil
from app.school.queries import holds_on, place_of_unit, places_of_pupil
from app.sealing import sealer_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.access import Actor, Permission

ID_PURPOSE: Final = "personal-id"
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Switch:
    """That a kind of data is, or was, kept: who, when, why; how many pupils have it now."""

    field: ContactField
    reason: str
    on_by: str
    on_at: datetime
    off_by: str
    off_at: datetime | None
    stored: int = 0


def switched_on(session: Session, school_id: int) -> frozenset[ContactField]:
    """Return the kinds of contact data that a school keeps."""
    known = db.known_once(session, "contact_switches")
    if school_id not in known:
        found = session.scalars(
            select(ContactSwitch.field).where(
                ContactSwitch.school_id == school_id, ContactSwitch.off_at.is_(None)
            )
        )
        known[school_id] = frozenset(ContactField(field) for field in found)
    fields: frozenset[ContactField] = known[school_id]
    return fields


def held_on(session: Session, school_id: int) -> frozenset[ContactField]:
    """Return the kinds that a school keeps, for a transaction that writes some: they stay so until it ends.

    Else a kind is switched off and deleted meanwhile, and what is written afterwards stays for good.
    """
    found = session.scalars(
        select(ContactSwitch.field)
        .where(ContactSwitch.school_id == school_id, ContactSwitch.off_at.is_(None))
        .with_for_update(read=True)
    )
    return frozenset(map(ContactField, found))


def switches_of_school(session: Session, school_id: int) -> list[Switch]:
    """Return every switch of a school, the latest first."""
    begun, ended = aliased(User), aliased(User)
    rows = session.execute(
        select(ContactSwitch, begun.full_name, ended.full_name)
        .outerjoin(begun, begun.id == ContactSwitch.on_by)
        .outerjoin(ended, ended.id == ContactSwitch.off_by)
        .where(ContactSwitch.school_id == school_id)
        .order_by(ContactSwitch.on_at.desc(), ContactSwitch.id.desc())
    )
    counts = _stored_counts(session, school_id)
    return [
        Switch(
            field=ContactField(row.field),
            reason=row.reason,
            on_by=on_by or "",
            on_at=row.on_at,
            off_by=off_by or "",
            off_at=row.off_at,
            stored=counts.get(row.field, 0) if row.off_at is None else 0,
        )
        for row, on_by, off_by in rows
    ]


def _stored_counts(session: Session, school_id: int) -> dict[str, int]:
    rows = session.execute(
        select(PupilContact.field, func.count())
        .where(PupilContact.school_id == school_id)
        .group_by(PupilContact.field)
    )
    return {row[0]: row[1] for row in rows}


def stored_contacts(
    session: Session, school_id: int, pupil_ids: Collection[int], fields: Iterable[ContactField]
) -> dict[int, dict[ContactField, str]]:
    """Return {pupil: {kind: value}} as a school keeps them, personal ids opened. For comparing, never for showing."""
    wanted, ids = [str(field) for field in fields], sorted(pupil_ids)
    sealer = sealer_for(ID_PURPOSE)
    found: dict[int, dict[ContactField, str]] = {}
    for start in range(0, len(ids) if wanted else 0, AT_ONCE):
        rows = session.scalars(
            select(PupilContact).where(
                PupilContact.school_id == school_id,
                PupilContact.field.in_(wanted),
                PupilContact.pupil_id.in_(ids[start : start + AT_ONCE]),
            )
        )
        for row in rows:
            sealed = row.field == ContactField.PERSONAL_ID
            value = (sealer.open(row.value) or "") if sealed else row.value
            found.setdefault(row.pupil_id, {})[ContactField(row.field)] = value
    return found


def contact_of_pupil(actor: Actor, pupil_id: int, on: date) -> Contact:
    """Return the contact data of a pupil whom the actor may reach, empty where the school keeps none.

    Raises NotFoundError when the pupil does not exist or the actor may not see the contact data of the school or
    class where the pupil is on that day. The personal id is not in it: `commands.read_personal_id` gives and logs it.
    """
    school_id = school_of_contact(actor, VIEW_CONTACT, pupil_id, on)
    kept = switched_on(db.session(), school_id)
    rows = db.session().execute(
        select(PupilContact.field, PupilContact.value).where(
            PupilContact.pupil_id == pupil_id,
            PupilContact.school_id == school_id,
            PupilContact.field.in_([str(field) for field in kept]),
        )
    )
    values = {ContactField(field): value for field, value in rows}
    has_id = values.pop(ContactField.PERSONAL_ID, None) is not None
    return Contact({field: values[field] for field in ContactField if field in values}, has_id)


def school_of_contact(actor: Actor, permission: Permission, pupil_id: int, on: date) -> int:
    """Return the school that a pupil attends on a day and where the actor may do this, or raise NotFoundError."""
    school_ids = db.session().scalars(
        select(Enrolment.school_id)
        .join(Pupil, and_(Pupil.id == Enrolment.pupil_id, holds_on(Enrolment, on)))
        .where(Pupil.id == pupil_id)
        .order_by(Enrolment.id)
    )
    places = places_of_pupil(pupil_id, on)
    for school_id in school_ids.all():
        units = place_of_unit(school_id).unit_ids
        if any(actor.may(permission, place) for place in places if place.unit_ids == units):
            return school_id
    raise NotFoundError
