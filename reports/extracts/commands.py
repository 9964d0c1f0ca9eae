"""Letting an extract leave: what it withholds is frozen first, and who took it is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import clock, db
from app.audit.commands import record
from app.errors import NotFoundError
from app.i18n import say
from reports.extracts.queries import (
    MOST_SCHOOLS_KEPT,
    kept_extract,
    prepare_extract,
    prepare_schools,
    state_of,
)
from reports.releases.commands import freeze_pattern
from reports.tallies.queries import period_named, place_tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.extracts.queries import Prepared
    from reports.extracts.rules import Extract
    from reports.tallies.queries import PlaceTree
    from reports.tallies.rules import Period


def release_extract(
    actor: Actor, place: PlaceTree, period_name: str, as_of: date, purpose: str, state: str | None = None
) -> Extract:
    """Make an extract, freeze what it withholds, log it, and only then return it: the one way out for these figures.

    The organisation is that of `as_of`, which `place` was read for; the figures are what is known today. `purpose` says
    how it leaves: "xlsx", "api" and so on. `state` is that of the place's schools, for who lets several periods out at
    once. Raises NotFoundError for a period that does not exist,
    UnsafeReleaseError when the attacker breaks it.
    """
    session = db.session()
    period = period_named(session, period_name)
    if period is None:
        raise NotFoundError
    prepared = _prepared(session, place, period, as_of, state)
    session.rollback()
    with db.transaction() as writing:
        _let_out(writing, actor, place.unit.id, prepared, purpose)
    return prepared.extract


def release_schools(
    actor: Actor, schools: Sequence[PlaceTree], period_name: str, as_of: date, purpose: str
) -> dict[int, Extract]:
    """Do the same for many schools, each with an extract of its own: {school: extract}, all of one reading.

    Either all of them are let out or none. Raises likewise.
    """
    session = db.session()
    period = period_named(session, period_name)
    if period is None:
        raise NotFoundError
    prepared = prepare_schools(session, schools, period, clock.today(), as_of)
    session.rollback()
    with db.transaction() as writing:
        for school_id, one in prepared.items():
            _let_out(writing, actor, school_id, one, purpose)
    return {school_id: one.extract for school_id, one in prepared.items()}


def _let_out(session: Session, actor: Actor, unit_id: int, prepared: Prepared, purpose: str) -> None:
    """Freeze what an extract withholds and log that it leaves, in the running transaction."""
    for (school_id, name), guarded in sorted(prepared.patterns.items(), key=lambda item: item[0]):
        freeze_pattern(session, school_id, name, guarded.withheld, guarded.certificate)
    extract = prepared.extract
    details = {
        "period": extract.period.name,
        "as_of": extract.as_of,
        "form": purpose,
        "sha256": extract.digest,
    }
    record(session, actor, "indicators.exported", ("unit", unit_id), details)


def _prepared(session: Session, place: PlaceTree, period: Period, as_of: date, state: str | None) -> Prepared:
    today, schools = clock.today(), [unit.id for unit in place.schools]
    if len(schools) > MOST_SCHOOLS_KEPT:
        return prepare_extract(session, place, period, today, as_of)
    return kept_extract(session, place, period, today, as_of, state or state_of(session, schools))


def place_on(code: str, as_of: date) -> PlaceTree:
    """Return the unit that carries a code on a day, with what was below it then. Raises NotFoundError."""
    place = place_tree(db.session(), code, as_of)
    if place is None:
        raise NotFoundError(say("Không có đơn vị mang mã %(code)s.", code=code))
    return place
