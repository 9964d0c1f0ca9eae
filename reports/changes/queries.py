"""What the weeks before and after are counted from: the cube of days, of schools or of one school's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from app.school.models import School, SchoolClass
from reports.changes.rules import Line
from reports.cubes.models import ClassDay, SchoolDay
from reports.questions.rules import Place, Week, together

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from reports.changes.rules import Stage


def schools_alike(session: Session, school_id: int, school_ids: Collection[int]) -> list[int]:
    """Return those of some schools that have the same levels as one of them, itself left out."""
    own = select(School.levels).where(School.id == school_id).scalar_subquery()
    found = select(School.id).where(
        School.id.in_(list(school_ids)), School.id != school_id, School.levels == own
    )
    return list(session.scalars(found.order_by(School.id)))


def lines_of_schools(
    session: Session,
    weeks: Sequence[tuple[Week, Stage]],
    inside: Collection[int],
    others: Collection[int],
) -> list[Line]:
    """Return the weeks of some schools beside others; one statement, a row for each day."""
    rows = _days(SchoolDay, SchoolDay.school_id.in_(list(inside)), weeks).where(
        SchoolDay.school_id.in_([*inside, *others])
    )
    return _lines(session, rows, weeks)


def lines_of_class(
    session: Session, weeks: Sequence[tuple[Week, Stage]], school_id: int, class_id: int
) -> list[Line]:
    """Return the weeks of a class beside the other classes of its school; one statement."""
    rows = _days(ClassDay, ClassDay.class_id == class_id, weeks).where(ClassDay.school_id == school_id)
    return _lines(session, rows, weeks)


def _days(
    cube: type[ClassDay | SchoolDay], is_inside: ColumnElement[bool], weeks: Sequence[tuple[Week, Stage]]
) -> Select[date, int, int, int, int]:
    absent = cube.excused + cube.unexcused + cube.pending
    return (
        select(
            cube.day,
            func.sum(case((is_inside, cube.expected), else_=0)),
            func.sum(case((is_inside, absent), else_=0)),
            func.sum(case((is_inside, 0), else_=cube.expected)),
            func.sum(case((is_inside, 0), else_=absent)),
        )
        .where(cube.day >= weeks[0][0].monday, cube.day < weeks[-1][0].after_last)
        .group_by(cube.day)
    )


def _lines(
    session: Session, query: Select[date, int, int, int, int], weeks: Sequence[tuple[Week, Stage]]
) -> list[Line]:
    places: dict[Week, list[Place]] = {}
    others: dict[Week, list[Place]] = {}
    for day, expected, absent, expected_there, absent_there in session.execute(query):
        week = Week.of(day)
        places.setdefault(week, []).append(Place(0, "", int(expected), int(absent)))
        others.setdefault(week, []).append(Place(0, "", int(expected_there), int(absent_there)))
    return [
        Line(week, stage, together(places.get(week, [])), together(others.get(week, [])))
        for week, stage in weeks
    ]


def classes_with_registers(session: Session, school_id: int, weeks: Sequence[Week]) -> list[tuple[int, str]]:
    """Return (id, name) of the classes of a school that had a session in some weeks, in natural order."""
    with_days = select(ClassDay.class_id).where(
        ClassDay.school_id == school_id,
        ClassDay.day >= weeks[0].monday,
        ClassDay.day < weeks[-1].after_last,
    )
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name)
        .where(SchoolClass.id.in_(with_days))
        .order_by(SchoolClass.name_sort, SchoolClass.id)
    )
    return [(row[0], row[1]) for row in rows]
