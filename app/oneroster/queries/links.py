"""Whom the sourcedIds of a package mean: what an earlier package said, and our own ids coming back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from app.intake.queries import chunks, current_classes
from app.oneroster.models import OneRosterKey, OneRosterLink
from app.oneroster.rules.ids import Ids, Kind
from app.oneroster.rules.resolving import Known, KnownPerson
from app.school.models import Enrolment, OrgUnit, Pupil, SchoolClass, SchoolYear, Staff
from app.school.queries import classes_of_school
from app.text import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session


def ids_of(session: Session) -> Ids | None:
    """Return what makes and reads this installation's sourcedIds, None while it has never handed any out."""
    row = session.get(OneRosterKey, 1)
    return Ids(row.key) if row else None


def known_at(
    session: Session, school_id: int, year_id: int | None, days: tuple[date, date], keys: Iterable[str]
) -> Known:
    """Return what a school knows of the sourcedIds of a package. `days` are the year's first and the one after."""
    unit = session.get_one(OrgUnit, school_id)
    ours = _own(session, school_id, year_id, keys)
    links = session.scalars(select(OneRosterLink).where(OneRosterLink.school_id == school_id)).all()
    pupils = ours[Kind.PUPIL] | {row.sourced_id: row.pupil_id for row in links if row.pupil_id}
    staff = ours[Kind.STAFF] | {row.sourced_id: row.staff_id for row in links if row.staff_id}
    classes = ours[Kind.CLASS] | {row.sourced_id: row.class_id for row in links if row.class_id}
    year = session.get(SchoolYear, year_id) if year_id else None
    there = classes_of_school(session, school_id, year.id) if year else []
    names = {row.id: row.name for row in there}
    return Known(
        code=unit.code,
        name=unit.name,
        first_day=days[0],
        after_last=days[1],
        today=clock.today(),
        own_orgs=frozenset(key for key, number in ours[Kind.UNIT].items() if number == school_id),
        pupils=_people(session, school_id, year.id if year else None, pupils),
        staff=staff,
        classes={key: names[number] for key, number in classes.items() if number in names},
        existing=frozenset(natural_key(name) for name in names.values()),
    )


def _people(
    session: Session, school_id: int, year_id: int | None, pupils: dict[str, int]
) -> dict[str, KnownPerson]:
    names: dict[int, str] = {}
    for some in chunks(sorted(set(pupils.values()))):
        rows = session.execute(select(Pupil.id, Pupil.full_name).where(Pupil.id.in_(some)))
        names |= {row.id: row.full_name for row in rows}
    homes = current_classes(session, school_id, year_id) if year_id else {}
    return {
        key: KnownPerson(number, names[number], homes.get(number, ""))
        for key, number in pupils.items()
        if number in names
    }


def _own(
    session: Session, school_id: int, year_id: int | None, keys: Iterable[str]
) -> dict[Kind, dict[str, int]]:
    """Return what those ids mean that this installation made itself, as far as they belong to the school."""
    found: dict[Kind, dict[str, int]] = {kind: {} for kind in Kind}
    ids = ids_of(session)
    for key in keys if ids else ():
        if ids and (named := ids.read(key)) is not None:
            found[named.kind][key] = named.number
    here = {
        Kind.PUPIL: select(Enrolment.pupil_id).where(Enrolment.school_id == school_id),
        Kind.STAFF: select(Staff.id).where(Staff.school_id == school_id),
        Kind.CLASS: select(SchoolClass.id).where(
            SchoolClass.school_id == school_id, SchoolClass.year_id == (year_id or 0)
        ),
    }
    for kind, query in here.items():
        if found[kind]:
            numbers = set(session.scalars(query))
            found[kind] = {key: number for key, number in found[kind].items() if number in numbers}
    return found
