"""Seeding the pilot from an empty, migrated database, step by step; an interrupted run is finished by the next."""

from __future__ import annotations

import random
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import current_app
from sqlalchemy import select

from app import clock, db, facts
from app.access import SYSTEM
from app.audit.commands import record
from app.audit.models import AuditEntry
from app.school.models import CalendarDay, OrgUnit, School
from app.school.queries import day_at_school, latest_year
from app.school.rules import Level
from demo.absences import Season
from demo.bulk import commits_without_waiting
from demo.calling import Calls, call_rolls, write_cube
from demo.days import demo_year, first_day_with_registers, make_up
from demo.lessons import LessonSource, hold_lessons
from demo.months import accept_month_before_last, approve_last_month, hand_in_forms
from demo.pilot import DEMO_CLASS, SEED, Pilot, found_pilot
from demo.schools import NEWCOMER
from reports.cubes.commands import rebuild
from reports.stretches.commands import rebuild as rebuild_stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

SEEDED: Final = "demo.seeded"
WAVE_BEFORE_TODAY: Final = 15
"""School days between the peak of the wave of influenza and today."""
LESSONS_A_WEEK: Final = {Level.PRIMARY: 2, Level.LOWER_SECONDARY: 1, Level.UPPER_SECONDARY: 1}


def seed_pilot(password_hash: str, tell: Callable[[str], None]) -> None:
    """Fill the database with the pilot. `tell` hears what is being done.

    People and registers are one transaction; lessons, figures and the accepted month follow through the real commands,
    each of them repeatable. An entry in the audit log says that it is all there.
    """
    today, now = clock.today(), clock.now()
    with db.transaction() as current:
        tell("Trường, lớp, học sinh, giáo viên, thời khóa biểu")
        pilot = found_pilot(current, today, password_hash)
        tell("Sổ điểm danh")
        for number, school in enumerate(pilot.schools):
            calls = _calls(pilot, today, number)
            call_rolls(pilot.founding, school, calls)
            write_cube(pilot.founding, school, calls)
        pilot.founding.close()
    finish_pilot(tell)
    tell(f"Xong sau {(clock.now() - now).total_seconds():.0f} giây")


def _calls(pilot: Pilot, today: date, number: int) -> Calls:
    year = pilot.founding.year
    first = first_day_with_registers(today, year)
    school_days = (today - first).days * 5 // 7
    season = Season(wave=school_days - WAVE_BEFORE_TODAY + number)
    return Calls(first, clock.now(), season, open_class=pilot.demo_class)


def is_finished(current: Session) -> bool:
    """Say whether the last step of seeding was done."""
    return current.scalar(select(AuditEntry.id).where(AuditEntry.action == SEEDED).limit(1)) is not None


def finish_pilot(tell: Callable[[str], None]) -> None:
    """Do the steps after founding; what was done before an interruption is left as it is."""
    db.session().close()
    with commits_without_waiting(db.db.engine):
        _finish(tell)
        db.session().close()


def _finish(tell: Callable[[str], None]) -> None:
    today = clock.today()
    year = demo_year(today)
    schools = _schools_with_classes(db.session())
    sources = [
        LessonSource(school_id, level, LESSONS_A_WEEK[level], DEMO_CLASS if place == 0 else None)
        for place, (school_id, level) in enumerate(schools)
        if place < len(LESSONS_A_WEEK)
    ]
    tell("Tiết học tương tác của các tuần trước")
    with _facts_later():
        hold_lessons(sources, year.starts_on, today, random.Random(SEED))
    tell("Số liệu tổng hợp, chốt tháng")
    ids = [school_id for school_id, _ in schools]
    rebuild(ids, year.starts_on, today + timedelta(days=1))
    rebuild_stretches(ids)
    accept_month_before_last(ids, today)
    approve_last_month(ids[1:], today)
    hand_in_forms(ids, today)
    with db.transaction() as current:
        record(current, SYSTEM, SEEDED, ("demo", today))


@contextmanager
def _facts_later() -> Iterator[None]:
    """Let facts gather inside the block, and hand them on at its end, all at once."""
    dispatcher: facts.Dispatcher = current_app.extensions["bangxanh.dispatcher"]
    facts.use_waker(lambda: None)
    try:
        yield
    finally:
        facts.use_waker(dispatcher.wake)
        dispatcher.drain()


def _schools_with_classes(current: Session) -> list[tuple[int, Level]]:
    """Return the pilot's four schools, in the order in which they were founded."""
    rows = current.execute(
        select(School.id, School.levels)
        .join(OrgUnit, OrgUnit.id == School.id)
        .where(OrgUnit.code != NEWCOMER.code)
        .order_by(School.id)
    )
    return [(school_id, Level(levels)) for school_id, levels in rows]


def keep_today_open() -> int:
    """Make today a school day where it is none, so that there is something to show; return at how many schools.

    For a demonstration that was seeded earlier. A school year that has run out is prolonged by a week.
    """
    today, opened = clock.today(), 0
    with db.transaction() as current:
        year = latest_year(current, today)
        if year is not None and year.ends_on <= today:
            year.ends_on = today + timedelta(days=7)
            current.flush()
        for school_id, _ in _schools_with_classes(current):
            if not day_at_school(current, school_id, today).is_teaching:
                opened += 1
                _open(current, school_id, today)
    return opened


def _open(current: Session, school_id: int, today: date) -> None:
    weekdays = {int(digit) for digit in current.get_one(School, school_id).teaching_weekdays}
    entry = make_up(today, weekdays)
    row = current.scalar(
        select(CalendarDay).where(CalendarDay.unit_id == school_id, CalendarDay.day == today)
    )
    if row is None:
        row = CalendarDay(unit_id=school_id, day=today)
        current.add(row)
    row.kind, row.follows_weekday, row.note = entry.kind.value, entry.follows_weekday, entry.note
    row.decided_at = clock.now()
    current.flush()
