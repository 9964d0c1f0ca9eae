"""Reading imports, and whom a school knows already."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import defer

from app import db
from app.accounts.models import User
from app.contacts.queries import stored_contacts, switched_on
from app.errors import NotFoundError
from app.intake.models import HeadingAlias, RosterImport, RosterJournal
from app.intake.rules.comparing import KnownPupil
from app.intake.rules.rows import AS_IT_IS, Field, Reading
from app.intake.rules.states import ImportState
from app.school.models import ClassMembership, Enrolment, Pupil, SchoolClass, SchoolYear
from app.school.queries import place_of_unit
from app.school.rules import IMPORT_ROSTER
from app.text import LegacyEncoding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.access import Actor

T = TypeVar("T")
AT_ONCE: Final = 500
"""How many values go into one IN (…): both databases have a limit on parameters."""
SHOWN_IMPORTS: Final = 500


def import_for(actor: Actor, import_id: int) -> RosterImport:
    """Return an import of a school for which the actor may import, or raise NotFoundError."""
    found = db.session().get(RosterImport, import_id)
    if found is None:
        raise NotFoundError
    actor.require(IMPORT_ROSTER, place_of_unit(found.school_id))
    return found


def import_by_key(session: Session, client_key: str) -> RosterImport | None:
    """Return the import that a page began with its own key."""
    return session.scalar(select(RosterImport).where(RosterImport.client_key == client_key))


@dataclass(frozen=True, slots=True)
class People:
    """Who brought, applied and took back an import; "" for the command line."""

    uploaded: str
    applied: str
    undone: str


def people_of(session: Session, row: RosterImport) -> People:
    """Return the names behind an import."""
    ids = (row.uploaded_by, row.applied_by, row.undone_by)
    found = session.execute(
        select(User.id, User.full_name).where(User.id.in_([one for one in ids if one is not None]))
    )
    names = {row.id: row.full_name for row in found}
    return People(*(names.get(one or 0, "") for one in ids))


@dataclass(frozen=True, slots=True)
class PastImport:
    """A line of the history. `numbers` is empty where nothing was read; `has_bad_rows`: they can be downloaded."""

    id: int
    file_name: str
    year: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    numbers: dict[str, int]
    has_bad_rows: bool
    undoable: bool


def numbers_of(row: RosterImport) -> dict[str, int]:
    """Return the counts of an import, {} where nothing was read."""
    found: dict[str, int] = json.loads(row.numbers or "{}")
    return found


def imports_of_school(session: Session, school_id: int) -> list[PastImport]:
    """Return a school's imports, the latest first."""
    rows = session.execute(
        select(
            RosterImport,
            SchoolYear.code,
            User.full_name,
            RosterImport.preview.is_not(None),
            RosterJournal.import_id.is_not(None),
        )
        .outerjoin(RosterJournal, RosterJournal.import_id == RosterImport.id)
        .join(SchoolYear, SchoolYear.id == RosterImport.year_id)
        .outerjoin(User, User.id == RosterImport.uploaded_by)
        .where(RosterImport.school_id == school_id)
        .order_by(RosterImport.uploaded_at.desc(), RosterImport.id.desc())
        .limit(SHOWN_IMPORTS)
        .options(defer(RosterImport.preview))
    )
    return [
        PastImport(
            id=row.id,
            file_name=row.file_name,
            year=year,
            state=ImportState(row.state),
            uploaded_at=row.uploaded_at,
            uploaded_by=name or "",
            numbers=numbers_of(row),
            has_bad_rows=bool(previewed and numbers_of(row).get("bad")),
            undoable=bool(journaled) and row.state == ImportState.APPLIED,
        )
        for row, year, name, previewed, journaled in rows
    ]


def is_undoable(session: Session, row: RosterImport) -> bool:
    """Say whether what an import did is still kept, so that it can be taken back if nothing has built on it."""
    kept = select(RosterJournal.import_id).where(RosterJournal.import_id == row.id)
    return row.state == ImportState.APPLIED and session.scalar(kept) is not None


def reading_of(session: Session, school_id: int, converts_from: str | None = None) -> Reading:
    """Return how a school has its files read: the headings that it taught, the contact data that it switched on."""
    aliases = session.execute(
        select(HeadingAlias.heading_fold, HeadingAlias.field).where(HeadingAlias.school_id == school_id)
    )
    return replace(
        AS_IT_IS,
        aliases={row.heading_fold: Field(row.field) for row in aliases},
        contact=frozenset(Field(kind.value) for kind in switched_on(session, school_id)),
        converts_from=LegacyEncoding(converts_from) if converts_from else None,
    )


@dataclass(frozen=True, slots=True)
class TaughtHeading:
    """A heading that a school taught the reader, and who did."""

    id: int
    heading: str
    field: Field
    made_by: str
    made_at: datetime


def headings_of_school(session: Session, school_id: int) -> list[TaughtHeading]:
    """Return the headings that a school taught, in the order of the alphabet."""
    rows = session.execute(
        select(HeadingAlias, User.full_name)
        .outerjoin(User, User.id == HeadingAlias.made_by)
        .where(HeadingAlias.school_id == school_id)
        .order_by(HeadingAlias.heading_fold)
    )
    return [
        TaughtHeading(row.id, row.heading, Field(row.field), name or "", row.made_at) for row, name in rows
    ]


def known_pupils(
    session: Session, school_id: int, year_id: int | None, codes: Sequence[str]
) -> list[KnownPupil]:
    """Return whom a roster may mean: everybody who is or was at the school, and the owners of the file's codes."""
    # From the school to its pupils: asked of each pupil of a province, SQLite took 3 s for every file.
    ever_here = select(Enrolment.pupil_id).where(Enrolment.school_id == school_id)
    found = {pupil.id: pupil for pupil in session.scalars(select(Pupil).where(Pupil.id.in_(ever_here)))}
    for some in chunks(codes):
        owners = session.scalars(select(Pupil).where(Pupil.ministry_code.in_(some)))
        found.update((pupil.id, pupil) for pupil in owners)
    if year_id is None:
        return [_known(pupil, None, None, elsewhere=False) for pupil in found.values()]
    contacts = stored_contacts(session, school_id, found.keys(), switched_on(session, school_id))
    here = _open_enrolments(session, year_id, Enrolment.school_id == school_id)
    strangers = [pupil_id for pupil_id in found if pupil_id not in here]
    elsewhere = {
        pupil_id
        for some in chunks(strangers)
        for pupil_id in _open_enrolments(session, year_id, Enrolment.pupil_id.in_(some))
    }
    classes = current_classes(session, school_id, year_id)
    return [
        replace(
            _known(pupil, here.get(pupil.id), classes.get(pupil.id), elsewhere=pupil.id in elsewhere),
            contact=contacts.get(pupil.id, {}),
        )
        for pupil in found.values()
    ]


def _open_enrolments(session: Session, year_id: int, which: ColumnElement[bool]) -> dict[int, str]:
    """Return {pupil id: status} of enrolments that have not ended."""
    rows = session.execute(
        select(Enrolment.pupil_id, Enrolment.status).where(
            Enrolment.year_id == year_id, Enrolment.ends_on.is_(None), which
        )
    )
    return {row.pupil_id: row.status for row in rows}


def current_classes(session: Session, school_id: int, year_id: int) -> dict[int, str]:
    """Return {pupil id: class} of the school's pupils whose membership has not ended."""
    rows = session.execute(
        select(ClassMembership.pupil_id, SchoolClass.name)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == year_id,
            ClassMembership.ends_on.is_(None),
        )
        .order_by(ClassMembership.id.desc())
    )
    return {row.pupil_id: row.name for row in rows}


def _known(pupil: Pupil, status: str | None, class_name: str | None, *, elsewhere: bool) -> KnownPupil:
    return KnownPupil(
        id=pupil.id,
        code=pupil.ministry_code,
        full_name=pupil.full_name,
        birth_date=pupil.birth_date,
        sex=pupil.sex,
        ethnicity=pupil.ethnicity,
        disability=pupil.disability,
        status=status,
        class_name=class_name,
        here=status is not None,
        elsewhere=elsewhere,
    )


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the values in pieces that fit into one statement."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
