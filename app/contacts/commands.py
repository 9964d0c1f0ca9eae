"""Switching kinds of contact data on and off, writing what a roster brings, reading a personal id (which is logged)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db, facts
from app.audit.commands import record
from app.contacts.models import ContactSwitch, PupilContact
from app.contacts.queries import AT_ONCE, ID_PURPOSE, held_on, school_of_contact, switched_on
from app.contacts.rules import LONGEST_REASON, VIEW_PERSONAL_ID, ContactField
from app.errors import InvalidError, NotFoundError
from app.facts import Fact
from app.i18n import say
from app.sealing import sealer_for
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

    from app.access import Actor


@dataclass(frozen=True)
class ContactSwitchedOff(Fact):
    """A school stopped keeping a kind of contact data, and its values were deleted."""

    fact_name: ClassVar[str] = "ContactSwitchedOff"
    school_id: int
    field: str


def switch_on(actor: Actor, school_id: int, field: ContactField, reason: str) -> None:
    """Let a school keep a kind of contact data from now on. Doing it twice keeps the first reason.

    Raises InvalidError without a reason: nobody should have to guess later why children's data are kept.
    """
    why = clean_text(reason)[:LONGEST_REASON]
    if not why:
        raise InvalidError(say("Hãy ghi lý do."), {"reason": say("Hãy ghi lý do cần thu thập mục này.")})
    try:
        with db.transaction() as session:
            if field in switched_on(session, school_id):
                return
            session.add(
                ContactSwitch(
                    school_id=school_id,
                    field=field,
                    reason=why,
                    on_by=actor.user_id or None,
                    on_at=clock.now(),
                )
            )
            session.flush()
            record(
                session, actor, "contact.switched_on", ("school", school_id), {"field": field, "reason": why}
            )
    except IntegrityError:
        return  # somebody else switched it on in the same moment


def switch_off(actor: Actor, school_id: int, field: ContactField) -> int:
    """Stop keeping a kind of contact data and delete every stored value; return how many. Twice is once."""
    with db.transaction() as session:
        row = session.scalar(
            select(ContactSwitch)
            .where(
                ContactSwitch.school_id == school_id,
                ContactSwitch.field == field,
                ContactSwitch.off_at.is_(None),
            )
            .with_for_update()
        )
        if row is None:
            return 0
        row.off_by, row.off_at = actor.user_id or None, clock.now()
        done = session.execute(
            delete(PupilContact).where(PupilContact.school_id == school_id, PupilContact.field == field)
        )
        deleted = cast("CursorResult[object]", done).rowcount
        about = {"field": field, "deleted": deleted}
        record(session, actor, "contact.switched_off", ("school", school_id), about)
        facts.record(session, ContactSwitchedOff(school_id=school_id, field=field))
        return deleted


def write_contacts(
    session: Session, school_id: int, values: Mapping[int, Mapping[ContactField, str]]
) -> None:
    """Store {pupil: {kind: value}} in a running transaction. Kinds that are switched off are not written."""
    kept, sealer, now = held_on(session, school_id), sealer_for(ID_PURPOSE), clock.now()
    ids = sorted(values)
    for start in range(0, len(ids) if kept else 0, AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found = session.scalars(
            select(PupilContact).where(PupilContact.school_id == school_id, PupilContact.pupil_id.in_(some))
        )
        there = {(row.pupil_id, row.field): row for row in found}
        for pupil_id in some:
            for field in sorted(kept & values[pupil_id].keys()):
                plain = values[pupil_id][field]
                value = sealer.seal(plain) if field is ContactField.PERSONAL_ID else plain
                if row := there.get((pupil_id, field)):
                    row.value, row.updated_at = value, now
                else:
                    session.add(
                        PupilContact(
                            pupil_id=pupil_id, school_id=school_id, field=field, value=value, updated_at=now
                        )
                    )
        session.flush()


def read_personal_id(actor: Actor, pupil_id: int, on: date) -> str:
    """Return a pupil's personal id and log that it was seen; raise NotFoundError where there is none to see."""
    school_id = school_of_contact(actor, VIEW_PERSONAL_ID, pupil_id, on)
    with db.transaction() as session:
        sealed = session.scalar(
            select(PupilContact.value).where(
                PupilContact.pupil_id == pupil_id,
                PupilContact.school_id == school_id,
                PupilContact.field == ContactField.PERSONAL_ID,
            )
        )
        opened = sealer_for(ID_PURPOSE).open(sealed) if sealed else None
        if opened is None or ContactField.PERSONAL_ID not in switched_on(session, school_id):
            raise NotFoundError
        record(session, actor, "contact.personal_id_seen", ("pupil", pupil_id), {"school_id": school_id})
        return opened
