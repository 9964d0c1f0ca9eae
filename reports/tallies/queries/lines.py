"""The lines of pupils and classes, read from cubes and rolls for many schools at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select

from app.school.models import (
    ClassMembership,
    HomeroomDuty,
    Pupil,
    SchoolClass,
    SchoolYear,
    Staff,
    Timetable,
    TimetableEntry,
)
from app.school.queries import holds_on
from app.school.timetables.models import EntryTeacher
from app.text import fold
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState
from classroom.seats.models import Seat
from reports.cubes.models import ClassDay
from reports.indicators.rules import NUMBERS_OVER
from reports.inputs.queries import entered_for
from reports.stretches.models import ClassStretch, PupilStretch
from reports.stretches.queries import CLASS_SUMS, PUPIL_SUMS, semester_starts
from reports.stretches.rules import stretch_of
from reports.tallies.queries.enrolments import cohort_lines, move_lines
from reports.tallies.rules import ClassLine, Ethnicity, Lines, Person, PupilLine

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from reports.tallies.rules import Period

_DAY_SUMS = ("sessions_due", "sessions_taken", "lessons_held")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read: schools, a period, and its last day that has come (`end`)."""

    school_ids: tuple[int, ...]
    period: Period
    end: date


def lines_of(
    session: Session, school_ids: Collection[int], period: Period, today: date, unit_ids: Collection[int] = ()
) -> Lines:
    """Return everything known today of schools in a period.

    `unit_ids` are units above the schools whose own entries (populations) are wanted. About fifteen statements,
    however many schools; a province's year is some 300,000 lines.
    """
    end = min(period.after_last - timedelta(days=1), today)
    asked = Asked(tuple(sorted(school_ids)), period, end)
    grades = _classes(session, asked)
    people = _People(session, asked)
    rolls = _rolls(session, asked, grades)
    classes = _class_lines(session, asked, grades, rolls)
    with_lesson = {line.class_id for line in classes if line.lessons_held}
    return Lines(
        year=period.year_first.year,
        schools=frozenset(school_ids),
        pupils=tuple(_pupil_lines(session, asked, grades, rolls, with_lesson, people)),
        classes=classes,
        moves=tuple(move_lines(session, asked.school_ids, period, end, people.of)),
        cohort=tuple(cohort_lines(session, asked.school_ids, period, end, people.of)),
        teachers=_teachers(session, asked),
        entered=tuple(entered_for(session, [*asked.school_ids, *unit_ids], period.year_code)),
    )


class _People:
    """Pupils' attributes, read once for everybody who was in a class of these schools in the year."""

    def __init__(self, session: Session, asked: Asked) -> None:
        rows = session.execute(
            select(Pupil.id, Pupil.sex, Pupil.ethnicity, Pupil.disability, Pupil.birth_date).where(
                Pupil.id.in_(
                    select(ClassMembership.pupil_id)
                    .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
                    .where(SchoolClass.school_id.in_(asked.school_ids))
                )
            )
        )
        self._known = {row.id: _person(*row) for row in rows}

    def of(self, pupil_id: int) -> Person:
        """Return a pupil; one who was in no class is known by number alone."""
        return self._known.get(pupil_id) or Person(pupil_id)


def _person(
    pupil_id: int, sex: str | None, ethnicity: str | None, disability: str | None, birth_date: date | None
) -> Person:
    group = None if not ethnicity else Ethnicity.KINH if fold(ethnicity) == "kinh" else Ethnicity.OTHER
    return Person(pupil_id, sex, group, bool(disability), birth_date.year if birth_date else None)


def _classes(session: Session, asked: Asked) -> dict[int, tuple[int, int]]:
    """Return {class: (school, grade)} of the school years that the period touches."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.school_id, SchoolClass.grade)
        .join(SchoolYear, SchoolYear.id == SchoolClass.year_id)
        .where(
            SchoolClass.school_id.in_(asked.school_ids),
            SchoolYear.starts_on < asked.period.after_last,
            SchoolYear.ends_on > asked.period.first,
        )
        .order_by(SchoolClass.name_sort, SchoolClass.id)
    )
    return {class_id: (school, grade) for class_id, school, grade in rows}


def _rolls(session: Session, asked: Asked, grades: Mapping[int, object]) -> dict[int, set[int]]:
    """Return {class: pupils on its roll on the last day}."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(ClassMembership.class_id, ClassMembership.pupil_id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(SchoolClass.school_id.in_(asked.school_ids), holds_on(ClassMembership, asked.end))
    )
    for class_id, pupil_id in rows:
        if class_id in grades:
            found[class_id].add(pupil_id)
    return found


def _class_lines(
    session: Session, asked: Asked, grades: Mapping[int, tuple[int, int]], rolls: Mapping[int, set[int]]
) -> tuple[ClassLine, ...]:
    days = _sums(
        session, ClassDay, _DAY_SUMS, asked, ClassDay.day >= asked.period.first, ClassDay.day <= asked.end
    )
    first = stretch_of(asked.period.first, semester_starts(session))
    rest = _sums(
        session,
        ClassStretch,
        CLASS_SUMS,
        asked,
        ClassStretch.starts_on >= first,
        ClassStretch.starts_on <= asked.end,
    )
    lines = (
        ClassLine(
            class_id,
            school,
            grade,
            size=len(rolls.get(class_id, ())),
            **dict(zip(_DAY_SUMS, days.get(class_id, (0, 0, 0)), strict=True)),
            **dict(zip(CLASS_SUMS, rest.get(class_id, (0, 0, 0, 0)), strict=True)),
        )
        for class_id, (school, grade) in grades.items()
    )
    return tuple(line for line in lines if line.exists)


def _sums(
    session: Session,
    table: type[ClassDay | ClassStretch],
    names: Iterable[str],
    asked: Asked,
    *where: ColumnElement[bool],
) -> dict[int, tuple[int, ...]]:
    rows = session.execute(
        select(table.class_id, *(func.sum(getattr(table, name)) for name in names))
        .where(table.school_id.in_(asked.school_ids), *where)
        .group_by(table.class_id)
    )
    return {row[0]: tuple(int(value) for value in row[1:]) for row in rows}


def _pupil_lines(
    session: Session,
    asked: Asked,
    grades: Mapping[int, tuple[int, int]],
    rolls: Mapping[int, set[int]],
    with_lesson: Collection[int],
    people: _People,
) -> Iterable[PupilLine]:
    """Yield a line for each pupil and class that has anything: sessions, a place on the roll, or a live lesson."""
    sums = _pupil_sums(session, asked)
    seats = _seats(session, asked)
    before, by_stretch = _absent_in_year(session, asked), _absences(session, asked)
    on_roll = {(class_id, pupil) for class_id, pupils in rolls.items() for pupil in pupils}
    for class_id, pupil in sorted(sums.keys() | seats | before.keys() | on_roll):
        if class_id not in grades:
            continue
        school, grade = grades[class_id]
        is_on_roll, took_part = (class_id, pupil) in on_roll, (class_id, pupil) in seats
        yield PupilLine(
            people.of(pupil),
            school,
            class_id,
            grade,
            is_on_roll,
            **sums.get((class_id, pupil), {}),
            absent_in_year=before.get((class_id, pupil), 0),
            absences=tuple(by_stretch.get((class_id, pupil), ())),
            is_invited=class_id in with_lesson and (is_on_roll or took_part),
            took_part=took_part,
        )


def _pupil_sums(session: Session, asked: Asked) -> dict[tuple[int, int], dict[str, int]]:
    first = stretch_of(asked.period.first, semester_starts(session))
    key = (PupilStretch.class_id, PupilStretch.pupil_id)
    rows = session.execute(
        select(*key, *(func.sum(getattr(PupilStretch, name)) for name in PUPIL_SUMS))
        .where(
            PupilStretch.school_id.in_(asked.school_ids),
            PupilStretch.starts_on >= first,
            PupilStretch.starts_on <= asked.end,
        )
        .group_by(*key)
    )
    return {
        (row[0], row[1]): {name: int(value) for name, value in zip(PUPIL_SUMS, row[2:], strict=True)}
        for row in rows
    }


_ABSENT: Final = PupilStretch.excused + PupilStretch.unexcused + PupilStretch.pending


def _in_year(session: Session, asked: Asked) -> tuple[ColumnElement[bool], ...]:
    """Return the condition on stretches of these schools since the year began."""
    first = stretch_of(asked.period.year_first, semester_starts(session))
    return (
        PupilStretch.school_id.in_(asked.school_ids),
        PupilStretch.starts_on >= first,
        PupilStretch.starts_on <= asked.end,
    )


def _absent_in_year(session: Session, asked: Asked) -> dict[tuple[int, int], int]:
    key = (PupilStretch.class_id, PupilStretch.pupil_id)
    rows = session.execute(select(*key, func.sum(_ABSENT)).where(*_in_year(session, asked)).group_by(*key))
    return {(class_id, pupil): int(value) for class_id, pupil, value in rows if value}


def _absences(session: Session, asked: Asked) -> dict[tuple[int, int], list[tuple[date, int]]]:
    """Return {(class, pupil): absences by stretch} of pupils with more than the least number that is asked about."""
    in_year = _in_year(session, asked)
    often = (
        select(PupilStretch.pupil_id)
        .where(*in_year)
        .group_by(PupilStretch.pupil_id)
        .having(func.sum(_ABSENT) > min(NUMBERS_OVER))
    )
    rows = session.execute(
        select(PupilStretch.class_id, PupilStretch.pupil_id, PupilStretch.starts_on, _ABSENT)
        .where(*in_year, PupilStretch.pupil_id.in_(often), _ABSENT > 0)
        .order_by(PupilStretch.starts_on)
    )
    found: defaultdict[tuple[int, int], list[tuple[date, int]]] = defaultdict(list)
    for class_id, pupil, starts_on, absent in rows:
        found[class_id, pupil].append((starts_on, int(absent)))
    return found


def _seats(session: Session, asked: Asked) -> set[tuple[int, int]]:
    """Return (class, pupil) of who joined a live lesson that was ended."""
    rows = session.execute(
        select(Lesson.class_id, Seat.pupil_id)
        .join(Lesson, Lesson.id == Seat.lesson_id)
        .where(
            Lesson.school_id.in_(asked.school_ids),
            Lesson.held_on >= asked.period.first,
            Lesson.held_on <= asked.end,
            Lesson.state == LessonState.ENDED,
        )
        .distinct()
    )
    return {(class_id, pupil) for class_id, pupil in rows}


def _teachers(session: Session, asked: Asked) -> dict[int, frozenset[int]]:
    """Return {school: staff who teach by the timetable of the last day, or are homeroom teachers then}."""
    entries = (
        select(Timetable.school_id, TimetableEntry.staff_id)
        .join(TimetableEntry, TimetableEntry.timetable_id == Timetable.id)
        .where(
            Timetable.school_id.in_(asked.school_ids),
            Timetable.state != "draft",
            holds_on(Timetable, asked.end),
        )
    )
    beside = entries.with_only_columns(Timetable.school_id, EntryTeacher.staff_id).join(
        EntryTeacher, EntryTeacher.entry_id == TimetableEntry.id
    )
    duty = HomeroomDuty
    homeroom = (
        select(Staff.school_id, duty.staff_id)
        .join(Staff, Staff.id == duty.staff_id)
        .where(
            Staff.school_id.in_(asked.school_ids),
            duty.starts_on <= asked.end,
            or_(duty.ends_on.is_(None), duty.ends_on > asked.end),
        )
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for query in (entries.distinct(), beside.distinct(), homeroom):
        for school_id, staff_id in session.execute(query):
            found[school_id].add(staff_id)
    return {school_id: frozenset(staff) for school_id, staff in found.items()}
