"""Counting a school for its official form, and what of it was withheld before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from app.school.models import ClassMembership, Enrolment, OrgUnit, Pupil, SchoolClass, SchoolYear
from app.school.queries import holds_on
from app.text import fold
from reports.cubes.rules import Month
from reports.official.rules import GROUPS, Column, Gaps, Occasion, form_of, official_period
from reports.official.rules.form import guarded, patterns_of
from reports.releases.queries import frozen_by_school, frozen_cells, together_by_school
from reports.releases.rules import guard_sizes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.queries import UnitRow
    from reports.official.rules import Form, OfficialPeriod
    from reports.releases.rules import Guarded
    from reports.splits.rules import SplitPattern


def dataset_of(column: Column) -> str:
    """Return the name under which a split's withheld cells are frozen."""
    return f"official_{column.value}"


@dataclass(frozen=True, slots=True)
class Counted:
    """A school's form: complete, as it may leave, and what must be frozen before: its classes, its splits."""

    school_id: int
    form: Form
    outside: Form
    classes: Guarded
    patterns: Mapping[Column, SplitPattern]


def full_form(session: Session, school: OrgUnit, period: OfficialPeriod) -> Form:
    """Return the complete form of a school; see `full_forms`."""
    return full_forms(session, [school], period)[0]


def full_forms(session: Session, schools: Sequence[OrgUnit | UnitRow], period: OfficialPeriod) -> list[Form]:
    """Return the complete form of each school, in the order given: who was in its classes on the day.

    Two statements, and a row for each school, grade and ethnicity: the database counts, not we.
    """
    there = (
        SchoolClass.school_id.in_([unit.id for unit in schools]),
        holds_on(ClassMembership, period.as_of),
    )
    group = (SchoolClass.school_id, SchoolClass.grade, Pupil.ethnicity)
    rows = session.execute(
        select(
            *group,
            func.count(),
            func.sum(case((Pupil.sex == "F", 1), else_=0)),
            func.sum(case((Pupil.disability.is_(None) | (Pupil.disability == ""), 0), else_=1)),
        )
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .where(*there)
        .group_by(*group)
    )
    grades: defaultdict[int, defaultdict[int, dict[Column, int]]] = defaultdict(
        lambda: defaultdict(lambda: dict.fromkeys(Column, 0))
    )
    for school_id, grade, ethnicity, count, girls, disabled in rows:
        found = grades[school_id][grade]
        found[Column.PUPILS] += count
        found[Column.GIRLS] += girls
        found[Column.NOT_KINH] += count if ethnicity and fold(ethnicity) != "kinh" else 0
        found[Column.DISABLED] += disabled
    for school_id, grade, count in session.execute(
        select(SchoolClass.school_id, SchoolClass.grade, func.count(SchoolClass.id.distinct()))
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(*there)
        .group_by(SchoolClass.school_id, SchoolClass.grade)
    ):
        grades[school_id][grade][Column.CLASSES] = count
    return [form_of(unit.code, unit.name, period.name, grades[unit.id]) for unit in schools]


def gaps_of(session: Session, school_ids: Collection[int], period: OfficialPeriod) -> dict[int, Gaps]:
    """Return what is missing in the records that the form of each school counts; three statements."""
    unknown = session.execute(
        select(
            SchoolClass.school_id,
            func.sum(case((Pupil.sex.is_(None), 1), else_=0)),
            func.sum(case((func.coalesce(Pupil.ethnicity, "") == "", 1), else_=0)),
        )
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .where(SchoolClass.school_id.in_(school_ids), holds_on(ClassMembership, period.as_of))
        .group_by(SchoolClass.school_id)
    )
    by_school = {school_id: (no_sex, no_ethnicity) for school_id, no_sex, no_ethnicity in unknown}
    placed = select(ClassMembership.id).where(
        ClassMembership.pupil_id == Enrolment.pupil_id, holds_on(ClassMembership, period.as_of)
    )
    unplaced = session.execute(
        select(Enrolment.school_id, func.count())
        .where(Enrolment.school_id.in_(school_ids), holds_on(Enrolment, period.as_of), ~placed.exists())
        .group_by(Enrolment.school_id)
    )
    without_class = {row[0]: row[1] for row in unplaced}
    empty = _empty_classes(session, school_ids, period)
    return {
        one: Gaps(*by_school.get(one, (0, 0)), without_class.get(one, 0), tuple(empty.get(one, ())))
        for one in school_ids
    }


def _empty_classes(
    session: Session, school_ids: Collection[int], period: OfficialPeriod
) -> dict[int, list[tuple[int, str]]]:
    peopled = select(ClassMembership.id).where(
        ClassMembership.class_id == SchoolClass.id, holds_on(ClassMembership, period.as_of)
    )
    rows = session.execute(
        select(SchoolClass.school_id, SchoolClass.id, SchoolClass.name)
        .join(SchoolYear, SchoolYear.id == SchoolClass.year_id)
        .where(
            SchoolClass.school_id.in_(school_ids),
            SchoolYear.code == period.year_code,
            ~peopled.exists(),
        )
        .order_by(SchoolClass.name_sort, SchoolClass.id)
    )
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for school_id, class_id, name in rows:
        found[school_id].append((class_id, name))
    return found


def official_periods(session: Session, today: date) -> list[OfficialPeriod]:
    """Return the official periods whose day has come, of every year that is kept, the newest first."""
    codes = session.scalars(select(SchoolYear.code).order_by(SchoolYear.starts_on))
    found = [official_period(code, one) for code in codes for one in Occasion]
    return sorted((one for one in found if one.as_of <= today), key=lambda one: one.as_of, reverse=True)


def counted_form(session: Session, school: OrgUnit, period: OfficialPeriod) -> Counted:
    """Return a school's form as it may leave.

    Its classes are guarded as in the month that ends on the day, which tells the same pupils class by class.
    Raises UnsafeReleaseError.
    """
    form = full_form(session, school, period)
    month = Month.of(period.as_of)
    grade_of, sizes = _classes_on(session, school.id, period)
    together = together_by_school(session, [school.id], month)[school.id]
    guarded_classes = guard_sizes(sizes, frozen_cells(session, school.id, month), together=together)
    withheld = guarded_classes.withheld
    touched = frozenset(grade_of[key[0]] for key in withheld if key and key[0] in grade_of)
    hidden = touched if len(touched) > 1 else frozenset[str]()
    frozen = {
        column: frozenset(
            key[0] if key else ""
            for key in frozen_by_school(session, [school.id], period.name, dataset_of(column))[school.id]
        )
        for column in GROUPS
    }
    hides_school = () in withheld
    patterns = patterns_of(form, hidden, frozen, hides_school=hides_school)
    outside = guarded(form, hidden, patterns, hides_school=hides_school)
    return Counted(school.id, form, outside, guarded_classes, patterns)


def _classes_on(
    session: Session, school_id: int, period: OfficialPeriod
) -> tuple[dict[str, str], dict[str, int]]:
    """Return {class: grade} and {class: pupils} of a school on the day, by ids as text."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.grade, func.count())
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(SchoolClass.school_id == school_id, holds_on(ClassMembership, period.as_of))
        .group_by(SchoolClass.id, SchoolClass.grade)
    ).all()
    return {str(row[0]): str(row[1]) for row in rows}, {str(row[0]): row[2] for row in rows}
