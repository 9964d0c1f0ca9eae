"""The audit log as its readers see it: within reach, filtered, newest first, page by page along the sequence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, String, and_, case, cast, exists, or_, select

from app import clock, db
from app.accounts.models import Grant, User
from app.audit.models import AuditCheck, AuditEntry
from app.audit.rules.words import actions_like
from app.errors import NotFoundError
from app.school.models import OrgUnit, SchoolClass, SchoolYear
from app.school.queries import below
from app.text import fold
from app.whereabouts import whereabouts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from app.access import Actor, Permission

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log is narrowed to; a page begins beyond the sequence number `before`, the first one without it."""

    person: str = ""
    text: str = ""
    action: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None
    oldest_first: bool = False


class Entry(NamedTuple):
    """What a file of the log holds of an entry."""

    sequence: int
    at: datetime
    user_name: str
    action: str
    subject_kind: str
    subject_id: str
    details: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the name of the object it is about, None where it has no name any more or never had."""

    entry: AuditEntry | Entry
    about: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, and the sequence number from which the next ones go on, None on the last page."""

    lines: tuple[Line, ...]
    older: int | None


def entries_page(actor: Actor, permission: Permission, wanted: Wanted) -> Page:
    """Return a page of what the actor may see and asked for; the number of queries does not grow."""
    session = db.session()
    rows = session.scalars(_matching(actor, permission, wanted).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    older = shown[-1].sequence if len(rows) > PAGE_SIZE else None
    return Page(tuple(with_names(session, shown)), older)


def entries_to_export(actor: Actor, permission: Permission, wanted: Wanted, most: int) -> list[Line]:
    """Return what the actor may see and asked for, at most so many entries. Columns: a province has 10,000 of them."""
    session, one = db.session(), AuditEntry
    columns = (one.sequence, one.at, one.user_name, one.action, one.subject_kind, one.subject_id, one.details)
    query = _matching(actor, permission, wanted).with_only_columns(*columns).limit(most)
    return with_names(session, [Entry(*row) for row in session.execute(query)])


def entry_for(actor: Actor, permission: Permission, sequence: int) -> Line:
    """Return one entry within the actor's reach; raise NotFoundError otherwise."""
    session = db.session()
    query = select(AuditEntry).where(AuditEntry.sequence == sequence, _within_reach(actor, permission))
    row = session.scalar(query)
    if row is None:
        raise NotFoundError
    return next(iter(with_names(session, [row])))


def last_check(session: Session) -> AuditCheck | None:
    """Return how far the chain was verified, None when it never was."""
    return session.get(AuditCheck, 1)


def _within_reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the SQL condition that an entry is the reader's business.

    It is about a unit, class or account of the reader's units, or was done by somebody who never had a role outside
    them: what a teacher did at another school is not for this principal. A teacher of two schools is in the log of each
    with what was done to things that are there, and in both with what concerns the own account only.
    """
    units = below(actor.unit_ids(permission))
    inside = select(Grant.user_id).where(Grant.unit_id.in_(units))
    outside = select(Grant.user_id).where(Grant.unit_id.not_in(units))
    subject, kind = _number, AuditEntry.subject_kind
    of_school = exists().where(SchoolClass.id == subject("class"), SchoolClass.school_id.in_(units))
    return or_(
        and_(AuditEntry.user_id.in_(inside), AuditEntry.user_id.not_in(outside)),
        and_(kind.in_(("school", "unit")), subject("school", "unit").in_(units)),
        and_(kind == "class", of_school),
        and_(kind == "user", subject("user").in_(inside), subject("user").not_in(outside)),
        and_(kind == "user", subject("user") == AuditEntry.user_id, AuditEntry.user_id.in_(inside)),
        *(
            and_(kind == one.kind, AuditEntry.user_id.in_(inside), one.is_at(subject(one.kind), units))
            for one in whereabouts()
        ),
    )


def _number(*kinds: str) -> ColumnElement[int]:
    """Return the id of what an entry of these kinds is about; others may have words there, which are not cast.

    As a number it is looked up by index, entry by entry. Comparing as text cast every pupil of a province to a string:
    2 to 17 s for the department's log, 250,000 pupils, 9,000 entries.
    """
    is_number = AuditEntry.subject_kind.in_(kinds)
    return cast(case((is_number, AuditEntry.subject_id), else_=None), Integer)


def _matching(actor: Actor, permission: Permission, wanted: Wanted) -> Select[AuditEntry]:
    sequence = AuditEntry.sequence
    query = select(AuditEntry).where(_within_reach(actor, permission))
    query = query.order_by(sequence.asc() if wanted.oldest_first else sequence.desc())
    if wanted.before is not None:
        beyond = sequence > wanted.before if wanted.oldest_first else sequence < wanted.before
        query = query.where(beyond)
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.kind:
        query = query.where(AuditEntry.subject_kind == wanted.kind)
    if wanted.first is not None:
        query = query.where(AuditEntry.at >= _start_of(wanted.first))
    if wanted.last is not None:
        query = query.where(AuditEntry.at < _start_of(wanted.last + timedelta(days=1)))
    if wanted.person.strip():
        query = query.where(AuditEntry.user_id.in_(_people_like(wanted.person)))
    return query.where(_says(wanted.text)) if wanted.text.strip() else query


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(clock.SCHOOL_ZONE))


def _people_like(typed: str) -> Select[int]:
    wanted = fold(typed)[:80]
    return select(User.id).where(
        or_(
            User.name_fold.contains(wanted, autoescape=True),
            User.username_fold.contains(wanted, autoescape=True),
        )
    )


def _says(typed: str) -> ColumnElement[bool]:
    """Return the condition that an entry speaks of what was typed: its action, the account it is about, its details."""
    people = select(cast(User.id, String)).where(User.id.in_(_people_like(typed)))
    return or_(
        AuditEntry.action.in_(actions_like(typed)),
        and_(AuditEntry.subject_kind == "user", AuditEntry.subject_id.in_(people)),
        AuditEntry.details.icontains(typed.strip()[:80], autoescape=True),
    )


def with_names(session: Session, rows: Sequence[AuditEntry | Entry]) -> list[Line]:
    """Return entries with the names of what they are about, at most four queries in all."""
    names: dict[tuple[str, str], str] = {}
    sources = (
        (("user",), User.id, User.full_name),
        (("school", "unit"), OrgUnit.id, OrgUnit.name),
        (("class",), SchoolClass.id, SchoolClass.name),
        (("year",), SchoolYear.id, SchoolYear.code),
    )
    for kinds, key, name in sources:
        asked = {
            int(row.subject_id) for row in rows if row.subject_kind in kinds and row.subject_id.isdecimal()
        }
        if asked:
            found = session.execute(select(key, name).where(db.is_one_of(key, asked))).all()
            names |= {(kind, str(row[0])): row[1] for kind in kinds for row in found}
    return [Line(row, names.get((row.subject_kind, row.subject_id))) for row in rows]
