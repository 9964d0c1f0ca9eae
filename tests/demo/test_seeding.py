"""The seeded pilot: believable on screen, sound underneath, and the same after a second run."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from flask_security.utils import verify_password
from sqlalchemy import func, select

from app import clock, db
from app.access import Role
from app.accounts.models import Grant, User
from app.audit.queries import verify_chain
from app.school.models import (
    ClassMembership,
    OrgUnit,
    Pupil,
    PupilCard,
    School,
    SchoolClass,
    Staff,
    TimetableEntry,
)
from app.school.queries import day_at_school, lessons_on, staff_of_user
from attendance.registers.models import AttendanceDay, Mark, MarkEvent, Register
from attendance.registers.rules.chain import GENESIS, EventContent, event_hash
from classroom.answers.models import Attempt
from classroom.lessons.models import Lesson
from classroom.seats.models import Seat
from demo.accounts import HOMEROOM, PASSPHRASE, SCHOOL_GUIDES, join_hints, shown_accounts
from demo.days import MAKE_UP_NOTE
from demo.schools import NEWCOMER
from demo.seeding import finish_pilot, keep_today_open
from reports.exchange.models import OutgoingSlice
from reports.recount.queries import Scope, recount_differences
from reports.submissions.models import Submission

if TYPE_CHECKING:
    from flask import Flask

    from app.db import Base

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TODAY = date(2026, 11, 22)
COUNTED = (
    OrgUnit,
    User,
    Grant,
    Pupil,
    PupilCard,
    Register,
    Mark,
    MarkEvent,
    Lesson,
    Seat,
    Attempt,
    Submission,
)


def _count(model: type[Base]) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def _schools() -> list[tuple[int, str]]:
    rows = db.session().execute(select(School.id, OrgUnit.code).join(OrgUnit, OrgUnit.id == School.id))
    return [(school_id, code) for school_id, code in rows]


def test_four_schools_with_natural_classes_and_one_that_waits(on_sunday: Flask) -> None:
    schools = _schools()
    assert len(schools) == 5
    assert 2_300 <= _count(Pupil) <= 2_500
    sizes = db.session().execute(
        select(SchoolClass.name, func.count())
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .group_by(SchoolClass.id)
    )
    found = [(name, size) for name, size in sizes]
    assert all(28 <= size <= 42 for _, size in found)
    assert {"4/2", "6A1", "12.3"} <= {name for name, _ in found}
    newcomer = next(school_id for school_id, code in schools if code == NEWCOMER.code)
    assert not db.session().scalar(select(SchoolClass.id).where(SchoolClass.school_id == newcomer))
    assert db.session().scalar(select(func.count()).where(SchoolClass.site_id.is_not(None)))


def test_no_teacher_is_in_two_places_at_once(on_sunday: Flask) -> None:
    where = (
        TimetableEntry.staff_id,
        TimetableEntry.weekday,
        TimetableEntry.day_session,
        TimetableEntry.number,
    )
    twice = db.session().execute(select(*where).group_by(*where).having(func.count() > 1)).all()
    assert not twice
    assert _count(Staff) > 100


def test_there_are_lessons_today_although_it_is_sunday(on_sunday: Flask) -> None:
    for school_id, code in _schools():
        planned = lessons_on(db.session(), school_id, TODAY)
        assert bool(planned) == (code != NEWCOMER.code)
    user = db.session().scalars(select(User).where(User.username == HOMEROOM.username)).one()
    staff = staff_of_user(db.session(), user.id)
    assert staff is not None
    assert lessons_on(db.session(), staff.school_id, TODAY, staff_id=staff.id)


def test_the_visitors_class_is_still_due_and_others_are_not(on_sunday: Flask) -> None:
    rows = db.session().execute(
        select(Register.state, SchoolClass.name, OrgUnit.code)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .join(OrgUnit, OrgUnit.id == SchoolClass.school_id)
        .where(Register.day == TODAY, Register.slot == 1)
    )
    states = {(code, name): state for state, name, code in rows}
    assert states["TH-HOA-MAI", "4/2"] == "due"
    at_home = Counter(state for (code, _), state in states.items() if code == "TH-HOA-MAI")
    assert at_home["submitted"] >= 5
    assert at_home["due"] >= 2


def test_almost_every_register_of_the_past_was_taken(on_sunday: Flask) -> None:
    rows = db.session().execute(
        select(Register.state, func.count(), func.sum(Register.expected), func.sum(Register.present))
        .where(Register.day < TODAY)
        .group_by(Register.state)
    )
    counts = {state: (count, expected, present) for state, count, expected, present in rows}
    assert counts.keys() == {"submitted", "due"}
    taken, due = counts["submitted"][0], counts["due"][0]
    assert 0.95 < taken / (taken + due) < 0.995
    assert 0.95 < counts["submitted"][2] / counts["submitted"][1] < 0.99


def test_the_audit_log_and_every_days_chain_hold(on_sunday: Flask) -> None:
    assert verify_chain(db.session()).is_sound
    ends: dict[tuple[int, date], tuple[int, str]] = {}
    for row in db.session().scalars(
        select(MarkEvent).order_by(MarkEvent.school_id, MarkEvent.day, MarkEvent.sequence)
    ):
        sequence, previous = ends.get((row.school_id, row.day), (0, GENESIS))
        content = EventContent(
            sequence=row.sequence,
            op_id=row.op_id,
            register_id=row.register_id,
            register_version=row.register_version,
            kind=row.kind,
            pupil_id=row.pupil_id,
            before=row.before,
            after=row.after,
            user_id=row.user_id,
            on_behalf_of=row.on_behalf_of,
            device=row.device,
            device_time=row.device_time,
            why=row.why,
            at=row.at.isoformat(),
        )
        assert (row.sequence, row.previous_hash) == (sequence + 1, previous)
        assert row.event_hash == event_hash(previous, content)
        ends[row.school_id, row.day] = row.sequence, row.event_hash
    stored = {
        (day.school_id, day.day): (day.last_sequence, day.last_hash)
        for day in db.session().scalars(select(AttendanceDay))
        if day.last_sequence
    }
    assert stored == ends
    assert len(ends) > 100


def test_the_figures_are_those_of_the_registers(on_sunday: Flask) -> None:
    for school_id, _ in _schools():
        assert not recount_differences(
            db.session(), Scope(school_id, date(2026, 8, 1), TODAY + timedelta(days=1))
        )


def test_one_month_is_on_its_way_and_the_next_one_waits(on_sunday: Flask) -> None:
    rows = db.session().execute(select(Submission.period, Submission.state))
    assert Counter((period, state) for period, state in rows) == {
        ("2026-09", "accepted"): 4,
        ("2026-10", "approved"): 3,
        ("2026-2027-start", "accepted"): 2,
        ("2026-2027-start", "approved"): 1,
    }, "the school that visitors see first approves October itself; one is late with the form of 30/9"
    assert {row.period for row in db.session().scalars(select(OutgoingSlice))} == {
        "2026-09",
        "2026-2027-start",
    }


def test_lessons_were_held_with_answers_and_none_is_left_open(on_sunday: Flask) -> None:
    rows = db.session().execute(select(Lesson.state, Lesson.held_on))
    held = [(state, day) for state, day in rows]
    assert {state for state, _ in held} == {"ended"}
    assert len(held) >= 12
    assert all(day < TODAY for _, day in held)
    assert _count(Attempt) > 10 * len(held)


def test_there_is_an_account_for_each_role_and_its_password_is_the_printed_one(on_sunday: Flask) -> None:
    shown = shown_accounts(db.session())
    assert [one.username for one in shown] == [guide.username for guide in SCHOOL_GUIDES]
    assert {guide.role for guide in SCHOOL_GUIDES} == set(Role) - {Role.HUB_OPERATOR}
    user = db.session().scalars(select(User).where(User.username == HOMEROOM.username)).one()
    assert verify_password(PASSPHRASE, user.password)
    hints = join_hints(db.session())
    assert len(hints) == 3
    assert {len(hint.card) for hint in hints} == {4}


def test_a_second_run_changes_nothing(on_sunday: Flask) -> None:
    before = {model: _count(model) for model in COUNTED}
    db.session().commit()
    outcome = on_sunday.test_cli_runner().invoke(args=["demo", "seed"])
    assert outcome.exit_code == 0, outcome.output
    assert HOMEROOM.username in outcome.output
    assert {model: _count(model) for model in COUNTED} == before


def test_finishing_again_after_an_interruption_adds_nothing(on_sunday: Flask) -> None:
    before = {model: _count(model) for model in COUNTED}
    db.session().commit()
    finish_pilot(lambda _: None)
    assert {model: _count(model) for model in COUNTED} == before
    assert verify_chain(db.session()).is_sound


def test_a_later_sunday_is_opened_too(on_sunday: Flask) -> None:
    with clock.at(clock.now() + timedelta(days=7)):
        opened = keep_today_open()
        assert opened == 4
        assert keep_today_open() == 0
        school_id = next(school_id for school_id, code in _schools() if code == "THCS-SUOI-TRONG")
        next_sunday = TODAY + timedelta(days=7)
        assert lessons_on(db.session(), school_id, next_sunday)
        assert day_at_school(db.session(), school_id, next_sunday).note == MAKE_UP_NOTE
