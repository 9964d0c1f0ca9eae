"""Making an extract: read what a place is counted from, ask the gate about every school, count what may leave."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import or_, select, true, union

from app.school.models import (
    ClassMembership,
    Enrolment,
    HomeroomDuty,
    OrgUnit,
    Pupil,
    SchoolClass,
    SchoolYear,
    Staff,
    Timetable,
    TimetableEntry,
)
from app.school.timetables.models import EntryTeacher
from classroom.lessons.models import Lesson
from classroom.seats.models import Seat
from reports.cubes.models import ClassDay
from reports.cubes.queries import classes_in_span, months_of_schools
from reports.cubes.rules import Month
from reports.disclosure.rules import Key
from reports.extracts.rules import (
    Extract,
    PlaceCell,
    SchoolCell,
    Status,
    Told,
    rows_of_levels,
    rows_of_school,
    rows_of_sum,
)
from reports.indicators.rules import Counts
from reports.inputs.models import EnteredFigure
from reports.releases.models import FrozenCell
from reports.releases.queries import frozen_by_school, together_by_school
from reports.releases.rules import Guarded, guard_classes
from reports.stretches.models import ClassStretch, PupilStretch
from reports.tallies.queries import lines_of, period_named
from reports.tallies.rules import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from app.db import Base
    from app.school.organisation.rules import Unit
    from reports.extracts.rules import ExtractRow
    from reports.tallies.queries import PlaceTree
    from reports.tallies.rules import Lines, Period


OF_SCHOOL: Final = (ClassDay, ClassStretch, PupilStretch, FrozenCell, Lesson)
OF_ALL: Final[tuple[type[Base], ...]] = (
    ClassMembership, Enrolment, Pupil, SchoolClass, SchoolYear, OrgUnit, Staff, HomeroomDuty, Timetable, TimetableEntry,
    EntryTeacher, EnteredFigure,
)  # fmt: skip
"""What an extract is made from; a test fails on a table that is read and not named here."""

MOST_SCHOOLS_KEPT: Final = 20
"""Of a larger place nothing is kept here: its rows would be hashed for longer than anybody waits (see reports.kept)."""
NOT_FIGURES: Final = frozenset({"computed_at", "created_at", "since", "at", "name_sort", "name_fold"})
"""Columns that no figure is made from; a cube that is computed again with the same counts is the same."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An extract with what must be frozen before it leaves: {(school, period name): its pattern}."""

    extract: Extract
    patterns: Mapping[tuple[int, str], Guarded]


def kept_extract(
    session: Session, place: PlaceTree, period: Period, today: date, as_of: date, state: str
) -> Prepared:
    """Return what `prepare_extract` does; worked out once as long as `state` (of `state_of`) is the same.

    Whatever was written since gives another state, so a new figure is seen at once.
    """
    slot = _slot((repr(place), period, today, as_of, state))
    if not slot:
        slot.append(prepare_extract(session, place, period, today, as_of))
    return slot[0]


@lru_cache(maxsize=32)
def _slot(key: tuple[object, ...]) -> list[Prepared]:  # noqa: ARG001 - lru_cache holds the slot by it
    return []


def state_of(session: Session, school_ids: Sequence[int]) -> str:
    """Return the SHA-256 of every row that extracts of these schools are made from, in hex.

    Of people whoever was ever at these schools counts, with rolls and classes wherever they went: a cohort is followed.
    One statement a table, no objects: about a hundredth of the work of an extract.
    """
    digest = hashlib.sha256()
    for query in _rows_of(list(school_ids)):
        keys = [column for column in query.selected_columns if column.primary_key]
        digest.update(repr(session.execute(query.order_by(*keys)).all()).encode())
    return digest.hexdigest()


def _rows_of(school_ids: list[int]) -> list[Select[Any]]:
    """Return a query for each table of `OF_SCHOOL` and `OF_ALL`, as narrow as it may be."""
    staff = select(Staff.id).where(Staff.school_id.in_(school_ids))
    pupils = union(
        select(Enrolment.pupil_id).where(Enrolment.school_id.in_(school_ids)),
        select(ClassMembership.pupil_id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(SchoolClass.school_id.in_(school_ids)),
    )
    rolls = ClassMembership.pupil_id.in_(pupils)
    timetables = select(Timetable.id).where(Timetable.school_id.in_(school_ids))
    entries = select(TimetableEntry.id).where(TimetableEntry.timetable_id.in_(timetables))
    lessons = select(Lesson.id).where(Lesson.school_id.in_(school_ids))
    conditions: dict[type[Base], ColumnElement[bool]] = {
        **{table: table.school_id.in_(school_ids) for table in (*OF_SCHOOL, Staff, Timetable)},
        Seat: Seat.lesson_id.in_(lessons),
        ClassMembership: rolls,
        Enrolment: Enrolment.pupil_id.in_(pupils),
        Pupil: Pupil.id.in_(pupils),
        SchoolClass: or_(
            SchoolClass.school_id.in_(school_ids),
            SchoolClass.id.in_(select(ClassMembership.class_id).where(rolls)),
        ),
        HomeroomDuty: HomeroomDuty.staff_id.in_(staff),
        TimetableEntry: TimetableEntry.timetable_id.in_(timetables),
        EntryTeacher: EntryTeacher.entry_id.in_(entries),
    }
    tables: tuple[type[Base], ...] = (*OF_SCHOOL, Seat, *OF_ALL)
    return [select(*_columns(table)).where(conditions.get(table, true())) for table in tables]


def _columns(table: type[Base]) -> list[ColumnElement[Any]]:
    return [column for column in table.__table__.columns if column.name not in NOT_FIGURES]


def prepare_extract(session: Session, place: PlaceTree, period: Period, today: date, as_of: date) -> Prepared:
    """Return what may leave of a place and a period, for the schools that the place has in `place`, on day `as_of`.

    The attacker is run for every school and month: about 5 ms for a school of which nothing is withheld, up to a second
    otherwise. Raises UnsafeReleaseError.
    """
    ids = [unit.id for unit in place.schools]
    above = [one.unit.id for one in place.walk() if one.unit.kind != "school"]
    lines = lines_of(session, ids, period, today, above)
    patterns = _patterns(session, place.schools, period, today, lines)
    names = _class_names(session, [line.class_id for line in lines.classes])
    rows = _Rows(place.unit.id, _told(period, today), lines, patterns, period.name, names)
    return Prepared(Extract(_cell(place.unit), period, as_of, tuple(rows.of(place))), patterns)


def prepare_schools(
    session: Session, schools: Sequence[PlaceTree], period: Period, today: date, as_of: date
) -> dict[int, Prepared]:
    """Return {school: what `prepare_extract` returns of it}; everything is read once for all of them.

    Schools do not touch each other: lines, frozen cells and patterns are each school's own.
    """
    units = [place.unit for place in schools]
    lines = lines_of(session, [unit.id for unit in units], period, today)
    patterns = _patterns(session, units, period, today, lines)
    told = _told(period, today)
    names = _class_names(session, [line.class_id for line in lines.classes])
    found = {}
    for place in schools:
        own = {key: pattern for key, pattern in patterns.items() if key[0] == place.unit.id}
        rows = _Rows(place.unit.id, told, lines, own, period.name, names)
        found[place.unit.id] = Prepared(Extract(_cell(place.unit), period, as_of, tuple(rows.of(place))), own)
    return found


def _told(period: Period, today: date) -> Told:
    return Told(
        period.first, is_longer=period.kind is not PeriodKind.MONTH, is_running=period.after_last > today
    )


class _Rows:
    """The rows of a place and of every place below it, counted from below."""

    def __init__(
        self,
        whole: int,
        told: Told,
        lines: Lines,
        patterns: Mapping[tuple[int, str], Guarded],
        period: str,
        names: Mapping[int, str],
    ) -> None:
        self._whole, self._told, self._lines = whole, told, lines
        self._patterns, self._period, self._names = patterns, period, names
        self._cells: dict[int, SchoolCell] = {}
        self._rows: dict[int, list[ExtractRow]] = {}
        self._by_code: dict[int, dict[str, ExtractRow]] = {}

    def of(self, place: PlaceTree) -> Iterator[ExtractRow]:
        """Yield them, the larger places first."""
        self._count(place)
        for one in place.walk():
            yield from self._rows[one.unit.id]

    def _count(self, place: PlaceTree) -> None:
        for one in place.below:
            self._count(one)
        unit = place.unit
        if unit.id not in self._rows:
            self._rows[unit.id] = self._of_school(unit) if unit.kind == "school" else self._above(place)

    def _of_school(self, unit: Unit) -> list[ExtractRow]:
        withheld = self._patterns[unit.id, self._period].withheld
        own = self._lines.of_schools([unit.id])
        shown = tuple((line.class_id, self._names[line.class_id]) for line in own.classes)
        cell = SchoolCell(unit.id, _cell(unit), () in withheld, shown if self._whole == unit.id else ())
        classes = frozenset(int(key[0]) for key in withheld if key)
        rows = list(rows_of_school(cell, own, classes, self._told)) if own.classes else []
        self._by_code[unit.id] = {row.indicator.code: row for row in rows if row.place.kind == "school"}
        hidden = frozenset(
            code for code, row in self._by_code[unit.id].items() if row.status is Status.WITHHELD
        )
        self._cells[unit.id] = replace(cell, hidden=hidden)
        return rows

    def _above(self, place: PlaceTree) -> list[ExtractRow]:
        schools = [self._cells[unit.id] for unit in place.schools if self._rows[unit.id]]
        if not schools:
            return []
        cell = _cell(place.unit)
        found = list(
            rows_of_sum(
                cell, schools, lambda code: list(self._told_below(place, code)), self._lines, self._told
            )
        )
        self._by_code[place.unit.id] = {row.indicator.code: row for row in found}
        return found + list(rows_of_levels(cell, place.unit.id, schools, self._lines, self._told.day))

    def _told_below(self, place: PlaceTree, code: str) -> Iterator[ExtractRow]:
        """Yield what is told of each place right below, or of those below it where it is not told itself."""
        for one in place.below:
            row = self._by_code.get(one.unit.id, {}).get(code)
            if row is not None and row.value is not None:
                yield row
            else:
                yield from self._told_below(one, code)


def _cell(unit: Unit) -> PlaceCell:
    return PlaceCell(unit.kind, unit.code, unit.name)


def _class_names(session: Session, class_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(select(SchoolClass.id, SchoolClass.name).where(SchoolClass.id.in_(class_ids)))
    return {row.id: row.name for row in rows}


# --- the gate -----------------------------------------------------------------------------------------------------


def _patterns(
    session: Session, schools: Sequence[Unit], period: Period, today: date, lines: Lines
) -> dict[tuple[int, str], Guarded]:
    """Return the pattern of every school for the period, and for each of its months when it has several.

    The period's own is worked out from the very lines that the extract is counted from.
    """
    found: dict[tuple[int, str], Guarded] = {}
    units = session.scalars(select(OrgUnit).where(OrgUnit.id.in_([unit.id for unit in schools]))).all()
    ids = [unit.id for unit in units]
    held: defaultdict[int, set[Key]] = defaultdict(set)
    for month in months_in(period, today):
        gate = _Gate.of(session, ids, str(month))
        for row in months_of_schools(session, units, month, today):
            classes = {one.class_id: one.counts for one in row.classes}
            found[row.school_id, str(month)] = gate.guard(row.school_id, classes)
            held[row.school_id] |= found[row.school_id, str(month)].withheld
    for semester in semesters_in(session, period, today):
        gate, inside = _Gate.of(session, ids, semester.name), months_in(semester, today)
        for school_id, classes in classes_in_span(session, ids, semester, today).items():
            months = [
                found[school_id, str(month)].withheld for month in inside if (school_id, str(month)) in found
            ]
            found[school_id, semester.name] = gate.guard(school_id, classes, frozenset[Key]().union(*months))
            held[school_id] |= found[school_id, semester.name].withheld
    gate = _Gate.of(session, ids, period.name)
    for school_id in ids:
        classes = _counts_of_classes(lines.of_schools([school_id]))
        found[school_id, period.name] = gate.guard(school_id, classes, frozenset(held[school_id]))
    return found


@dataclass(frozen=True, slots=True)
class _Gate:
    """What earlier releases of a period, and of the other periods, withheld of each school."""

    frozen: Mapping[int, frozenset[Key]]
    together: Mapping[int, frozenset[Key]]

    @classmethod
    def of(cls, session: Session, school_ids: Sequence[int], period: str) -> Self:
        """Read it for a period."""
        return cls(
            frozen_by_school(session, school_ids, period), together_by_school(session, school_ids, period)
        )

    def guard(
        self, school_id: int, classes: Mapping[int, Counts], held: frozenset[Key] = frozenset()
    ) -> Guarded:
        """Protect a school's classes; `held` is what periods within this one withhold."""
        whole = sum(classes.values(), start=Counts())
        frozen = self.frozen[school_id] | held
        return guard_classes(whole, classes, frozen, together=self.together[school_id])[0]


def semesters_in(session: Session, period: Period, today: date) -> list[Period]:
    """Return the semesters of a school year that have begun; none of a shorter period."""
    if period.kind is not PeriodKind.YEAR:
        return []
    found = [period_named(session, f"{period.name}-{number}") for number in (1, 2)]
    return [one for one in found if one is not None and one.first <= today]


def months_in(period: Period, today: date) -> list[Month]:
    """Return the months that a period touches until today; the period's first one at least."""
    months = [Month.of(period.first)]
    while months[-1].after_last < period.after_last and months[-1].after_last <= today:
        months.append(months[-1].next)
    return months


def _counts_of_classes(lines: Lines) -> dict[int, Counts]:
    """Return the additive counts of each class of a school in the period, of the same lines that the extract is of."""
    found = {
        line.class_id: Counts(
            classes=1,
            sessions_due=line.sessions_due,
            sessions_taken=line.sessions_taken,
            lessons_held=line.lessons_held,
        )
        for line in lines.classes
    }
    for line in lines.pupils:
        found[line.class_id] = found.get(line.class_id, Counts()) + Counts(
            pupils=int(line.is_on_roll),
            expected=line.expected,
            excused=line.excused,
            unexcused=line.unexcused,
            pending=line.pending,
            late=line.late,
        )
    return found
