"""What the questions are answered from: the cube of days for weeks, the cube of pupils for absence that grows."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Integer, case, cast, func, select, true

from app.school.models import School, SchoolClass
from reports.cubes.models import ClassDay
from reports.questions.rules import Growth, Place
from reports.recent.queries import by_school
from reports.stretches.models import ClassStretch, PupilStretch

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from reports.questions.rules import Week

_ABSENT = ClassDay.excused + ClassDay.unexcused + ClassDay.pending
_SUMS = (ClassDay.expected, _ABSENT, ClassDay.sessions_due, ClassDay.sessions_taken)


def schools_in_week(
    session: Session, names: Mapping[int, str], week: Week, grades: Collection[int] = ()
) -> list[Place]:
    """Return schools, {id: name}, in a week, those without any session due left out; one statement."""

    def counted(some: Collection[int]) -> dict[int, tuple[int, ...]]:
        query = select(ClassDay.school_id, *(func.sum(what) for what in _SUMS)).where(*_in_week(week, some))
        if grades:
            query = query.join(SchoolClass, SchoolClass.id == ClassDay.class_id).where(
                SchoolClass.grade.in_(grades)
            )
        rows = session.execute(query.group_by(ClassDay.school_id))
        return {row[0]: tuple(int(value) for value in row[1:]) for row in rows}

    days = (week.monday, week.after_last)
    sums = by_school(session, ("week", tuple(grades)), names.keys(), days, counted)
    return [
        Place(school_id, name, *sums[school_id]) for school_id, name in names.items() if school_id in sums
    ]


def classes_in_week(
    session: Session, school_id: int, week: Week, grades: Collection[int] = ()
) -> list[Place]:
    """Return the classes of a school in a week, in natural order."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name, *(func.sum(what) for what in _SUMS))
        .join(ClassDay, ClassDay.class_id == SchoolClass.id)
        .where(*_in_week(week, [school_id]), SchoolClass.grade.in_(grades) if grades else true())
        .group_by(SchoolClass.id, SchoolClass.name, SchoolClass.name_sort)
        .order_by(SchoolClass.name_sort, SchoolClass.id)
    )
    return [Place(row[0], row[1], *(int(value) for value in row[2:])) for row in rows]


def _in_week(week: Week, school_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        ClassDay.school_id.in_(list(school_ids)),
        ClassDay.day >= week.monday,
        ClassDay.day < week.after_last,
    )


def on_time_by_school(
    session: Session, school_ids: Collection[int], first: date, until: date
) -> dict[int, tuple[int, int]]:
    """Return {school: (registers taken on their day, registers due)} of the stretches that begin in [first, until]."""
    days = (first, until + timedelta(days=1))
    return by_school(session, "on time", school_ids, days, lambda some: _on_time(session, some, first, until))


def _on_time(
    session: Session, school_ids: Collection[int], first: date, until: date
) -> dict[int, tuple[int, int]]:
    sessions = (
        select(ClassDay.school_id, func.sum(ClassDay.sessions_due))
        .where(ClassDay.school_id.in_(list(school_ids)), ClassDay.day >= first, ClassDay.day <= until)
        .group_by(ClassDay.school_id)
    )
    due = dict.fromkeys(school_ids, 0) | _sum_by_school(session, sessions)
    taken = _sum_by_school(
        session,
        select(ClassStretch.school_id, func.sum(ClassStretch.sessions_on_time))
        .where(
            ClassStretch.school_id.in_(list(school_ids)),
            ClassStretch.starts_on >= first,
            ClassStretch.starts_on <= until,
        )
        .group_by(ClassStretch.school_id),
    )
    return {school: (taken.get(school, 0), due[school]) for school in due}


def _sum_by_school(session: Session, query: Select[int, int]) -> dict[int, int]:
    return {school: int(value or 0) for school, value in session.execute(query)}


def growth_by_school(
    session: Session, names: Mapping[int, str], month: tuple[date, date], before: tuple[date, date]
) -> list[Growth]:
    """Return how absence of a tenth or more grew between two months, each [first, after_last), by school."""
    now, earlier = (
        by_school(session, "chronic", names.keys(), span, partial(_chronic_by_school, session, span=span))
        for span in (month, before)
    )
    nobody = (0, 0)
    return [
        Growth(school, name, *now.get(school, nobody), *earlier.get(school, nobody))
        for school, name in names.items()
        if now.get(school, nobody)[1] and earlier.get(school, nobody)[1]
    ]


def _chronic_by_school(
    session: Session, school_ids: Collection[int], span: tuple[date, date]
) -> dict[int, tuple[int, int]]:
    """Return {school: (pupils absent a tenth or more, pupils measured)}; a pupil is one pupil in a school."""
    absent = PupilStretch.excused + PupilStretch.unexcused + PupilStretch.pending
    by_pupil = (
        select(
            PupilStretch.school_id,
            case((func.sum(absent) * 10 >= func.sum(PupilStretch.expected), 1), else_=0).label("is_chronic"),
        )
        .where(
            PupilStretch.school_id.in_(list(school_ids)),
            PupilStretch.starts_on >= span[0],
            PupilStretch.starts_on < span[1],
        )
        .group_by(PupilStretch.school_id, PupilStretch.pupil_id)
        .having(func.sum(PupilStretch.expected) > 0)
        .subquery()
    )
    rows = session.execute(
        select(by_pupil.c.school_id, cast(func.sum(by_pupil.c.is_chronic), Integer), func.count()).group_by(
            by_pupil.c.school_id
        )
    )
    return {school: (int(chronic), int(pupils)) for school, chronic, pupils in rows}


def latest_day(session: Session, school_ids: Collection[int]) -> date | None:
    """Return the last day on which any of these schools has taken a register."""
    taken = by_school(
        session, "latest", school_ids, (date.min, date.max), lambda some: _latest_taken(session, some)
    )
    return max(taken.values(), default=None)


def _latest_taken(session: Session, school_ids: Collection[int]) -> dict[int, date]:
    newest = (
        select(ClassDay.day)
        .where(ClassDay.school_id == School.id, ClassDay.sessions_taken > 0)
        .order_by(ClassDay.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = select(School.id, newest).where(School.id.in_(list(school_ids)))
    rows: list[tuple[int, date | None]] = [(row[0], row[1]) for row in session.execute(found)]
    return {school: day for school, day in rows if day is not None}
