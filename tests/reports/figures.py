"""A month of figures for the school world: classes of many sizes, and the cube filled with chosen counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from app import clock, db
from app.school.commands import add_class
from app.school.models import ClassMembership, Pupil
from reports.cubes.commands import sum_school_days
from reports.cubes.models import ClassDay
from reports.cubes.rules import Month
from tests.world import FIRST_DAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.school.models import SchoolClass
    from tests.world import World

OCTOBER: Final = Month(2026, 10)
AFTER_OCTOBER: Final = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
SCHOOL_DAYS: Final = tuple(
    day for day in (OCTOBER.first + timedelta(days=n) for n in range(31)) if day.isoweekday() <= 5
)


@dataclass(frozen=True)
class ClassFigures:
    """What a class shall show for the month: pupils, absences by kind, and how many days were taken."""

    name: str
    pupils: int
    excused: int = 0
    unexcused: int = 0
    late: int = 0
    taken: int = len(SCHOOL_DAYS)
    school: str = "a"


BIG: Final = (
    ClassFigures("4/3", 30, excused=12, unexcused=3, late=11),
    ClassFigures("4/4", 25, excused=20, unexcused=5, late=10),
    ClassFigures("4/5", 32, excused=9, unexcused=4, late=12),
)
SMALL: Final = ClassFigures("4/6", 7, excused=2, unexcused=1, late=1)


def add_figures(world: World, *classes: ClassFigures) -> dict[str, int]:
    """Add classes with pupils and a month in the cube; return {class name: id}."""
    with world.app.app_context(), db.transaction() as session:
        ids = {}
        for wanted in classes:
            school_id = world.school_ids[wanted.school]
            row = add_class(session, school_id, world.year_id, wanted.name, 4)
            ids[wanted.name] = row.id
            _add_pupils(session, row, wanted.pupils)
            for number, day in enumerate(SCHOOL_DAYS):
                session.add(_class_day(row.id, school_id, day, wanted, number))
        _sum_days(session, world)
        return ids


def _sum_days(session: Session, world: World) -> None:
    session.flush()
    for school_id in world.school_ids.values():
        sum_school_days(session, school_id, SCHOOL_DAYS[0], OCTOBER.after_last)


def _add_pupils(session: Session, school_class: SchoolClass, count: int) -> None:
    """Put pupils on the class's list; the reports ask for no more than that they are there."""
    name = "Nguyễn Văn An"
    pupils = [
        Pupil(full_name=name, name_sort=name, name_fold=name, created_at=clock.now())
        for _number in range(count)
    ]
    session.add_all(pupils)
    session.flush()
    session.add_all(
        ClassMembership(pupil_id=pupil.id, class_id=school_class.id, starts_on=FIRST_DAY) for pupil in pupils
    )


def _class_day(class_id: int, school_id: int, day: date, wanted: ClassFigures, number: int) -> ClassDay:
    """Spread the month's counts over its taken days, the last day getting what is left."""
    is_taken = number < wanted.taken
    spread = {
        name: _share(getattr(wanted, name), number, wanted.taken) if is_taken else 0
        for name in ("excused", "unexcused", "late")
    }
    return ClassDay(
        class_id=class_id,
        day=day,
        school_id=school_id,
        sessions_due=1,
        sessions_taken=int(is_taken),
        expected=wanted.pupils if is_taken else 0,
        pending=0,
        lessons_held=1 if number == 0 else 0,
        computed_at=clock.now(),
        **spread,
    )


def _share(total: int, number: int, days: int) -> int:
    return total * (number + 1) // days - total * number // days


def change_cube(world: World, class_id: int, **values: int | date) -> None:
    """Change the first day of a class in the cube, as a corrected register would."""
    with world.app.app_context(), db.transaction() as session:
        row = session.get_one(ClassDay, (class_id, SCHOOL_DAYS[0]))
        for name, value in values.items():
            setattr(row, name, value)
        _sum_days(session, world)
