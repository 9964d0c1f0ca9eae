"""Reading the cubes: the counts of classes and schools in a month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select, true

from app.school.models import ClassMembership, OrgUnit, School, SchoolClass, SchoolYear
from app.school.queries import class_sizes, holds_on
from attendance.registers.queries.totals import session_totals
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState
from reports.cubes.models import ClassDay, SchoolDay
from reports.cubes.rules import ClassMonth, Month, SchoolMonth
from reports.indicators.rules import Counts
from reports.recent.queries import by_school

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import ColumnElement, Select, Subquery
    from sqlalchemy.orm import Session

    from app.school.queries import UnitRow
    from reports.cubes.rules import ClassDayKey, Span

SUMS = (
    "sessions_due",
    "sessions_taken",
    "expected",
    "excused",
    "unexcused",
    "pending",
    "late",
    "lessons_held",
)


FEW_SCHOOLS: Final = 50


def months_of_schools(
    session: Session,
    schools: Sequence[OrgUnit | UnitRow],
    month: Month,
    today: date,
    grades: Collection[int] = (),
) -> list[SchoolMonth]:
    """Return the month of each school, in the order given, of the classes of these grades (none: of all grades).

    Pupils are counted on the last day of the month, or today while it runs. A class without pupils and without any
    session due is left out. Five statements, however many schools.
    """
    ids = [unit.id for unit in schools]
    classes = _classes(session, ids, month, grades)
    class_ids = [row.id for row in classes]
    as_of = min(month.after_last - timedelta(days=1), today)
    sizes = _sizes(session, class_ids, as_of)
    sums = _sums(session, ids, month)
    by_school: dict[int, list[ClassMonth]] = defaultdict(list)
    for row in classes:
        counts = _counts(sizes.get(row.id, 0), sums.get(row.id, ()))
        if counts != Counts():
            by_school[row.school_id].append(ClassMonth(row.id, row.name, row.grade, counts))
    return [SchoolMonth(unit.id, unit.code, unit.name, month, tuple(by_school[unit.id])) for unit in schools]


def classes_in_span(
    session: Session, school_ids: Sequence[int], span: Span, today: date
) -> dict[int, dict[int, Counts]]:
    """Return {school: {class: counts}} of any stretch of days, counted as `months_of_schools` counts a month."""
    ids = list(school_ids)
    classes = _classes(session, ids, span, ())
    sizes = _sizes(session, [row.id for row in classes], min(span.after_last - timedelta(days=1), today))
    sums = _sums(session, ids, span)
    found: dict[int, dict[int, Counts]] = {school_id: {} for school_id in ids}
    for row in classes:
        counts = _counts(sizes.get(row.id, 0), sums.get(row.id, ()))
        if counts != Counts():
            found[row.school_id][row.id] = counts
    return found


def month_of_school(
    session: Session, school: OrgUnit, month: Month, today: date, grades: Collection[int] = ()
) -> SchoolMonth:
    """Return one school's month; see `months_of_schools`."""
    return months_of_schools(session, [school], month, today, grades)[0]


def counts_of_schools(
    session: Session, school_ids: Sequence[int], month: Month, today: date, grades: Collection[int] = ()
) -> dict[int, Counts]:
    """Return {school id: counts of the month}, what `months_of_schools` adds up to; a school without any is absent.

    Two statements and a row for each school, for whoever looks at many: 7,800 classes are not loaded for 430 sums. Of
    many schools only those are counted that have anything new (reports.recent).
    """
    as_of = min(month.after_last - timedelta(days=1), today)
    days, what = (month.first, month.after_last), ("month", as_of, tuple(grades))
    return by_school(
        session, what, school_ids, days, lambda some: _counted(session, some, month, as_of, grades)
    )


def _counted(
    session: Session, school_ids: Collection[int], month: Month, as_of: date, grades: Collection[int]
) -> dict[int, Counts]:
    ids = list(school_ids)
    heads = session.execute(_heads(ids, month, grades, as_of)).all()
    sums = sums_of_schools(session, ids, month, grades)
    return {
        school_id: replace(sums.get(school_id, Counts()), classes=classes, pupils=int(pupils))
        for school_id, classes, pupils in heads
    }


def sums_of_schools(
    session: Session, school_ids: Sequence[int], month: Month, grades: Collection[int] = ()
) -> dict[int, Counts]:
    """Return {school id: sums of the month's sessions}, without classes and pupils: all that a rate needs."""
    rows = session.execute(_sums_of_schools(school_ids, month, grades))
    return {
        school_id: Counts(**{name: int(value) for name, value in zip(SUMS, sums, strict=True)})
        for school_id, *sums in rows
    }


def _heads(school_ids: Sequence[int], month: Month, grades: Collection[int], as_of: date) -> Select[Any]:
    """Return the query of how many classes a school has that show anything, and of their pupils on a day."""
    sizes = _sizes_on(school_ids, as_of)
    pupils = func.coalesce(sizes.c.pupils, 0)
    shows = or_(*(getattr(ClassDay, name) > 0 for name in SUMS))
    has_days = select(ClassDay.day).where(ClassDay.class_id == SchoolClass.id, *_in_month(month), shows)
    return (
        select(SchoolClass.school_id, func.count(), func.sum(pupils))
        .join(SchoolYear, SchoolYear.id == SchoolClass.year_id)
        .outerjoin(sizes, sizes.c.class_id == SchoolClass.id)
        .where(*_of_month(school_ids, month, grades), or_(pupils > 0, has_days.exists()))
        .group_by(SchoolClass.school_id)
    )


def _sizes_on(school_ids: Sequence[int], day: date) -> Subquery:
    """Return {class: pupils} of a day as a subquery: of the classes of a few schools, or without looking whose."""
    query = select(ClassMembership.class_id, func.count().label("pupils")).where(
        holds_on(ClassMembership, day)
    )
    if len(school_ids) <= FEW_SCHOOLS:
        query = query.join(SchoolClass, SchoolClass.id == ClassMembership.class_id).where(
            SchoolClass.school_id.in_(school_ids)
        )
    return query.group_by(ClassMembership.class_id).subquery()


def _sums_of_schools(school_ids: Sequence[int], month: Month, grades: Collection[int]) -> Select[Any]:
    """Return the query of a month's sums by school: from the days of schools, of some grades from those of classes."""
    table = ClassDay if grades else SchoolDay
    query = select(table.school_id, *(func.sum(getattr(table, name)) for name in SUMS)).where(
        table.school_id.in_(school_ids), table.day >= month.first, table.day < month.after_last
    )
    if grades:
        query = query.join(SchoolClass, SchoolClass.id == ClassDay.class_id).where(
            SchoolClass.grade.in_(grades)
        )
    return query.group_by(table.school_id)


def _in_month(month: Month) -> tuple[ColumnElement[bool], ...]:
    return ClassDay.day >= month.first, ClassDay.day < month.after_last


def months_with_figures(session: Session, school_ids: Sequence[int]) -> list[Month]:
    """Return the months in which these schools have anything in the cube, the newest first."""
    ends = by_school(
        session, "ends", school_ids, (date.min, date.max), lambda some: _first_and_last(session, some)
    )
    if not ends:
        return []
    return _months_between(
        min(first for first, _last in ends.values()), max(last for _first, last in ends.values())
    )


def _first_and_last(session: Session, school_ids: Collection[int]) -> dict[int, tuple[date, date]]:
    """Return {school: its first and its last day in the cube}: along the index, since the whole cube takes 720 ms."""
    of_school = ClassDay.school_id == School.id
    oldest = select(func.min(ClassDay.day)).where(of_school).scalar_subquery()
    newest = select(func.max(ClassDay.day)).where(of_school).scalar_subquery()
    query = select(School.id, oldest, newest).where(School.id.in_(list(school_ids)))
    rows: Iterable[Any] = session.execute(query)  # a school without days has neither
    return {school: (first, last) for school, first, last in rows if first is not None}


def _months_between(first: date, last: date) -> list[Month]:
    months = [Month.of(last)]
    while months[-1] > Month.of(first):
        months.append(months[-1].previous)
    return months


def _classes(
    session: Session, school_ids: list[int], month: Span, grades: Collection[int]
) -> list[SchoolClass]:
    query = (
        select(SchoolClass)
        .join(SchoolYear, SchoolYear.id == SchoolClass.year_id)
        .where(*_of_month(school_ids, month, grades))
    )
    return list(session.scalars(query.order_by(SchoolClass.name_sort, SchoolClass.id)))


def _of_month(
    school_ids: Sequence[int], month: Span, grades: Collection[int]
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on classes: of these schools and grades, in a year that meets the month."""
    return (
        SchoolClass.school_id.in_(school_ids),
        SchoolYear.starts_on < month.after_last,
        SchoolYear.ends_on > month.first,
        SchoolClass.grade.in_(grades) if grades else true(),
    )


def _sizes(session: Session, class_ids: list[int], day: date) -> dict[int, int]:
    """Count pupils in slices, since SQLite takes at most 32,766 parameters."""
    sizes: dict[int, int] = {}
    for start in range(0, len(class_ids), 10_000):
        sizes |= class_sizes(session, class_ids[start : start + 10_000], day)
    return sizes


def _sums(session: Session, school_ids: list[int], month: Span) -> dict[int, tuple[int, ...]]:
    rows = session.execute(_sums_of_classes(school_ids, month))
    return {row[0]: tuple(int(value) for value in row[1:]) for row in rows}


def _sums_of_classes(school_ids: Sequence[int], month: Span) -> Select[Any]:
    return (
        select(ClassDay.class_id, *(func.sum(getattr(ClassDay, name)).label(name) for name in SUMS))
        .where(
            ClassDay.school_id.in_(school_ids), ClassDay.day >= month.first, ClassDay.day < month.after_last
        )
        .group_by(ClassDay.class_id)
    )


def _counts(pupils: int, sums: Iterable[int]) -> Counts:
    named = dict(zip(SUMS, sums, strict=False))
    exists = pupils or any(named.values())
    return Counts(classes=1 if exists else 0, pupils=pupils, **named)


# --- computing ----------------------------------------------------------------------------------------------------


def computed_days(
    session: Session, school_id: int, first: date, after_last: date, class_id: int | None = None
) -> dict[ClassDayKey, Counts]:
    """Work the cube out: each class and day of a school in [first, after_last) that has a session or a live lesson."""
    found: dict[ClassDayKey, Counts] = defaultdict(Counts)
    for row in session_totals(session, school_id, first, after_last, class_id):
        found[row.class_id, row.day] += Counts(
            sessions_due=row.due,
            sessions_taken=row.taken,
            expected=row.expected,
            excused=row.excused,
            unexcused=row.unexcused,
            pending=row.pending,
            late=row.late,
        )
    for key, held in _lessons_held(session, school_id, first, after_last, class_id).items():
        found[key] += Counts(lessons_held=held)
    return dict(found)


def stored_days(
    session: Session, school_id: int, first: date, after_last: date, class_id: int | None = None
) -> dict[ClassDayKey, Counts]:
    """Return what the cube holds of a school in [first, after_last)."""
    query = select(ClassDay.class_id, ClassDay.day, *(getattr(ClassDay, name) for name in SUMS)).where(
        ClassDay.school_id == school_id, ClassDay.day >= first, ClassDay.day < after_last
    )
    if class_id is not None:
        query = query.where(ClassDay.class_id == class_id)
    return {
        (row[0], row[1]): Counts(**dict(zip(SUMS, row[2:], strict=True))) for row in session.execute(query)
    }


def _lessons_held(
    session: Session, school_id: int, first: date, after_last: date, class_id: int | None
) -> dict[ClassDayKey, int]:
    query = (
        select(Lesson.class_id, Lesson.held_on, func.count())
        .where(
            Lesson.school_id == school_id,
            Lesson.held_on >= first,
            Lesson.held_on < after_last,
            Lesson.state == LessonState.ENDED,
        )
        .group_by(Lesson.class_id, Lesson.held_on)
    )
    if class_id is not None:
        query = query.where(Lesson.class_id == class_id)
    return {(found_class, day): held for found_class, day, held in session.execute(query)}
