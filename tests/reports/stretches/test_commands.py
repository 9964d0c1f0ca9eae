"""The cube of stretches follows registers; pupils of a register's roster alone are counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM
from app.school.models import SchoolClass
from attendance.rulebook.commands import save_rules
from attendance.rulebook.rules import Rulebook
from reports.stretches.commands import rebuild
from reports.stretches.models import ClassStretch, PupilStretch
from reports.stretches.queries import Part, computed_pupils, stored_pupils
from reports.stretches.rules import PupilSums, after_stretch, stretch_of
from tests.reports.cubes.test_commands import take
from tests.world import FIRST_DAY, MONDAY, NAMES, add_pupil

if TYPE_CHECKING:
    from tests.world import World

OCTOBER = date(2026, 10, 1)
SEMESTER_2 = date(2027, 1, 18)


def sums(world: World, relation: str, place: int, starts_on: date = OCTOBER) -> PupilSums | None:
    found = stored_pupils(db.session(), Part(world.school_ids["a"], date(2026, 9, 1), date(2027, 6, 1)))
    return found.get((world.class_ids[relation], starts_on, world.pupil_ids[relation][place]))


def test_a_month_that_two_semesters_share_is_two_stretches() -> None:
    starts = [SEMESTER_2]
    assert stretch_of(date(2027, 1, 17), starts) == date(2027, 1, 1)
    assert stretch_of(SEMESTER_2, starts) == SEMESTER_2
    assert after_stretch(date(2027, 1, 1), starts) == SEMESTER_2
    assert after_stretch(SEMESTER_2, starts) == date(2027, 2, 1)
    assert after_stretch(date(2026, 12, 1), starts) == date(2027, 1, 1)


def test_a_saved_register_is_in_the_pupils_stretch_at_once(world: World) -> None:
    with world.app.app_context():
        take(world, "own", {0: "P", 1: "K", 2: "T"}, MONDAY - timedelta(days=3))
        take(world, "own", {0: "K"})
        assert sums(world, "own", 0) == PupilSums(expected=2, excused=1, unexcused=1)
        assert sums(world, "own", 2) == PupilSums(expected=2, late=1)
        assert sums(world, "own", 5) == PupilSums(expected=2)
        assert sums(world, "other_class", 0) is None
        take(world, "own", {0: ""}, save_id="corrected")
        assert sums(world, "own", 0) == PupilSums(expected=2, excused=1)


def test_a_register_taken_on_its_day_is_on_time_and_a_later_one_is_not(world: World) -> None:
    with world.app.app_context():
        take(world, "own", {})
        take(world, "own", {}, MONDAY - timedelta(days=3))
        row = db.session().scalars(select(ClassStretch)).one()
        assert (row.class_id, row.starts_on, row.sessions_on_time) == (world.class_ids["own"], OCTOBER, 1)


def test_who_came_later_is_expected_in_later_registers_only(world: World) -> None:
    with world.app.app_context():
        save_rules(SYSTEM, world.school_ids["a"], Rulebook(teacher_days=60, office_days=60))
        take(world, "own", {}, FIRST_DAY)
        with db.transaction() as session:
            school_class = session.get_one(SchoolClass, world.class_ids["own"])
            newcomer = add_pupil(session, school_class, NAMES[0], MONDAY).id
        take(world, "own", {})
        stored = stored_pupils(db.session(), Part(world.school_ids["a"], FIRST_DAY.replace(day=1), MONDAY))
        held = {key[1]: value for key, value in stored.items() if key[2] == newcomer}
        assert held == {OCTOBER: PupilSums(expected=1)}


def test_a_rebuild_mends_what_is_wrong_and_then_changes_nothing(world: World) -> None:
    school = world.school_ids["a"]
    with world.app.app_context():
        take(world, "own", {1: "K"})
        with db.transaction() as session:
            for row in session.scalars(select(PupilStretch)):
                row.expected += 3
            other = world.pupil_ids["other_class"][0]
            session.add(
                PupilStretch(
                    class_id=world.class_ids["own"], starts_on=OCTOBER, pupil_id=other, school_id=school,
                    expected=1, excused=0, unexcused=0, pending=0, late=0,
                )
            )  # fmt: skip
        assert rebuild([school]) == len(NAMES) + 1
        assert rebuild([school]) == 0
        part = Part(school, OCTOBER, clock.today() + timedelta(days=1))
        assert stored_pupils(db.session(), part) == computed_pupils(db.session(), part)
