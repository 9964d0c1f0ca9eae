"""Totals of two consecutive years by grade, for the reconstructed method: no pupil is followed but the repeaters."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from app.school.models import ClassMembership, SchoolClass, SchoolYear
from app.school.queries import holds_on
from reports.tallies.rules import GradeTotals

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from reports.tallies.rules import Period


def grade_totals(
    session: Session, school_ids: Collection[int], period: Period, today: date
) -> list[GradeTotals]:
    """Return the totals of schools as of 30 September of a school year and of the next, by grade.

    None before that day of the next year has come, or while nobody stands on its lists. A repeater is a pupil of the
    later list who was in the same grade (or above it) the year before, at any school of ours, as in `cohort_lines`.
    """
    years = session.scalars(
        select(SchoolYear)
        .where(SchoolYear.starts_on >= period.year_first)
        .order_by(SchoolYear.starts_on)
        .limit(2)
    ).all()
    if len(years) < 2 or today < _counted_on(years[1]):  # noqa: PLR2004 - a year and the next
        return []
    first, later = years
    listed, following = _by_grade(session, school_ids, first), _by_grade(session, school_ids, later)
    if not following:
        return []
    repeating = _by_grade(session, school_ids, later, _was_there(first))
    return [
        GradeTotals(grade, listed.get(grade, 0), following.get(grade, 0), repeating.get(grade, 0))
        for grade in sorted(listed.keys() | following.keys())
    ]


def _counted_on(year: SchoolYear) -> date:
    return max(date(year.starts_on.year, 9, 30), year.starts_on)


def _by_grade(
    session: Session, school_ids: Collection[int], year: SchoolYear, *which: ColumnElement[bool]
) -> dict[int, int]:
    """Return {grade: different pupils on the year's class lists of 30 September}."""
    rows = session.execute(
        select(SchoolClass.grade, func.count(ClassMembership.pupil_id.distinct()))
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            SchoolClass.school_id.in_(school_ids),
            SchoolClass.year_id == year.id,
            holds_on(ClassMembership, _counted_on(year)),
            *which,
        )
        .group_by(SchoolClass.grade)
    )
    return {row[0]: row[1] for row in rows}


def _was_there(year: SchoolYear) -> ColumnElement[bool]:
    """Return the condition that a pupil was on a list of this grade, or of one above, in a year."""
    before, its_class = aliased(ClassMembership), aliased(SchoolClass)
    return (
        select(before.id)
        .join(its_class, its_class.id == before.class_id)
        .where(
            before.pupil_id == ClassMembership.pupil_id,
            its_class.year_id == year.id,
            its_class.grade >= SchoolClass.grade,
            or_(before.ends_on.is_(None), before.ends_on > before.starts_on),
        )
        .correlate(ClassMembership, SchoolClass)
        .exists()
    )
