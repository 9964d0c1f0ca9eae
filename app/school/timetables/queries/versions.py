"""Reading versions of timetables and their grids. Loaders take the actor."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.bells.queries import bell_plans
from app.school.bells.rules import plan_on
from app.school.models import (
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    Subject,
    Timetable,
    TimetableEntry,
)
from app.school.queries import classes_of_school, holds_on, place_of_unit
from app.school.rules import DaySession
from app.school.timetables.models import EntryTeacher, TimetableEdit
from app.school.timetables.rules.grid import GridLesson, Line, Slot, rows_of, weekdays_of
from app.school.timetables.rules.versions import Standing, TimetableState, VersionSpan, standing_of
from app.school.timetables.rules.weeks import WeekPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from app.access import Actor, Permission
    from app.school.timetables.rules.grid import Row as GridRow


def timetable_for(actor: Actor, permission: Permission, timetable_id: int) -> Timetable:
    """Return the version, or raise NotFoundError."""
    found = db.session().get(Timetable, timetable_id)
    if found is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(found.school_id))
    return found


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it is listed."""

    id: int
    number: int
    year: str
    starts_on: date
    ends_on: date | None
    lessons: int
    changed_by: str | None
    changed_at: datetime | None
    note: str
    standing: Standing

    @property
    def is_draft(self) -> bool:
        """Whether it can be edited."""
        return self.standing is Standing.DRAFT

    @property
    def holds_today(self) -> bool:
        """Whether its lessons are today's."""
        return self.standing is Standing.HOLDS

    @property
    def holds(self) -> tuple[date | None, date | None]:
        """The days [first, after last) on which it holds; (None, None) for a draft and for one that never did."""
        is_held = self.standing not in {Standing.DRAFT, Standing.NEVER}
        return (self.starts_on, self.ends_on) if is_held else (None, None)


def versions_of(session: Session, school_id: int, today: date) -> list[Version]:
    """Return all versions of a school, the newest first."""
    counted = (
        select(TimetableEntry.timetable_id, func.count().label("lessons"))
        .join(Timetable, Timetable.id == TimetableEntry.timetable_id)
        .where(Timetable.school_id == school_id)
        .group_by(TimetableEntry.timetable_id)
        .subquery()
    )
    rows = session.execute(
        select(Timetable, SchoolYear.code, counted.c.lessons, User.full_name)
        .join(SchoolYear, SchoolYear.id == Timetable.year_id)
        .outerjoin(counted, counted.c.timetable_id == Timetable.id)
        .outerjoin(User, User.id == func.coalesce(Timetable.published_by, Timetable.made_by))
        .where(Timetable.school_id == school_id)
        .order_by(SchoolYear.starts_on.desc(), Timetable.version.desc())
    )
    return [_version(row, year, lessons, name, today) for row, year, lessons, name in rows]


def _version(row: Timetable, year: str, lessons: int | None, name: str | None, today: date) -> Version:
    return Version(
        row.id,
        row.version,
        year,
        row.starts_on,
        row.ends_on,
        lessons or 0,
        name,
        row.published_at or row.made_at,
        row.note,
        standing_of(TimetableState(row.state), row.starts_on, row.ends_on, today),
    )


def spans_of(session: Session, school_id: int) -> list[VersionSpan]:
    """Return the versions of a school that are no drafts, with the days that they hold."""
    rows = session.execute(
        select(Timetable.id, Timetable.starts_on, Timetable.ends_on)
        .where(Timetable.school_id == school_id, Timetable.state != TimetableState.DRAFT)
        .order_by(Timetable.starts_on)
    )
    return [VersionSpan(timetable_id, starts_on, ends_on) for timetable_id, starts_on, ends_on in rows]


def timetable_on(session: Session, school_id: int, day: date) -> Timetable | None:
    """Return the version that holds at a school on a day."""
    return session.scalars(
        select(Timetable)
        .where(
            Timetable.school_id == school_id,
            Timetable.state != TimetableState.DRAFT,
            holds_on(Timetable, day),
        )
        .order_by(Timetable.starts_on.desc())
        .limit(1)
    ).first()


def compared_with(session: Session, timetable: Timetable) -> Timetable | None:
    """Return the version before which another one stands: what holds when a draft would begin, else the one before."""
    query = select(Timetable).where(
        Timetable.school_id == timetable.school_id,
        Timetable.year_id == timetable.year_id,
        Timetable.id != timetable.id,
        Timetable.state != TimetableState.DRAFT,
    )
    if timetable.state != TimetableState.DRAFT:
        query = query.where(Timetable.version < timetable.version)
    newest_first = (Timetable.starts_on.desc(), Timetable.version.desc())
    return session.scalars(query.order_by(*newest_first).limit(1)).first()


def timetable_to_read(
    session: Session, school_id: int, day: date, year_id: int | None = None
) -> Timetable | None:
    """Return the version that holds on a day, of the given year; else the next one to come."""
    held = timetable_on(session, school_id, day)
    if held is not None and year_id in {None, held.year_id}:
        return held
    query = select(Timetable).where(
        Timetable.school_id == school_id,
        Timetable.state == TimetableState.PUBLISHED,
        Timetable.starts_on > day,
    )
    if year_id is not None:
        query = query.where(Timetable.year_id == year_id)
    return session.scalars(query.order_by(Timetable.starts_on).limit(1)).first()


def years_to_plan(session: Session, school_id: int, today: date) -> list[SchoolYear]:
    """Return the years, not over yet, in which a school has classes; the latest only when all are over."""
    years = session.scalars(
        select(SchoolYear)
        .where(SchoolYear.id.in_(select(SchoolClass.year_id).where(SchoolClass.school_id == school_id)))
        .order_by(SchoolYear.starts_on.desc())
    ).all()
    return [year for year in reversed(years) if year.ends_on > today] or list(years[:1])


# --- the grid -----------------------------------------------------------------------------------------------------


def grid_lessons(session: Session, timetable_id: int) -> list[GridLesson]:
    """Return all lessons of a version with their names, classes in natural order. Columns: a school has 1,200 rows."""
    one = TimetableEntry
    rows = session.execute(
        select(
            one.id, one.class_id, SchoolClass.name.label("class_name"), one.weekday, one.day_session, one.number,
            one.weeks, one.subject_id, one.staff_id, one.room, Subject.name.label("subject"), Staff.full_name,
        )
        .join(SchoolClass, SchoolClass.id == one.class_id)
        .join(Subject, Subject.id == one.subject_id)
        .join(Staff, Staff.id == one.staff_id)
        .where(one.timetable_id == timetable_id)
        .order_by(SchoolClass.name_sort, SchoolClass.id)
    )  # fmt: skip
    others = co_teachers(session, timetable_id)
    return [_lesson(row, others.get(row.id, [])) for row in rows]


def co_teachers(session: Session, timetable_id: int) -> dict[int, list[tuple[int, str]]]:
    """Return {entry: [(teacher, name)]} of those who teach together with the one who leads."""
    rows = session.execute(
        select(EntryTeacher.entry_id, Staff.id, Staff.full_name)
        .join(TimetableEntry, TimetableEntry.id == EntryTeacher.entry_id)
        .join(Staff, Staff.id == EntryTeacher.staff_id)
        .where(TimetableEntry.timetable_id == timetable_id)
        .order_by(Staff.name_sort, Staff.id)
    )
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for entry_id, staff_id, name in rows:
        found[entry_id].append((staff_id, name))
    return found


def _lesson(row: Row[*tuple[Any, ...]], others: Sequence[tuple[int, str]]) -> GridLesson:
    staff_ids = (row.staff_id, *(staff_id for staff_id, _ in others))
    return GridLesson(
        row.id,
        row.class_id,
        row.class_name,
        Slot(row.weekday, DaySession(row.day_session), row.number),
        Line(WeekPattern(row.weeks), row.subject_id, staff_ids, row.room),
        row.subject,
        (row.full_name, *(name for _, name in others)),
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """The empty grid of a version: its rows and its weekdays."""

    rows: list[GridRow]
    weekdays: list[int]


def frame_of(
    session: Session, timetable: Timetable, lessons: Sequence[GridLesson], grade: int | None = None
) -> Frame:
    """Return the grid that a version needs, by the bell schedule of a grade (of any) on its first day."""
    return frames_of(session, timetable)(lessons, grade)


def frames_of(session: Session, timetable: Timetable) -> Callable[[Sequence[GridLesson], int | None], Frame]:
    """Return what makes such grids of a version, for many weeks at once: it asks the database now, and not again."""
    plans = bell_plans(session, timetable.school_id)
    weekdays = session.get_one(School, timetable.school_id).teaching_weekdays
    starts_on = timetable.starts_on

    def frame(lessons: Sequence[GridLesson], grade: int | None = None) -> Frame:
        plan = plan_on(plans, starts_on, grade)
        slots = [lesson.slot for lesson in lessons]
        return Frame(rows_of(plan.periods if plan else (), slots), weekdays_of(weekdays, slots))

    return frame


def classes_in(session: Session, timetable: Timetable) -> list[SchoolClass]:
    """Return the classes that a version is for."""
    return classes_of_school(session, timetable.school_id, timetable.year_id)


def subjects(session: Session) -> list[Subject]:
    """Return all subjects, by name."""
    return sorted(session.scalars(select(Subject)), key=lambda subject: (subject.name, subject.id))


# --- edits of a draft ---------------------------------------------------------------------------------------------


def cell_version(session: Session, timetable_id: int, class_id: int, slot: Slot) -> int:
    """Return the id of the newest edit of a cell, 0 when nobody touched it since the draft was made."""
    return (
        session.scalar(
            select(func.max(TimetableEdit.id)).where(
                TimetableEdit.timetable_id == timetable_id,
                TimetableEdit.class_id == class_id,
                TimetableEdit.weekday == slot.weekday,
                TimetableEdit.day_session == slot.day_session,
                TimetableEdit.number == slot.number,
            )
        )
        or 0
    )


def edit_to_undo(session: Session, timetable_id: int, user_id: int) -> tuple[TimetableEdit, str] | None:
    """Return a person's newest edit of a draft that is not taken back yet, with the name of its class."""
    undone = select(TimetableEdit.undoes_id).where(
        TimetableEdit.timetable_id == timetable_id, TimetableEdit.undoes_id.is_not(None)
    )
    row = session.execute(
        select(TimetableEdit, SchoolClass.name)
        .join(SchoolClass, SchoolClass.id == TimetableEdit.class_id)
        .where(
            TimetableEdit.timetable_id == timetable_id,
            TimetableEdit.made_by == user_id,
            TimetableEdit.undoes_id.is_(None),
            TimetableEdit.id.not_in(undone),
        )
        .order_by(TimetableEdit.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None
