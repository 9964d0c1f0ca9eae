"""Classes by hand and their teachers, on the database: history, access that follows, repeatability."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import new_user
from app.accounts.models import Grant
from app.errors import ConflictError, InvalidError
from app.school.classes.commands import appointing, keeping
from app.school.classes.queries import class_names_on, homeroom_names, homerooms_of, subject_teachers_of
from app.school.classes.rules import NewClass
from app.school.enrolment.commands import Step
from app.school.enrolment.commands.steps import move_pupil
from app.school.models import SchoolClass, Staff
from app.school.queries import classes_of_school
from app.school.rules import DaySession
from tests.world import MONDAY, PASSWORD_HASH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from tests.world import World

NEXT_WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def current(world: World) -> Iterator[Session]:
    with world.app.app_context():
        yield db.session()


def grants(session: Session, world: World, who: str, role: Role) -> list[tuple[date, date | None]]:
    user_id = session.get_one(Staff, world.staff_ids[who]).user_id
    rows = session.scalars(
        select(Grant).where(
            Grant.user_id == user_id, Grant.role == role, Grant.class_id == world.class_ids["own"]
        )
    )
    return [(row.starts_on, row.ends_on) for row in rows]


def test_a_class_is_opened_once_and_renamed_with_its_history(world: World, current: Session) -> None:
    school, year = world.school_ids["a"], world.year_id
    class_id = keeping.open_class(SYSTEM, school, year, NewClass("4/10", main_session=DaySession.AFTERNOON))
    with pytest.raises(ConflictError):
        keeping.open_class(SYSTEM, school, year, NewClass("4/10"))
    names = [row.name for row in classes_of_school(current, school, year)]
    assert names == ["4/1", "4/2", "4/10"]
    keeping.rename_class(SYSTEM, class_id, "4/3", MONDAY)
    keeping.rename_class(SYSTEM, class_id, "4/3", MONDAY)
    with pytest.raises(ConflictError):
        keeping.rename_class(SYSTEM, class_id, "4/1", MONDAY)
    found = current.get_one(SchoolClass, class_id)
    assert class_names_on(current, [found], MONDAY - timedelta(days=1)) == {class_id: "4/10"}
    assert class_names_on(current, [found], MONDAY) == {class_id: "4/3"}


def test_a_class_with_pupils_is_not_closed_and_its_teachers_end_with_it(
    world: World, current: Session
) -> None:
    class_id, other = world.class_ids["own"], world.class_ids["other_class"]
    with pytest.raises(InvalidError, match="6 học sinh"):
        keeping.close_class(SYSTEM, class_id, NEXT_WEEK)
    for pupil_id in world.pupil_ids["own"]:
        move_pupil(SYSTEM, pupil_id, other, Step(f"close-{pupil_id}", MONDAY))
    keeping.close_class(SYSTEM, class_id, NEXT_WEEK)
    keeping.close_class(SYSTEM, class_id, NEXT_WEEK)
    assert homeroom_names(current, [class_id], MONDAY) == {class_id: "Lê Thị homeroom"}
    assert homeroom_names(current, [class_id], NEXT_WEEK) == {}
    assert grants(current, world, "homeroom", Role.HOMEROOM_TEACHER)[0][1] == NEXT_WEEK
    with pytest.raises(InvalidError, match="đóng"):
        appointing.appoint_homeroom(SYSTEM, class_id, world.staff_ids["teacher"], NEXT_WEEK)
    keeping.reopen_class(SYSTEM, class_id)
    appointing.appoint_homeroom(SYSTEM, class_id, world.staff_ids["teacher"], NEXT_WEEK)


def test_a_homeroom_teacher_is_replaced_in_one_step_and_access_goes_along(
    world: World, current: Session
) -> None:
    class_id, teacher = world.class_ids["own"], world.staff_ids["teacher"]
    first = appointing.appoint_homeroom(SYSTEM, class_id, teacher, NEXT_WEEK)
    assert appointing.appoint_homeroom(SYSTEM, class_id, teacher, NEXT_WEEK) == first
    lines = homerooms_of(current, class_id)
    assert [(line.teacher, line.state(MONDAY)) for line in lines] == [
        ("Lê Thị teacher", "later"),
        ("Lê Thị homeroom", "now"),
    ]
    assert homeroom_names(current, [class_id], NEXT_WEEK) == {class_id: "Lê Thị teacher"}
    assert grants(current, world, "homeroom", Role.HOMEROOM_TEACHER)[0][1] == NEXT_WEEK
    assert grants(current, world, "teacher", Role.HOMEROOM_TEACHER) == [(NEXT_WEEK, None)]
    with pytest.raises(InvalidError):
        appointing.appoint_homeroom(SYSTEM, class_id, world.staff_ids["other"], NEXT_WEEK)
    with pytest.raises(InvalidError):
        appointing.appoint_homeroom(SYSTEM, class_id, teacher, date(2026, 8, 1))


def test_subject_teachers_are_added_replaced_and_ended(world: World, current: Session) -> None:
    class_id, teacher, homeroom = (
        world.class_ids["own"],
        world.staff_ids["teacher"],
        world.staff_ids["homeroom"],
    )
    duty = appointing.appoint_subject(SYSTEM, class_id, homeroom, "toán", MONDAY)
    assert appointing.appoint_subject(SYSTEM, class_id, homeroom, "Toán", MONDAY) == duty
    appointing.appoint_subject(SYSTEM, class_id, homeroom, "Tiếng Việt", MONDAY)
    assert grants(current, world, "homeroom", Role.TEACHER) == [(MONDAY, None)] * 2
    after = appointing.appoint_subject(SYSTEM, class_id, teacher, "", NEXT_WEEK, replaces=duty)
    told = [(line.subject, line.teacher, line.ends_on) for line in subject_teachers_of(current, class_id)]
    assert told == [
        ("Tiếng Việt", "Lê Thị homeroom", None),
        ("Toán", "Lê Thị teacher", None),
        ("Toán", "Lê Thị homeroom", NEXT_WEEK),
    ]
    assert set(grants(current, world, "homeroom", Role.TEACHER)) == {(MONDAY, None), (MONDAY, NEXT_WEEK)}
    appointing.end_subject(SYSTEM, class_id, after, NEXT_WEEK + timedelta(days=7))
    appointing.end_subject(SYSTEM, class_id, after, NEXT_WEEK + timedelta(days=7))
    assert subject_teachers_of(current, class_id)[1].ends_on == NEXT_WEEK + timedelta(days=7)


def test_who_gets_an_account_later_gets_the_access_then(world: World, current: Session) -> None:
    class_id = world.class_ids["own"]
    with db.transaction() as session:
        staff = session.get_one(Staff, world.staff_ids["teacher"])
        user_id, staff.user_id = staff.user_id, None
    appointing.appoint_homeroom(SYSTEM, class_id, staff.id, MONDAY)
    assert homerooms_of(current, class_id)[0].has_access is False
    with clock.at(clock.now() + timedelta(days=7)), db.transaction() as session:
        user = new_user("moi", "Cô Mới", PASSWORD_HASH)
        session.add(user)
        session.flush()
        staff = session.get_one(Staff, staff.id)
        staff.user_id = user.id
        assert appointing.give_access_due(session, SYSTEM, staff) == 1
        assert appointing.give_access_due(session, SYSTEM, staff) == 0
    row = current.scalars(select(Grant).where(Grant.user_id == user.id)).one()
    assert (row.starts_on, row.role, user_id is not None) == (NEXT_WEEK, Role.HOMEROOM_TEACHER, True)
