"""What a person or a page reads many of: schools with their counts, wards, classes, pupils, cards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from app import clock, db
from app.errors import InvalidError
from app.i18n import say
from app.school.models import (
    ClassMembership,
    OrgUnit,
    Pupil,
    PupilCard,
    School,
    SchoolClass,
)
from app.school.queries.reach import below, holds_on
from app.school.queries.years import latest_year

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from app.access import Actor, Permission


class UnitRow(NamedTuple):
    """What a list shows of a unit: a province's 430 as entities cost a page 10 ms, and are read anew after a commit."""

    id: int
    kind: str
    code: str
    name: str
    parent_id: int | None


def unit_rows() -> Select[int, str, str, str, int | None]:
    """Return the query of what a `UnitRow` is made of; a condition and an order are still missing."""
    return select(OrgUnit.id, OrgUnit.kind, OrgUnit.code, OrgUnit.name, OrgUnit.parent_id)


def schools_for(actor: Actor, permission: Permission) -> list[OrgUnit]:
    """Return the schools where the actor holds the permission, in Vietnamese order of their names."""
    reachable = _reachable(actor, permission)
    if reachable is None:
        return []
    query = select(OrgUnit).join(School, School.id == OrgUnit.id).where(reachable)
    return list(db.session().scalars(query.order_by(OrgUnit.name_sort, OrgUnit.id)))


def school_rows_for(actor: Actor, permission: Permission) -> list[UnitRow]:
    """Return the schools of `schools_for`, in its order, as rows to list and count."""
    reachable = _reachable(actor, permission)
    if reachable is None:
        return []
    query = unit_rows().join(School, School.id == OrgUnit.id).where(reachable)
    return [UnitRow(*row) for row in db.session().execute(query.order_by(OrgUnit.name_sort, OrgUnit.id))]


def _reachable(actor: Actor, permission: Permission) -> ColumnElement[bool] | None:
    """Return the condition on schools where the actor holds a permission; None where nobody needs to ask."""
    units, classes = actor.unit_ids(permission), actor.class_ids(permission)
    if not units and not classes:
        return None
    reachable: ColumnElement[bool] = OrgUnit.id.in_(below(units))
    if classes:
        reachable = or_(
            reachable, OrgUnit.id.in_(select(SchoolClass.school_id).where(SchoolClass.id.in_(classes)))
        )
    return reachable


def school_ids_for(actor: Actor, permission: Permission) -> set[int]:
    """Return the ids of the schools where the actor holds a permission through a unit: no school is loaded for it."""
    return set(
        db.session().scalars(select(School.id).where(School.id.in_(below(actor.unit_ids(permission)))))
    )


def classes_for(
    actor: Actor, permission: Permission, year_id: int, school_id: int | None = None
) -> list[SchoolClass]:
    """Return the classes of a year where the actor holds the permission, in natural order (6A2 before 6A10)."""
    reachable = or_(
        SchoolClass.school_id.in_(below(actor.unit_ids(permission))),
        SchoolClass.id.in_(actor.class_ids(permission)),
    )
    query = select(SchoolClass).where(SchoolClass.year_id == year_id, reachable)
    if school_id is not None:
        query = query.where(SchoolClass.school_id == school_id)
    return list(db.session().scalars(query.order_by(SchoolClass.name_sort, SchoolClass.id)))


def classes_of_school(session: Session, school_id: int, year_id: int) -> list[SchoolClass]:
    """Return a school's classes of a year in natural order."""
    return list(
        session.scalars(
            select(SchoolClass)
            .where(SchoolClass.school_id == school_id, SchoolClass.year_id == year_id)
            .order_by(SchoolClass.name_sort, SchoolClass.id)
        )
    )


def pupils_in_class(session: Session, class_id: int, day: date) -> list[Pupil]:
    """Return the pupils of a class on a day, by given name in Vietnamese order."""
    return list(
        session.scalars(
            select(Pupil)
            .join(ClassMembership, ClassMembership.pupil_id == Pupil.id)
            .where(ClassMembership.class_id == class_id, holds_on(ClassMembership, day))
            .order_by(Pupil.name_sort, Pupil.id)
        )
    )


def class_sizes(session: Session, class_ids: Sequence[int], day: date) -> dict[int, int]:
    """Return {class id: number of pupils on the day}; a class without pupils is absent from the result."""
    rows = session.execute(
        select(ClassMembership.class_id, func.count())
        .where(ClassMembership.class_id.in_(class_ids), holds_on(ClassMembership, day))
        .group_by(ClassMembership.class_id)
    )
    return {row[0]: row[1] for row in rows}


def cards_of_pupils(session: Session, pupil_ids: Sequence[int], year_id: int) -> dict[int, str]:
    """Return {pupil id: card code} of the cards that are valid in a year."""
    rows = session.execute(
        select(PupilCard.pupil_id, PupilCard.code).where(
            PupilCard.pupil_id.in_(pupil_ids), PupilCard.year_id == year_id, PupilCard.revoked_at.is_(None)
        )
    )
    return {row[0]: row[1] for row in rows}


def wards_of(session: Session, schools: Collection[OrgUnit | UnitRow]) -> list[UnitRow]:
    """Return the units right above these schools, in Vietnamese order."""
    above = {unit.parent_id for unit in schools}
    rows = session.execute(unit_rows().where(OrgUnit.id.in_(above)).order_by(OrgUnit.name_sort))
    return [UnitRow(*row) for row in rows]


def unit_by_code(session: Session, code: str, day: date) -> OrgUnit | None:
    """Return the unit that carries a code on a day, whatever the code set; the school one when several do."""
    rows = session.scalars(
        select(OrgUnit)
        .where(
            OrgUnit.code == code,
            OrgUnit.valid_from <= day,
            or_(OrgUnit.valid_to.is_(None), OrgUnit.valid_to > day),
        )
        .order_by((OrgUnit.kind != "school"), OrgUnit.id)
    )
    return rows.first()


def school_by_code(session: Session, code: str) -> OrgUnit:
    """Return the school that carries a code today, for the command line; raise InvalidError when there is none."""
    found = unit_by_code(session, code, clock.today())
    if found is None or found.kind != "school":
        raise InvalidError(say("Không có trường mang mã %(code)s.", code=code))
    return found


@dataclass(frozen=True, slots=True)
class SchoolCounts:
    """How many classes and pupils a school has in the year of a day."""

    classes: int = 0
    pupils: int = 0


def school_counts(session: Session, school_ids: Sequence[int], day: date) -> dict[int, SchoolCounts]:
    """Return {school id: counts} for the year of the day; a school with nothing has zeros."""
    year = latest_year(session, day)
    if year is None:
        return {}
    in_class = (
        select(func.count())
        .select_from(ClassMembership)
        .where(ClassMembership.class_id == SchoolClass.id, holds_on(ClassMembership, day))
        .scalar_subquery()
    )
    rows = session.execute(  # nobody is in two classes of a year at once, so classes may be summed
        select(SchoolClass.school_id, func.count(), func.sum(in_class))
        .where(SchoolClass.school_id.in_(school_ids), SchoolClass.year_id == year.id)
        .group_by(SchoolClass.school_id)
    )
    return {school_id: SchoolCounts(classes, int(pupils)) for school_id, classes, pupils in rows}


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A line of the list of schools: the unit, its levels, the unit above it, its counts of the year."""

    unit: OrgUnit
    levels: str
    parent: str
    parent_sort: str
    counts: SchoolCounts = SchoolCounts()


def school_lines(session: Session, schools: Sequence[OrgUnit]) -> list[SchoolLine]:
    """Return these schools as a list shows them, not counted yet; one query."""
    above = aliased(OrgUnit)
    told = {
        row[0]: row[1:]
        for row in session.execute(
            select(School.id, School.levels, above.name, above.name_sort)
            .join(OrgUnit, OrgUnit.id == School.id)
            .outerjoin(above, above.id == OrgUnit.parent_id)
            .where(School.id.in_([unit.id for unit in schools]))
        )
    }
    lines = []
    for unit in schools:
        levels, parent, parent_sort = told[unit.id]
        lines.append(SchoolLine(unit, levels, parent or "", parent_sort or ""))
    return lines


def counted_lines(session: Session, lines: Sequence[SchoolLine], day: date) -> list[SchoolLine]:
    """Return these lines with the classes and pupils of the day's year; two queries, dearer with every line."""
    counts = school_counts(session, [line.unit.id for line in lines], day)
    return [replace(line, counts=counts.get(line.unit.id, SchoolCounts())) for line in lines]


def unit_name(actor: Actor) -> str | None:
    """Return the name of the unit where the actor works, for the head of the page; None without a grant."""
    if not actor.grants:
        return None
    unit = db.session().get(OrgUnit, actor.grants[0].unit_id)
    return unit.name if unit else None
