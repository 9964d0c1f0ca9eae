"""The second computation agrees with the cubes after many saves, and finds what is planted, with its keys."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select, update

from app import clock, db
from app.access import SYSTEM, Role
from app.school.models import CalendarDay, Timetable, TimetableEntry
from attendance.registers.models import Mark, RosterVersion
from attendance.rulebook.commands import save_rules
from attendance.rulebook.rules import Rulebook
from reports.checks.commands import check_figures, run_nightly
from reports.checks.models import FigureCheck, FigureDifference
from reports.checks.queries import Asked, latest_checks
from reports.checks.queries.raw import large_tables
from reports.checks.rules.counting import DAY_SUMS, PUPIL_SUMS
from reports.cubes.models import ClassDay, SchoolDay
from reports.stretches.models import ClassStretch, PupilStretch
from tests.reports.cubes.test_commands import take
from tests.world import FIRST_DAY, MONDAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.world import World


def checked() -> tuple[FigureCheck, list[FigureDifference]]:
    check_id = check_figures()
    found = db.session().scalars(select(FigureDifference).where(FigureDifference.check_id == check_id)).all()
    return db.session().get_one(FigureCheck, check_id), list(found)


def test_both_computations_agree_and_a_planted_difference_is_found_with_its_keys(world: World) -> None:
    random = Random(20261128)
    own, pupil = world.class_ids["own"], world.pupil_ids["own"][2]
    with world.app.app_context():
        save_rules(SYSTEM, world.school_ids["a"], Rulebook(teacher_days=60, office_days=60))
        for number in range(25):
            day = MONDAY - timedelta(days=random.choice((0, 3, 4, 5, 6, 7, 12)))
            marks = {place: random.choice(["", "P", "K", "T"]) for place in random.sample(range(6), 3)}
            take(world, random.choice(["own", "other_class"]), marks, day, save_id=f"s{number}")
        run_nightly()
        run, found = checked()
        assert (run.schools, run.differences, found) == (2, 0, [])
        assert run.rows_read > 100
        assert run.ended_at is not None
        with db.transaction() as session:
            session.execute(
                update(ClassDay)
                .where(ClassDay.class_id == own, ClassDay.day == MONDAY)
                .values(sessions_due=7)
            )
            session.execute(
                update(PupilStretch)
                .where(
                    PupilStretch.class_id == own,
                    PupilStretch.pupil_id == pupil,
                    PupilStretch.starts_on == MONDAY.replace(day=1),
                )
                .values(expected=PupilStretch.expected + 1)
            )
            session.execute(
                delete(ClassDay).where(
                    ClassDay.class_id == world.class_ids["other_class"], ClassDay.day == MONDAY
                )
            )
        run, found = checked()
        keys = {(row.cube, row.class_id, row.day, row.pupil_id, row.measure) for row in found}
        assert ("day", own, MONDAY, None, "sessions_due") in keys
        assert ("pupil", own, MONDAY.replace(day=1), pupil, "expected") in keys
        missing = [row for row in found if row.class_id == world.class_ids["other_class"]]
        assert {row.stored for row in missing} == {None}
        assert run.differences == len(found) == 2 + len(missing)


def test_whatever_a_cube_says_is_told_to_the_unit_also_what_does_not_fit_where_it_travels(
    world: World,
) -> None:
    """Too large, below nothing, a row too many, a row too few, days and stretches that nobody computes."""
    own, school = world.class_ids["own"], world.school_ids["a"]
    pupil, absent = world.pupil_ids["own"][1], world.pupil_ids["own"][3]
    with world.app.app_context():
        take(world, "own", {1: "K"}, MONDAY, save_id="s1")
        run_nightly()
        on_monday = [SchoolDay.school_id == school, SchoolDay.day == MONDAY]
        planted = [
            update(ClassDay)
            .where(ClassDay.class_id == own, ClassDay.day == MONDAY)
            .values(expected=70_000, sessions_due=2_000_000_000),
            update(PupilStretch).where(PupilStretch.pupil_id == pupil).values(late=-3),
            update(SchoolDay).where(*on_monday).values(late=9),
            insert(SchoolDay).values(
                school_id=school, day=MONDAY + timedelta(days=800), **dict.fromkeys(DAY_SUMS, 1)
            ),
            insert(ClassStretch).values(
                class_id=own, starts_on=MONDAY, school_id=school,
                sessions_on_time=1, answers=2, answers_possible=3, attempts=4,
            ),
            delete(PupilStretch).where(PupilStretch.pupil_id == absent),
        ]  # fmt: skip
        with db.transaction() as session:
            for statement in planted:
                session.execute(statement)
        run, found = checked()
        told = {(row.cube, row.measure): row.stored for row in found if row.pupil_id in {None, pupil}}
        assert (told["day", "expected"], told["day", "sessions_due"]) == (70_000, 2_000_000_000)
        assert (told["pupil", "late"], told["class", "attempts"]) == (-3, 4)
        assert {row.stored for row in found if row.cube == "school" and row.measure == "late"} == {9, 1}
        missing = [(row.measure, row.stored) for row in found if row.pupil_id == absent]
        assert missing == [(name, None) for name in sorted(PUPIL_SUMS)]
        assert run.differences == len(found) == 2 + 1 + 1 + len(DAY_SUMS) + 4 + len(PUPIL_SUMS)


def test_a_difference_is_an_alarm_on_the_first_page_of_whoever_answers_for_the_school(world: World) -> None:
    words = "Số liệu báo cáo không khớp với sổ điểm danh gốc"
    people = {role: world.client(role) for role in (Role.PRINCIPAL, Role.DEPARTMENT_OFFICER, Role.TEACHER)}
    with world.app.app_context():
        take(world, "own", {1: "K"})
        run_nightly()
    assert not [role for role, client in people.items() if words in client.get("/").text]
    with world.app.app_context():
        with db.transaction() as session:
            session.execute(
                update(SchoolDay).where(SchoolDay.school_id == world.school_ids["b"]).values(late=9)
            )
        assert checked()[0].differences > 0
    assert words not in people[Role.PRINCIPAL].get("/").text  # it is another school's
    with world.app.app_context():
        with db.transaction() as session:
            session.execute(update(SchoolDay).values(late=9))
        checked()
    told = {role: client.get("/").text for role, client in people.items()}
    assert [role for role, page in told.items() if words in page] == [Role.PRINCIPAL, Role.DEPARTMENT_OFFICER]
    assert "/reports/checks" in told[Role.PRINCIPAL]
    assert "1 trường có số không khớp" in told[Role.PRINCIPAL]
    assert "2 trường có số không khớp" in told[Role.DEPARTMENT_OFFICER]


def test_both_computations_end_a_day_at_midnight_by_the_schools_clock(world: World) -> None:
    midnight = datetime.combine(MONDAY + timedelta(days=1), time(), ZoneInfo(clock.SCHOOL_ZONE))
    with world.app.app_context():
        for relation, off in (("own", -2), ("other_class", 1)):
            with clock.at(midnight + timedelta(seconds=off)):
                take(world, relation, {1: "K"})
        with clock.at(midnight + timedelta(hours=9)):
            take(world, "own", {1: "P"}, save_id="later")  # taken again: it is on time all the same
            run_nightly()
            rows = db.session().scalars(select(ClassStretch)).all()
            assert [(row.class_id, row.sessions_on_time) for row in rows] == [(world.class_ids["own"], 1)]
            assert checked()[1] == []
            with db.transaction() as session:
                session.execute(update(ClassStretch).values(sessions_on_time=2))
            told = [(row.measure, row.stored, row.computed) for row in checked()[1]]
            assert told == [("sessions_on_time", 2, 1)]


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_an_index_alone_tells_when_registers_were_taken(world: World) -> None:
    """The log of a province's year has millions of rows; PostgreSQL reads neither them nor their JSON."""
    with world.app.app_context(), db.db.engine.connect() as connection:
        take(world, "own", {1: "K"})
        query = large_tables(Asked(FIRST_DAY, MONDAY), for_sqlite=False)["taking"].packed_query(1, 60_000)
        for way in ("seqscan", "bitmapscan", "sort"):
            connection.exec_driver_sql(f"SET enable_{way} = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {query}").scalars()
        assert any("Index Only Scan using ix_mark_event_takings" in line for line in plan)


def test_only_pupils_of_a_registers_roster_count_and_one_of_two_rosters_counts_in_both(world: World) -> None:
    own, pupil = world.class_ids["own"], world.pupil_ids["own"][1]
    with world.app.app_context():
        take(world, "own", {1: "K"}, MONDAY, save_id="s1")
        take(world, "other_class", {}, MONDAY, save_id="s2")
        run_nightly()
        with db.transaction() as session:
            rosters = {one.class_id: one for one in session.scalars(select(RosterVersion))}
            other, mine = rosters[world.class_ids["other_class"]], rosters[own]
            stranger = min(set(json.loads(other.members)) - set(json.loads(mine.members)))
            mark = session.scalars(select(Mark).where(Mark.pupil_id == pupil)).one()
            session.add(
                Mark(
                    register_id=mark.register_id, pupil_id=stranger, code_id=mark.code_id, is_corrected=False
                )
            )
            other.members = json.dumps(sorted({*json.loads(other.members), pupil}))
        found = checked()[1]
        of_pupil = {(row.class_id, row.measure, row.stored, row.computed) for row in found if row.pupil_id}
        counted = dict.fromkeys(PUPIL_SUMS, 0) | {"expected": 1}
        assert of_pupil == {(other.class_id, name, None, count) for name, count in counted.items()}
        of_day = [(row.class_id, row.measure) for row in found if row.cube == "day"]
        assert of_day == [(other.class_id, "expected")]


def test_an_edited_calendar_is_put_right_at_night_and_is_no_fault(world: World) -> None:
    """Each computation works out by itself what is due: holidays, days made up, half days, odd weeks, versions."""
    with world.app.app_context():
        save_rules(SYSTEM, world.school_ids["a"], Rulebook(teacher_days=60, office_days=60))
        for back in (0, 3, 7):
            take(world, "own", {1: "K"}, MONDAY - timedelta(days=back), save_id=f"s{back}")
        run_nightly()
        with db.transaction() as session:
            _edit_calendar(session, world)
            _alternate(session, world)
        assert checked()[0].differences > 0
        run_nightly()
        night = latest_checks(db.session(), 1)[0]
        assert (night.differences, night.schools) == (0, 2)
        assert night.mended > 0
        assert checked()[1] == []
        due = {row.day: row.sessions_due for row in db.session().scalars(select(ClassDay))}
        assert due[FIRST_DAY + timedelta(days=5)] == 1  # a Saturday, made up
        assert _due(world, "other_school") == [
            1,
            1,
            2,
            1,
            2,
        ]  # Mondays: an afternoon in odd weeks from the third


def _edit_calendar(session: Session, world: World) -> None:
    days = (
        (world.province_id, FIRST_DAY + timedelta(days=1), "holiday", None, None),
        (world.school_ids["a"], FIRST_DAY + timedelta(days=1), "partial", None, "afternoon"),
        (world.school_ids["a"], FIRST_DAY + timedelta(days=2), "partial", None, "morning"),
        (world.ward_id, FIRST_DAY + timedelta(days=5), "make_up", 2, None),
    )
    for unit_id, day, kind, follows, only in days:
        session.add(
            CalendarDay(
                unit_id=unit_id,
                day=day,
                kind=kind,
                follows_weekday=follows,
                only_session=only,
                decided_at=clock.now(),
            )
        )


def _alternate(session: Session, world: World) -> None:
    """Give 6A1 an afternoon in odd weeks, in a version that begins in the third week."""
    first = session.scalars(select(Timetable).where(Timetable.school_id == world.school_ids["b"])).one()
    entries = session.scalars(select(TimetableEntry).where(TimetableEntry.timetable_id == first.id)).all()
    begins = FIRST_DAY + timedelta(days=14)
    second = Timetable(
        school_id=first.school_id, year_id=world.year_id, version=2, state="draft", starts_on=begins
    )
    session.add(second)
    session.flush()
    names = ("class_id", "weekday", "number", "subject_id", "staff_id")
    for entry in entries:
        same = {name: getattr(entry, name) for name in names}
        session.add(TimetableEntry(timetable_id=second.id, day_session="morning", **same))
        if (entry.weekday, entry.number) == (1, 1):
            odd = same | {"day_session": "afternoon", "weeks": "odd"}
            session.add(TimetableEntry(timetable_id=second.id, **odd))
    session.flush()
    first.state, first.ends_on = "superseded", begins
    session.flush()
    second.state = "published"


def _due(world: World, relation: str) -> list[int]:
    query = select(ClassDay).where(ClassDay.class_id == world.class_ids[relation]).order_by(ClassDay.day)
    return [row.sessions_due for row in db.session().scalars(query) if row.day.isoweekday() == 1]
