"""Counting in the database: each pupil once in every part, whatever the part is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Integer, String, and_, case, cast, func, literal, null, or_, select, union_all

from app.school.models import OrgUnit, Pupil, SchoolClass
from reports.breakdowns.rules import By, Sums
from reports.cubes.models import ClassDay, SchoolDay
from reports.recent.queries import as_a_whole
from reports.stretches.models import PupilStretch
from reports.stretches.queries import semester_starts
from reports.stretches.rules import stretch_of
from reports.tallies.rules import Ethnicity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import CTE, ColumnElement, Label, Select, SQLColumnExpression
    from sqlalchemy.orm import Session

    from reports.tallies.rules import Period, Selection

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
_PLACES = {"province": OrgUnit.parent_id, "ward": SchoolClass.school_id, "school": SchoolClass.id}
_NAMES: Final = ("expected", "excused", "unexcused", "pending", "late")


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums of {id of what is right below}, of {group}, where None is not known, and of all together."""

    places: Mapping[str, Sums]
    groups: Mapping[str | None, Sums]
    whole: Sums


def sums_of(
    session: Session, kind: str, by: By, school_ids: Sequence[int], period: Period, selection: Selection
) -> Counted:
    """Return the sums of a place of a kind, each pupil once in every part; of many schools those of five minutes."""
    found: Counted = as_a_whole(
        session,
        ("breakdown", kind, by, period, selection),
        school_ids,
        lambda: _sums(session, (_PLACES[kind], _GROUPS[by]), school_ids, period, selection),
    )
    return found


def _sums(
    session: Session,
    keys: tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]],
    school_ids: Sequence[int],
    period: Period,
    selection: Selection,
) -> Counted:
    """Add up the cube once, by class and pupil; what is left is a tenth of it, and is parted three ways."""
    in_class = (
        select(PupilStretch.class_id, PupilStretch.pupil_id, *_added(PupilStretch))
        .where(PupilStretch.school_id.in_(school_ids), *_in(session, period))
        .group_by(PupilStretch.class_id, PupilStretch.pupil_id)
        .cte("in_class")
    )
    chosen = (
        select(
            in_class,
            cast(keys[0], String).label("place"),
            cast(keys[1], String).label("category"),
        )
        .join(SchoolClass, SchoolClass.id == in_class.c.class_id)
        .join(Pupil, Pupil.id == in_class.c.pupil_id)
        .join(OrgUnit, OrgUnit.id == SchoolClass.school_id)
        .where(SchoolClass.school_id.in_(school_ids), *_chosen(selection))
        .cte("chosen")
    )
    parts = {"place": chosen.c.place, "group": chosen.c.category, "whole": literal("")}
    rows = session.execute(union_all(*(_parted(chosen, name, part) for name, part in parts.items()))).all()
    found: dict[str, dict[Any, Sums]] = {name: {} for name in parts}
    for name, part, *values in rows:
        found[name][part] = Sums(*(int(value or 0) for value in values))
    return Counted(found["place"], found["group"], found["whole"].get("", Sums()))


def _added(rows: Any) -> list[Label[int]]:  # noqa: ANN401 - the columns of a model or of a subquery
    # As whole numbers of four bytes: PostgreSQL adds up sums of sums as decimals otherwise, four times as slow.
    return [cast(func.sum(getattr(rows, name)), Integer).label(name) for name in _NAMES]


def _parted(chosen: CTE, name: str, part: SQLColumnExpression[Any]) -> Select[Any]:
    """Return the sums of each part, in which a pupil of two classes is one pupil."""
    of_pupil = select(part.label("part"), *_added(chosen.c)).group_by(part, chosen.c.pupil_id).subquery()
    absent = of_pupil.c.excused + of_pupil.c.unexcused + of_pupil.c.pending
    expected = of_pupil.c.expected
    sums = (
        case((expected > 0, 1), else_=0),
        case((and_(expected > 0, absent * 10 >= expected), 1), else_=0),
        *(of_pupil.c[name] for name in _NAMES),
    )
    columns = (cast(func.sum(one), Integer) for one in sums)
    return select(literal(name), of_pupil.c.part, *columns).group_by(of_pupil.c.part)


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
    grades = [grade for grade in range(1, 13) if selection.has_grade(grade)]
    by_class = kind == "school" or len(grades) < 12  # noqa: PLR2004 - grades
    rows: type[ClassDay | SchoolDay] = ClassDay if by_class else SchoolDay
    places = {"province": OrgUnit.parent_id, "ward": rows.school_id, "school": ClassDay.class_id}
    query = (
        select(places[kind], func.sum(rows.sessions_taken), func.sum(rows.sessions_due))
        .join(OrgUnit, OrgUnit.id == rows.school_id)
        .where(
            rows.school_id.in_(school_ids),
            rows.day >= period.first,
            rows.day < period.after_last,
            rows.day <= today,
        )
        .group_by(places[kind])
    )
    if by_class:
        of_class = SchoolClass.id == ClassDay.class_id
        query = query.join(SchoolClass, of_class).where(SchoolClass.grade.in_(grades))
    found = session.execute(query)
    return {str(key): (int(taken or 0), int(due or 0)) for key, taken, due in found}


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
