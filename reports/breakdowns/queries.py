"""Counting in the database: each pupil once in every part, whatever the part is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, and_, case, cast, func, literal, null, or_, select

from app.school.models import OrgUnit, Pupil, SchoolClass
from reports.breakdowns.rules import By, Sums
from reports.cubes.models import ClassDay
from reports.recent.queries import as_a_whole
from reports.stretches.models import PupilStretch
from reports.stretches.queries import semester_starts
from reports.stretches.rules import stretch_of
from reports.tallies.rules import Ethnicity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, SQLColumnExpression
    from sqlalchemy.orm import Session

    from reports.tallies.rules import Period, Selection

_ABSENT = PupilStretch.excused + PupilStretch.unexcused + PupilStretch.pending
_IS_KINH = func.lower(func.trim(Pupil.ethnicity)) == "kinh"
_HAS_ETHNICITY = and_(Pupil.ethnicity.is_not(None), Pupil.ethnicity != "")
_IS_DISABLED = and_(Pupil.disability.is_not(None), Pupil.disability != "")
_GROUPS = {
    By.GRADE: cast(SchoolClass.grade, String),
    By.SEX: Pupil.sex,
    By.ETHNICITY: case(
        (~_HAS_ETHNICITY, null()), (_IS_KINH, Ethnicity.KINH.value), else_=Ethnicity.OTHER.value
    ),
    By.DISABILITY: case((_IS_DISABLED, "yes"), else_="no"),
}
_PLACES = {"province": OrgUnit.parent_id, "ward": PupilStretch.school_id, "school": PupilStretch.class_id}


def sums_by_place(
    session: Session, kind: str, school_ids: Sequence[int], period: Period, selection: Selection
) -> dict[str, Sums]:
    """Return {id of the ward, school or class right below: sums} of a place of a kind; one statement."""
    return _remembered(session, kind, school_ids, period, selection, cast(_PLACES[kind], String))


def sums_by_group(
    session: Session, by: By, school_ids: Sequence[int], period: Period, selection: Selection
) -> dict[str | None, Sums]:
    """Return {group: sums}; None are pupils of whom it is not known; one statement."""
    found = _remembered(session, by.value, school_ids, period, selection, _GROUPS[by])
    return {key: sums for key, sums in found.items()}  # noqa: C416 - a key may be None


def sums_of_all(session: Session, school_ids: Sequence[int], period: Period, selection: Selection) -> Sums:
    """Return the sums of all of these schools together, each pupil once."""
    key = literal("all")
    return _remembered(session, "all", school_ids, period, selection, key).get("all", Sums())


def _remembered(
    session: Session,
    name: str,
    school_ids: Sequence[int],
    period: Period,
    selection: Selection,
    key: SQLColumnExpression[Any],
) -> dict[Any, Sums]:
    """Return `_sums`; of many schools those of the last five minutes."""
    found: dict[Any, Sums] = as_a_whole(
        session,
        ("breakdown", name, period, selection),
        school_ids,
        lambda: _sums(session, key, school_ids, period, selection),
    )
    return found


def _sums(
    session: Session,
    key: SQLColumnExpression[Any],
    school_ids: Sequence[int],
    period: Period,
    selection: Selection,
) -> dict[Any, Sums]:
    expected = func.sum(PupilStretch.expected)
    names = ("expected", "excused", "unexcused", "pending", "late")
    by_pupil = (
        select(
            key.label("part"),
            *(func.sum(getattr(PupilStretch, name)).label(name) for name in names),
            case((and_(expected > 0, func.sum(_ABSENT) * 10 >= expected), 1), else_=0).label("chronic"),
            case((expected > 0, 1), else_=0).label("pupils"),
        )
        .join(SchoolClass, SchoolClass.id == PupilStretch.class_id)
        .join(Pupil, Pupil.id == PupilStretch.pupil_id)
        .join(OrgUnit, OrgUnit.id == PupilStretch.school_id)
        .where(PupilStretch.school_id.in_(school_ids), *_in(session, period), *_chosen(selection))
        .group_by(key, PupilStretch.pupil_id)
        .subquery()
    )
    columns = ("pupils", "chronic", *names)
    rows = session.execute(
        select(by_pupil.c.part, *(cast(func.sum(by_pupil.c[name]), Integer) for name in columns)).group_by(
            by_pupil.c.part
        )
    )
    return {row[0]: Sums(*(int(value or 0) for value in row[1:])) for row in rows}


def _in(session: Session, period: Period) -> tuple[ColumnElement[bool], ...]:
    first = stretch_of(period.first, semester_starts(session))
    return PupilStretch.starts_on >= first, PupilStretch.starts_on < period.after_last


def _chosen(selection: Selection) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    grades = [grade for grade in range(1, 13) if selection.has_grade(grade)]
    found.append(SchoolClass.grade.in_(grades))
    if selection.sex:
        found.append(Pupil.sex == selection.sex)
    if selection.ethnicity is Ethnicity.KINH:
        found.append(_IS_KINH)
    elif selection.ethnicity is Ethnicity.OTHER:
        found.append(and_(_HAS_ETHNICITY, ~_IS_KINH))
    if selection.is_disabled is not None:
        is_none = or_(Pupil.disability.is_(None), Pupil.disability == "")
        found.append(_IS_DISABLED if selection.is_disabled else is_none)
    return found


def coverage_by_place(
    session: Session, kind: str, school_ids: Sequence[int], period: Period, today: date, selection: Selection
) -> dict[str, tuple[int, int]]:
    """Return {id right below: sessions (taken, due)} of the classes of the selected grades until today."""
    what = ("coverage", kind, period, today, selection)
    return as_a_whole(
        session, what, school_ids, lambda: _coverage(session, kind, school_ids, period, today, selection)
    )


def _coverage(
    session: Session, kind: str, school_ids: Sequence[int], period: Period, today: date, selection: Selection
) -> dict[str, tuple[int, int]]:
    places = {"province": OrgUnit.parent_id, "ward": ClassDay.school_id, "school": ClassDay.class_id}
    grades = [grade for grade in range(1, 13) if selection.has_grade(grade)]
    rows = session.execute(
        select(places[kind], func.sum(ClassDay.sessions_taken), func.sum(ClassDay.sessions_due))
        .join(SchoolClass, SchoolClass.id == ClassDay.class_id)
        .join(OrgUnit, OrgUnit.id == ClassDay.school_id)
        .where(
            ClassDay.school_id.in_(school_ids),
            ClassDay.day >= period.first,
            ClassDay.day < period.after_last,
            ClassDay.day <= today,
            SchoolClass.grade.in_(grades),
        )
        .group_by(places[kind])
    )
    return {str(key): (int(taken or 0), int(due or 0)) for key, taken, due in rows}


def names_below(session: Session, kind: str, school_ids: Sequence[int]) -> dict[str, str]:
    """Return {id: name} of what is right below a place, in its own order."""
    if kind == "school":
        classes = select(SchoolClass.id, SchoolClass.name).where(SchoolClass.school_id.in_(school_ids))
        rows = session.execute(classes.order_by(SchoolClass.name_sort, SchoolClass.id))
    else:
        wanted = (
            select(OrgUnit.parent_id).where(OrgUnit.id.in_(school_ids)) if kind == "province" else school_ids
        )
        units = select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(wanted))
        rows = session.execute(units.order_by(OrgUnit.name_sort, OrgUnit.id))
    return {str(key): name for key, name in rows}
