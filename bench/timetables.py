"""What a day of the timetable costs: lessons worked out from version and calendar, or a row for each lesson and day.

The rows are made here alone, in a table of this measurement (docs/adr/0016-lessons-are-worked-out.md).
"""

from __future__ import annotations

import statistics
import time
from datetime import date
from datetime import time as wall_time
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from flask_migrate import upgrade
from sqlalchemy import and_, column, event, func, select, table, text

from app import clock, db
from app.access import SYSTEM
from app.school.commands import add_class, add_unit
from app.school.models import BellPeriod, School, SchoolClass, SchoolYear, Staff, Subject, TimetableEntry
from app.school.queries import lessons_on, school_days
from app.school.rules import DaySession, UnitKind
from app.school.timetables.commands.versions import add_draft, publish
from config import Settings
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

ROUNDS: Final = 60
PERIODS: Final = 6
TEACHERS_FOR_TEN_CLASSES: Final = 15
DAY: Final = date(2026, 10, 7)
ROWS: Final = table(
    "bench_lesson", column("school_id"), column("day"), column("entry_id"), column("staff_id")
)
YEAR: Final = (date(2026, 9, 5), date(2027, 6, 1))


def measure(classes: int) -> dict[str, Any]:
    """Measure a school of so many classes; print and return the figures (milliseconds of processor time, rows)."""
    with TemporaryDirectory() as folder:
        settings = Settings.from_env({"BANGXANH_ENV": "development", "INSTANCE": folder})
        app = create_app(settings)
        with app.app_context(), clock.at(clock.now().replace(year=2026, month=9, day=1)):
            upgrade()
            found: dict[str, Any] = {"classes": classes}
            for weeks in ("every", "odd"):
                school_id, published = _school(classes, weeks)
                found[weeks] = {"publish_ms": published, **_worked_out(school_id), **_rows(school_id)}
                print(weeks, found[weeks])
            db.db.session.remove()
            db.db.engine.dispose()
    return found


def _school(classes: int, weeks: str) -> tuple[int, float]:
    """Make a school whose timetable has every tenth lesson in these weeks only, and publish it."""
    with db.transaction() as session:
        year = session.query(SchoolYear).first() or SchoolYear(
            code="2026-2027", starts_on=YEAR[0], second_semester_on=date(2027, 1, 18), ends_on=YEAR[1]
        )
        unit = add_unit(
            session, UnitKind.SCHOOL, f"B-{weeks}", "Trường đo", None, valid_from=date(2025, 7, 1)
        )
        session.add_all([year, School(id=unit.id, levels="2")])
        session.flush()
        _fill(session, unit.id, year.id, classes, weeks)
        draft_id, school_id = _draft(session, unit.id, year.id, weeks), unit.id
    begun = time.process_time()
    publish(SYSTEM, draft_id, YEAR[0], "đo")
    return school_id, round(1000 * (time.process_time() - begun), 1)


def _fill(session: Session, school_id: int, year_id: int, classes: int, weeks: str) -> None:
    for number in range(1, PERIODS + 1):
        bell = wall_time(6 + number), wall_time(6 + number, 45)
        session.add(
            BellPeriod(
                school_id=school_id,
                day_session=DaySession.MORNING,
                number=number,
                begins_at=bell[0],
                finishes_at=bell[1],
                starts_on=YEAR[0],
            )
        )
    session.add(Subject(code=f"M-{weeks}", name=f"Môn {weeks}"))
    for number in range(classes * TEACHERS_FOR_TEN_CLASSES // 10):
        name = f"Nguyễn Văn {number}"
        session.add(
            Staff(school_id=school_id, staff_code=str(number), full_name=name, name_sort=name, name_fold=name)
        )
    for number in range(classes):
        add_class(session, school_id, year_id, f"{6 + number % 4}A{number // 4 + 1}", 6 + number % 4)
    session.flush()


def _draft(session: Session, school_id: int, year_id: int, weeks: str) -> int:
    draft = add_draft(session, SYSTEM, school_id, year_id, None)
    ids = session.scalars(select(SchoolClass.id).where(SchoolClass.school_id == school_id)).all()
    staff = session.scalars(select(Staff.id).where(Staff.school_id == school_id)).all()
    subject = session.scalar(select(func.max(Subject.id)))
    for at, class_id in enumerate(ids):
        for weekday in range(1, 6):
            for number in range(1, PERIODS + 1):
                session.add(
                    TimetableEntry(
                        timetable_id=draft.id,
                        class_id=class_id,
                        weekday=weekday,
                        day_session=DaySession.MORNING,
                        number=number,
                        weeks=weeks if (at + weekday + number) % 10 == 0 else "every",
                        subject_id=subject,
                        staff_id=staff[(at + weekday * 7 + number * 11) % len(staff)],
                    )
                )
    return draft.id


def _worked_out(school_id: int) -> dict[str, float]:
    session = db.session()
    lesson = lessons_on(session, school_id, DAY)[0]
    return {
        "day_ms": _time(lambda: lessons_on(session, school_id, DAY)),
        "day_queries": _queries(lambda: lessons_on(session, school_id, DAY)),
        "teacher_ms": _time(lambda: lessons_on(session, school_id, DAY, staff_id=lesson.staff_id)),
    }


def _rows(school_id: int) -> dict[str, float]:
    """Lay out a row for every lesson and day of the year, and read a day of it with the names that a page shows."""
    begun = time.process_time()
    with db.transaction() as session:
        session.execute(
            text(
                "CREATE TABLE IF NOT EXISTS bench_lesson (id INTEGER PRIMARY KEY, school_id INTEGER, day DATE, "
                "entry_id INTEGER, staff_id INTEGER)"
            )
        )
        session.execute(text("CREATE INDEX IF NOT EXISTS bench_day ON bench_lesson (school_id, day)"))
        days = [one for one in school_days(session, school_id, *YEAR) if one.is_teaching]
        for one in days:
            session.execute(
                text(
                    "INSERT INTO bench_lesson (school_id, day, entry_id, staff_id) SELECT t.school_id, :day, e.id, "
                    "e.staff_id FROM timetable_entry e JOIN timetable t ON t.id = e.timetable_id "
                    "WHERE t.school_id = :school AND e.weekday = :weekday"
                ),
                {"day": one.day.isoformat(), "school": school_id, "weekday": one.weekday},
            )
    laid_out = round(1000 * (time.process_time() - begun), 1)
    query = (
        select(TimetableEntry, SchoolClass, Subject.name, Staff.full_name, BellPeriod)
        .join(ROWS, ROWS.c.entry_id == TimetableEntry.id)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .join(Subject, Subject.id == TimetableEntry.subject_id)
        .join(Staff, Staff.id == ROWS.c.staff_id)
        .outerjoin(
            BellPeriod,
            and_(
                BellPeriod.school_id == ROWS.c.school_id,
                BellPeriod.number == TimetableEntry.number,
                BellPeriod.day_session == TimetableEntry.day_session,
            ),
        )
        .where(ROWS.c.school_id == school_id, ROWS.c.day == DAY.isoformat())
    )
    session = db.session()
    counted = select(func.count()).select_from(ROWS).where(ROWS.c.school_id == school_id)
    return {
        "rows_a_year": session.scalar(counted) or 0,
        "lay_out_ms": laid_out,
        "read_rows_ms": _time(lambda: session.execute(query).all()),
    }


def _time(work: Callable[[], object]) -> float:
    """Return the median milliseconds of processor time of some work, nothing kept in the session between the rounds."""
    taken = []
    for _ in range(ROUNDS):
        db.session().expunge_all()
        begun = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - begun))
    return round(statistics.median(taken), 2)


def _queries(work: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.db.engine, "before_cursor_execute", note)
    work()
    event.remove(db.db.engine, "before_cursor_execute", note)
    return len(seen)
