"""Extracts that are remembered as long as nothing was written that they are made from."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

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
from reports.extracts.queries.rows import prepare_extract
from reports.inputs.models import EnteredFigure
from reports.releases.models import FrozenCell
from reports.stretches.models import ClassStretch, PupilStretch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from app.db import Base
    from reports.extracts.queries.rows import Prepared
    from reports.tallies.queries import PlaceTree
    from reports.tallies.rules import Period

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
