"""Writing the cube: whatever was touched is computed again as a whole and put in the place of what was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, insert, select

from app import clock, db
from app.school.models import School
from reports.cubes.models import ClassDay, SchoolDay
from reports.cubes.queries import SUMS, computed_days, stored_days
from reports.cubes.rules import differences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from reports.cubes.rules import Difference
    from reports.indicators.rules import Counts

RECENT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SavedRegister:
    """What the cube needs of RegisterSaved."""

    school_id: int
    class_id: int
    day: date


@dataclass(frozen=True, slots=True)
class HeldLesson:
    """What the cube needs of LessonHeld."""

    school_id: int
    class_id: int
    date: date


@dataclass(frozen=True, slots=True)
class UndoneRoster:
    """What the cube needs of RosterUndone."""

    school_id: int
    since: date


def compute_school_again(session: Session, undone: UndoneRoster) -> None:
    """Compute the days of a school since which its rosters are others again; likewise."""
    _replace(session, undone.school_id, undone.since, clock.today() + timedelta(days=1))


def compute_register_again(session: Session, saved: SavedRegister) -> None:
    """Compute the class and day of a saved register, in the running transaction. Doing it twice changes nothing."""
    _replace(session, saved.school_id, saved.day, saved.day + timedelta(days=1), saved.class_id)


def compute_lesson_again(session: Session, held: HeldLesson) -> None:
    """Compute the class and day of a live lesson that ended; likewise."""
    _replace(session, held.school_id, held.date, held.date + timedelta(days=1), held.class_id)


def refresh_recent() -> None:
    """Compute the last days of every school, for what no fact tells: a day that began."""
    today = clock.today()
    _refresh_all(today - RECENT, today + timedelta(days=1))


def rebuild(school_ids: Iterable[int], first: date, after_last: date) -> int:
    """Compute schools in [first, after_last), each in a transaction of its own; return how many rows changed."""
    changed = 0
    for school_id in school_ids:
        with db.transaction() as session:
            changed += _replace(session, school_id, first, after_last)
    return changed


def _refresh_all(first: date, after_last: date) -> int:
    """Look first, and write only where something differs: mostly nothing does."""
    changed = 0
    for school_id in db.session().scalars(select(School.id).order_by(School.id)).all():
        found = _differences(db.session(), school_id, first, after_last)
        db.session().commit()
        if found:
            changed += rebuild([school_id], first, after_last)
    return changed


def _replace(
    session: Session, school_id: int, first: date, after_last: date, class_id: int | None = None
) -> int:
    """Bring the cube to what the registers say now. Locks the school: an older look must not overwrite a newer one."""
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))
    found = _differences(session, school_id, first, after_last, class_id)
    for item in found:
        session.execute(delete(ClassDay).where(ClassDay.class_id == item.class_id, ClassDay.day == item.day))
        if item.computed is not None:
            session.add(_row(school_id, item.class_id, item.day, item.computed))
    session.flush()
    if found:
        days = [item.day for item in found]
        sum_school_days(session, school_id, min(days), max(days) + timedelta(days=1))
    return len(found)


def sum_school_days(session: Session, school_id: int, first: date, after_last: date) -> None:
    """Sum a school's days in [first, after_last) again from those of its classes, in the running transaction."""
    session.execute(delete(SchoolDay).where(*_days_of(SchoolDay, school_id, first, after_last)))
    sums = (
        select(ClassDay.school_id, ClassDay.day, *(func.sum(getattr(ClassDay, name)) for name in SUMS))
        .where(*_days_of(ClassDay, school_id, first, after_last))
        .group_by(ClassDay.school_id, ClassDay.day)
    )
    session.execute(insert(SchoolDay).from_select(["school_id", "day", *SUMS], sums))


def _days_of(
    table: type[ClassDay | SchoolDay], school_id: int, first: date, after_last: date
) -> tuple[ColumnElement[bool], ...]:
    return table.school_id == school_id, table.day >= first, table.day < after_last


def _differences(
    session: Session, school_id: int, first: date, after_last: date, class_id: int | None = None
) -> list[Difference]:
    return differences(
        stored_days(session, school_id, first, after_last, class_id),
        computed_days(session, school_id, first, after_last, class_id),
    )


def _row(school_id: int, class_id: int, day: date, counts: Counts) -> ClassDay:
    values = {name: getattr(counts, name) for name in SUMS}
    return ClassDay(class_id=class_id, day=day, school_id=school_id, computed_at=clock.now(), **values)
