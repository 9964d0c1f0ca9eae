"""The cube follows registers and lessons, and a recount from the raw rows agrees with it."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app import clock, db
from app.access import SYSTEM
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.registers.commands.opening import open_register
from attendance.registers.commands.saving import Save, save_register
from attendance.registers.queries.totals import session_totals
from attendance.registers.rules.marks import MarkValue, Operation
from attendance.registers.rules.states import Submit
from attendance.rulebook.commands import save_rules
from attendance.rulebook.rules import Rulebook
from reports.checks.commands import run_nightly
from reports.cubes.commands import SavedRegister, compute_register_again, refresh_recent
from reports.cubes.models import ClassDay
from reports.indicators.rules import Counts
from reports.recount.queries import Scope, recount_differences
from tests.world import FIRST_DAY, MONDAY

if TYPE_CHECKING:
    from tests.world import World


def take(world: World, relation: str, marks: dict[int, str], day: date = MONDAY, save_id: str = "") -> None:
    """Take a class's register of a morning; `marks` are letters by the pupil's place in the list."""
    school_class = db.session().get_one(SchoolClass, world.class_ids[relation])
    register_id = open_register(school_class, day, DaySession.MORNING)
    name = save_id or f"{relation}-{day}-{len(marks)}-{sum(marks)}"
    operations = tuple(
        Operation(f"{name}-{place}", world.pupil_ids[relation][place], MarkValue(letter), base=99)
        for place, letter in marks.items()
    )
    actor = SYSTEM
    save_register(actor, register_id, Save(name, "device", 99, operations, Submit.FINAL))


def cube(world: World, relation: str, day: date = MONDAY) -> Counts | None:
    row = db.session().scalar(
        select(ClassDay).where(ClassDay.class_id == world.class_ids[relation], ClassDay.day == day)
    )
    if row is None:
        return None
    db.session().refresh(row)
    names = ("sessions_due", "sessions_taken", "expected", "excused", "unexcused", "pending", "late")
    return Counts(lessons_held=row.lessons_held, **{name: getattr(row, name) for name in names})


def scope(world: World, school: str = "a") -> Scope:
    return Scope(world.school_ids[school], FIRST_DAY, clock.today() + timedelta(days=1))


def test_a_saved_register_is_in_the_cube_at_once(world: World) -> None:
    with world.app.app_context():
        take(world, "own", {0: "P", 1: "K", 2: "T"})
        assert cube(world, "own") == Counts(
            sessions_due=1, sessions_taken=1, expected=6, excused=1, unexcused=1, late=1
        )
        assert cube(world, "other_class") is None


def test_a_changed_register_is_counted_again_not_added(world: World) -> None:
    with world.app.app_context():
        take(world, "own", {0: "P", 1: "K"})
        take(world, "own", {0: "", 1: "P"}, save_id="second")
        assert cube(world, "own") == Counts(sessions_due=1, sessions_taken=1, expected=6, excused=1)


def test_a_fact_handed_on_twice_changes_nothing(world: World) -> None:
    with world.app.app_context():
        take(world, "own", {0: "P"})
        before = cube(world, "own")
        fact = SavedRegister(world.school_ids["a"], world.class_ids["own"], MONDAY)
        for _ in range(2):
            with db.transaction() as session:
                compute_register_again(session, fact)
        assert cube(world, "own") == before


def test_registers_that_nobody_took_are_due_and_not_taken(world: World) -> None:
    with world.app.app_context():
        take(world, "own", {})
        refresh_recent()
        assert cube(world, "other_class") == Counts(sessions_due=1)
        assert cube(world, "own") == Counts(sessions_due=1, sessions_taken=1, expected=6)


def test_the_year_agrees_with_the_registers_own_totals(world: World) -> None:
    with world.app.app_context():
        take(world, "own", {0: "K", 3: "P"})
        run_nightly()
        rows = session_totals(db.session(), world.school_ids["a"], FIRST_DAY, MONDAY + timedelta(days=1))
        stored = (
            db.session().scalars(select(ClassDay).where(ClassDay.school_id == world.school_ids["a"])).all()
        )
        for name in ("expected", "excused", "unexcused", "pending", "late"):
            assert sum(getattr(row, name) for row in stored) == sum(getattr(row, name) for row in rows)
        assert sum(row.sessions_due for row in stored) == sum(row.due for row in rows)


def test_a_recount_mark_by_mark_agrees_after_many_saves(world: World) -> None:
    random = Random(20261005)
    days = [MONDAY - timedelta(days=back) for back in (3, 4, 5, 6, 7, 0)]
    with world.app.app_context():
        save_rules(SYSTEM, world.school_ids["a"], Rulebook(teacher_days=14, office_days=14))
        for number in range(40):
            day = random.choice(days)
            if day.isoweekday() > 5:
                continue
            marks = {place: random.choice(["", "P", "K", "T"]) for place in random.sample(range(6), 3)}
            take(world, random.choice(["own", "other_class"]), marks, day, save_id=f"s{number}")
        run_nightly()
        assert recount_differences(db.session(), scope(world)) == []


def test_the_command_line_finds_and_mends_a_wrong_row(world: World) -> None:
    runner = world.app.test_cli_runner()
    with world.app.app_context():
        take(world, "own", {0: "P"})
        run_nightly()
        assert runner.invoke(args=["cubes", "verify"]).exit_code == 0
        with db.transaction() as session:
            session.execute(
                update(ClassDay)
                .where(ClassDay.class_id == world.class_ids["own"], ClassDay.day == MONDAY)
                .values(excused=2)
            )
        wrong = runner.invoke(args=["cubes", "verify", "--school", "THA"])
        assert wrong.exit_code == 1
        assert f"Lớp {world.class_ids['own']}, ngày {MONDAY}" in wrong.output
        assert runner.invoke(args=["cubes", "rebuild", "--school", "THA"]).exit_code == 0
        assert runner.invoke(args=["cubes", "verify"]).exit_code == 0
        assert runner.invoke(args=["cubes", "verify", "--school", "nobody"]).exit_code != 0
