"""Versions of a timetable: drafted, edited cell by cell, published from a day on, and never changed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app import db
from app.access import SYSTEM
from app.errors import ConflictError, InvalidError
from app.school.models import Subject, Timetable, TimetableEntry
from app.school.queries import lessons_on
from app.school.rules import DaySession
from app.school.timetables.commands.cells import CellEdit, set_cell, undo_edit
from app.school.timetables.commands.versions import discard_draft, make_draft, publish
from app.school.timetables.models import TimetableEdit
from app.school.timetables.rules.grid import Line, Slot
from app.school.timetables.rules.weeks import WeekPattern, is_held_in, monday_of, overlap, week_numbers
from attendance.registers.commands.opening import materialise
from attendance.registers.models import Register
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World

NEXT_MONDAY = MONDAY + timedelta(days=7)
IN_TWO_WEEKS = MONDAY + timedelta(days=14)
AFTERNOON_OF_MONDAY = Slot(1, DaySession.AFTERNOON, 1)


@pytest.fixture
def published_id(world: World) -> int:
    with world.app.app_context():
        found = db.session().scalar(select(Timetable.id).where(Timetable.school_id == world.school_ids["a"]))
        assert found is not None
        return found


@pytest.fixture
def draft_id(world: World, published_id: int) -> int:
    with world.app.app_context():
        return make_draft(SYSTEM, world.school_ids["a"], world.year_id, "draft-1", published_id)


def edit(world: World, key: str, seen: int, *lines: Line) -> CellEdit:
    return CellEdit(world.class_ids["own"], AFTERNOON_OF_MONDAY, lines, seen, key)


def line(world: World, weeks: WeekPattern = WeekPattern.EVERY) -> Line:
    subject = db.session().scalars(select(Subject.id).order_by(Subject.id)).first() or 0
    staff_id = db.session().scalars(select(TimetableEntry.staff_id).order_by(TimetableEntry.id)).first() or 0
    return Line(subject_id=subject, staff_ids=(staff_id,), weeks=weeks, room="")


def slots_of(world: World, day: date) -> list[tuple[str, int]]:
    lessons = lessons_on(db.session(), world.school_ids["a"], day, class_id=world.class_ids["own"])
    return [(str(lesson.day_session), lesson.number) for lesson in lessons]


def afternoons(world: World) -> set[date]:
    rows = db.session().scalars(
        select(Register.day).where(Register.class_id == world.class_ids["own"], Register.slot == 2)
    )
    return set(rows)


def test_a_draft_is_a_copy_once_and_holds_nothing_yet(world: World, published_id: int, draft_id: int) -> None:
    with world.app.app_context():
        again = make_draft(SYSTEM, world.school_ids["a"], world.year_id, "draft-1", published_id)
        assert again == draft_id
        session = db.session()
        counts = {
            row.timetable_id: row.number
            for row in session.execute(
                text("SELECT timetable_id, count(*) AS number FROM timetable_entry GROUP BY timetable_id")
            )
        }
        assert counts[draft_id] == counts[published_id] > 0
        before = slots_of(world, MONDAY)
        set_cell(SYSTEM, draft_id, edit(world, "k1", 0, line(world)))
        assert slots_of(world, MONDAY) == before


def test_two_people_in_one_cell_see_each_other(world: World, draft_id: int) -> None:
    with world.app.app_context():
        wanted = edit(world, "k1", 0, line(world))
        first = set_cell(SYSTEM, draft_id, wanted)
        assert set_cell(SYSTEM, draft_id, wanted) == first, "sent twice is written once"
        with pytest.raises(ConflictError):
            set_cell(SYSTEM, draft_id, replace(wanted, client_key="k2"))
        undo_edit(SYSTEM, draft_id, first)
        undo_edit(SYSTEM, draft_id, first)
        rows = db.session().scalars(
            select(TimetableEntry).where(
                TimetableEntry.timetable_id == draft_id, TimetableEntry.day_session == DaySession.AFTERNOON
            )
        )
        assert [row.id for row in rows] == []


def test_every_week_has_one_lesson_in_a_cell(world: World, draft_id: int) -> None:
    with world.app.app_context():
        with pytest.raises(InvalidError):
            set_cell(SYSTEM, draft_id, edit(world, "k1", 0, line(world), line(world, WeekPattern.ODD)))
        set_cell(
            SYSTEM,
            draft_id,
            edit(world, "k2", 0, line(world, WeekPattern.ODD), line(world, WeekPattern.EVEN)),
        )


def test_from_its_day_on_a_version_holds_and_registers_follow(
    world: World, published_id: int, draft_id: int
) -> None:
    with world.app.app_context():
        materialise(MONDAY, IN_TWO_WEEKS, [world.school_ids["a"]])
        assert afternoons(world) == set()
        set_cell(SYSTEM, draft_id, edit(world, "k1", 0, line(world)))
        publish(SYSTEM, draft_id, NEXT_MONDAY)
        assert ("afternoon", 1) not in slots_of(world, MONDAY), "the days before keep what they had"
        assert ("afternoon", 1) in slots_of(world, NEXT_MONDAY)
        assert afternoons(world) == {NEXT_MONDAY}
        old = db.session().get_one(Timetable, published_id)
        assert (old.state, old.ends_on) == ("superseded", NEXT_MONDAY)
        with pytest.raises(ConflictError):
            publish(SYSTEM, draft_id, NEXT_MONDAY)
        with pytest.raises(ConflictError):
            discard_draft(SYSTEM, draft_id)


def test_a_lesson_of_odd_weeks_is_held_every_other_week(world: World, draft_id: int) -> None:
    with world.app.app_context():
        set_cell(SYSTEM, draft_id, edit(world, "k1", 0, line(world, WeekPattern.ODD)))
        publish(SYSTEM, draft_id, NEXT_MONDAY)
        held = [
            ("afternoon", 1) in slots_of(world, NEXT_MONDAY + timedelta(days=7 * week)) for week in range(4)
        ]
        assert held in ([True, False, True, False], [False, True, False, True])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM timetable_entry WHERE timetable_id = :id",
        "UPDATE timetable_entry SET room = 'B1' WHERE timetable_id = :id",
        "UPDATE timetable SET state = 'draft' WHERE id = :id",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_published(
    world: World, published_id: int, statement: str
) -> None:
    with world.app.app_context(), pytest.raises(DBAPIError), db.transaction() as session:
        session.execute(text(statement), {"id": published_id})


def test_a_discarded_draft_leaves_nothing(world: World, draft_id: int) -> None:
    with world.app.app_context():
        set_cell(SYSTEM, draft_id, edit(world, "k1", 0, line(world)))
        discard_draft(SYSTEM, draft_id)
        session = db.session()
        for table in (TimetableEntry, TimetableEdit):
            left = select(func.count()).select_from(table).where(table.timetable_id == draft_id)
            assert session.scalar(left) == 0


@given(st.sets(st.dates(date(2026, 9, 1), date(2027, 5, 31)), min_size=1))
def test_weeks_are_numbered_without_gaps(days: set[date]) -> None:
    numbers = week_numbers(days)
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    assert set(numbers) == {monday_of(day) for day in days}
    assert sorted(numbers, key=numbers.__getitem__) == sorted(numbers)


@given(st.sampled_from(WeekPattern), st.sampled_from(WeekPattern))
def test_patterns_overlap_when_some_week_has_both(one: WeekPattern, other: WeekPattern) -> None:
    assert overlap(one, other) == any(is_held_in(one, week) and is_held_in(other, week) for week in (1, 2))
