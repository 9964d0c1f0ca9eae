"""What the questions are answered from: the cube of days for weeks, the cube of pupils for absence that grows."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Integer, case, cast, func, select, true

from app.school.models import School, SchoolClass
from reports.cubes.models import ClassDay
from reports.questions.rules import Growth, Lessons, Place
from reports.recent.queries import by_school
from reports.stretches.models import ClassStretch, PupilStretch

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from reports.questions.rules import Week

Months: TypeAlias = "tuple[tuple[date, date], tuple[date, date]]"
"""A month and the one before, each [first, after_last)."""
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
    session: Session, names: Mapping[int, str], months: Months, grades: Collection[int] = ()
) -> list[Growth]:
    """Return how absence of a tenth or more grew between two months by school, of some grades or of all."""
    now, earlier = (
        by_school(
            session,
            ("chronic", tuple(grades)),
            names.keys(),
            span,
            partial(_chronic, session, PupilStretch.school_id, span=span, grades=grades),
        )
        for span in months
    )
    return _growth(names, now, earlier)


def growth_by_class(
    session: Session, school_id: int, names: Mapping[int, str], months: Months, grades: Collection[int] = ()
) -> list[Growth]:
    """Return how absence of a tenth or more grew between two months in the classes, {id: name}, of a school."""
    now, earlier = (_chronic(session, PupilStretch.class_id, [school_id], span, grades) for span in months)
    return _growth(names, now, earlier)


def _growth(
    names: Mapping[int, str], now: Mapping[int, tuple[int, int]], earlier: Mapping[int, tuple[int, int]]
) -> list[Growth]:
    nobody = (0, 0)
    return [
        Growth(place, name, *now.get(place, nobody), *earlier.get(place, nobody))
        for place, name in names.items()
        if now.get(place, nobody)[1] and earlier.get(place, nobody)[1]
    ]


def _chronic(
    session: Session,
    place: InstrumentedAttribute[int],
    school_ids: Collection[int],
    span: tuple[date, date],
    grades: Collection[int],
) -> dict[int, tuple[int, int]]:
    """Return {place: (pupils absent a tenth or more, pupils measured)}; a pupil is one pupil in a place."""
    absent = PupilStretch.excused + PupilStretch.unexcused + PupilStretch.pending
    of_grades = select(SchoolClass.id).where(SchoolClass.grade.in_(grades))
    by_pupil = (
        select(
            place.label("place"),
            case((func.sum(absent) * 10 >= func.sum(PupilStretch.expected), 1), else_=0).label("is_chronic"),
        )
        .where(
            PupilStretch.school_id.in_(list(school_ids)),
            PupilStretch.starts_on >= span[0],
            PupilStretch.starts_on < span[1],
            PupilStretch.class_id.in_(of_grades) if grades else true(),
        )
        .group_by(place, PupilStretch.pupil_id)
        .having(func.sum(PupilStretch.expected) > 0)
        .subquery()
    )
    rows = session.execute(
        select(by_pupil.c.place, cast(func.sum(by_pupil.c.is_chronic), Integer), func.count()).group_by(
            by_pupil.c.place
        )
    )
    return {found: (int(chronic), int(pupils)) for found, chronic, pupils in rows}


def lessons_by_school(
    session: Session, names: Mapping[int, str], week: Week, grades: Collection[int] = ()
) -> list[Lessons]:
    """Return how many classes of each school, {id: name}, had a live lesson in a week; one statement."""

    def counted(some: Collection[int]) -> dict[int, tuple[int, int, int]]:
        by_class = _lessons_of_classes(week, some, grades).subquery()
        held = by_class.c.held
        rows = session.execute(
            select(
                by_class.c.school_id,
                func.count(),
                func.sum(case((held > 0, 1), else_=0)),
                func.sum(held),
            ).group_by(by_class.c.school_id)
        )
        return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}

    days = (week.monday, week.after_last)
    sums = by_school(session, ("lessons", tuple(grades)), names.keys(), days, counted)
    return [Lessons(school, name, *sums[school]) for school, name in names.items() if school in sums]


def lessons_by_class(
    session: Session, school_id: int, names: Mapping[int, str], week: Week, grades: Collection[int] = ()
) -> list[Lessons]:
    """Return how many live lessons each class, {id: name}, of a school had in a week; one statement."""
    rows = session.execute(_lessons_of_classes(week, [school_id], grades))
    held = {class_id: int(count) for _school, class_id, count in rows}
    return [
        Lessons(class_id, name, 1, int(held[class_id] > 0), held[class_id])
        for class_id, name in names.items()
        if class_id in held
    ]


def _lessons_of_classes(
    week: Week, school_ids: Collection[int], grades: Collection[int]
) -> Select[int, int, int]:
    of_grades = select(SchoolClass.id).where(SchoolClass.grade.in_(grades))
    return (
        select(ClassDay.school_id, ClassDay.class_id, func.sum(ClassDay.lessons_held).label("held"))
        .where(*_in_week(week, school_ids), ClassDay.class_id.in_(of_grades) if grades else true())
        .group_by(ClassDay.school_id, ClassDay.class_id)
    )


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
