"""Grants: who sees a class and why, giving and ending them, and what an open page does when one ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts import commands
from app.accounts.commands import NewGrant
from app.accounts.models import Grant
from app.audit.queries import entries_about
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@pytest.fixture
def substitute_id(world: World) -> int:
    """An account of the school that sees no class yet."""
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "daythay", "Lê Văn Tám", "x")
        commands.give_grant(SYSTEM, user_id, NewGrant(Role.TEACHER, world.school_ids["a"], FIRST_DAY))
    return user_id


def give(client: FlaskClient, world: World, user_id: int, **more: str) -> TestResponse:
    values = {
        "school": str(world.school_ids["a"]),
        "role": "teacher",
        "class_id": str(world.class_ids["own"]),
        "starts_on": clock.today().isoformat(),
        "last_day": "",
        "reason": "dạy thay cô Hường",
        **more,
    }
    return client.post(f"/accounts/{user_id}/grants/new", data=values)


def grant_id(world: World, user_id: int) -> int:
    with world.app.app_context():
        query = select(Grant.id).where(Grant.user_id == user_id, Grant.class_id.is_not(None))
        return db.session().scalars(query.order_by(Grant.id.desc())).first() or 0


def test_a_substitute_sees_the_class_for_one_day(world: World, substitute_id: int) -> None:
    office, path = world.client(Role.OFFICE_CLERK), f"/classes/{world.class_ids['own']}"
    assert world.client_of(substitute_id).get(path).status_code == 404
    assert give(office, world, substitute_id, last_day=clock.today().isoformat()).status_code == 302
    assert world.client_of(substitute_id).get(path).status_code == 200
    with clock.at(clock.now() + timedelta(days=1)):
        assert world.client_of(substitute_id).get(path).status_code == 404


def test_the_page_of_a_class_says_who_and_why(world: World, substitute_id: int) -> None:
    office = world.client(Role.OFFICE_CLERK)
    give(office, world, substitute_id)
    page = office.get(f"/classes/{world.class_ids['own']}/access").text
    for words in (
        "Lê Văn Tám",
        "dạy thay cô Hường",
        "Trần Thị office_clerk",
        "Trần Thị principal",
        "Lớp 4/1",
    ):
        assert words in page
    assert "Trần Thị department_officer" not in page
    other = office.get(f"/classes/{world.class_ids['other_class']}/access").text
    assert "Lê Văn Tám" not in other


def test_the_homeroom_teacher_may_look_but_not_give(world: World, substitute_id: int) -> None:
    homeroom = world.client(Role.HOMEROOM_TEACHER)
    assert homeroom.get(f"/classes/{world.class_ids['own']}/access").status_code == 200
    assert homeroom.get(f"/classes/{world.class_ids['other_class']}/access").status_code == 404
    assert give(homeroom, world, substitute_id).status_code == 404


def test_ending_acts_on_the_next_request_and_keeps_the_trace(world: World, substitute_id: int) -> None:
    office, teacher = world.client(Role.OFFICE_CLERK), world.client_of(substitute_id)
    give(office, world, substitute_id)
    path = f"/classes/{world.class_ids['own']}"
    assert teacher.get(path).status_code == 200
    end = f"/grants/{grant_id(world, substitute_id)}/end"
    today = clock.today().isoformat()
    assert office.post(end, data={"ends_on": today, "reason": ""}).status_code == 422
    assert office.post(end, data={"ends_on": today, "reason": "cô Hường đi dạy lại"}).status_code == 302
    assert teacher.get(path).status_code == 404
    assert office.post(end, data={"ends_on": today, "reason": "lần nữa"}).status_code == 422
    with world.app.app_context():
        actions = [entry.action for entry in entries_about(db.session(), "user", substitute_id)]
    assert actions[:2] == ["grant.ended", "grant.given"]
    assert "dạy thay cô Hường" in office.get(f"/accounts/{substitute_id}").text


def test_the_same_grant_twice_is_one(world: World, substitute_id: int) -> None:
    office = world.client(Role.OFFICE_CLERK)
    give(office, world, substitute_id)
    first = grant_id(world, substitute_id)
    give(office, world, substitute_id)
    assert grant_id(world, substitute_id) == first


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"role": "office_clerk"}, 422),
        ({"role": "principal"}, 422),
        ({"class_id": ""}, 422),
        ({"reason": ""}, 422),
        ({"starts_on": "2026-10-01"}, 422),
        ({"last_day": "2026-10-01"}, 422),
        ({"school": "999999"}, 404),
        ({"school": "99999999999999999999"}, 422),
        ({"class_id": "999999"}, 422),
    ],
)
def test_what_a_clerk_may_not_give(
    world: World, substitute_id: int, more: dict[str, str], status: int
) -> None:
    assert give(world.client(Role.OFFICE_CLERK), world, substitute_id, **more).status_code == status


def test_a_school_gives_nothing_at_another_and_ends_nothing_there(world: World, substitute_id: int) -> None:
    office = world.client(Role.OFFICE_CLERK)
    there = {"school": str(world.school_ids["b"]), "class_id": str(world.class_ids["other_school"])}
    assert give(office, world, substitute_id, **there).status_code == 404
    with world.app.app_context():
        place = NewGrant(Role.TEACHER, world.school_ids["b"], FIRST_DAY, world.class_ids["other_school"])
        elsewhere = commands.give_grant(SYSTEM, substitute_id, place)
    assert office.get(f"/grants/{elsewhere}/end").status_code == 404


def test_nobody_gives_to_oneself_or_ends_the_own_or_a_stronger_grant(world: World) -> None:
    office, own = world.client(Role.OFFICE_CLERK), world.user_ids[Role.OFFICE_CLERK]
    assert give(office, world, own).status_code == 422
    with world.app.app_context():
        held = {row.user_id: row.id for row in db.session().scalars(select(Grant))}
    for user_id in (own, world.user_ids[Role.PRINCIPAL]):
        values = {"ends_on": clock.today().isoformat(), "reason": "x"}
        assert office.post(f"/grants/{held[user_id]}/end", data=values).status_code == 422


def test_guardians_and_substitutes_are_on_the_page(world: World) -> None:
    class_id, school_id, today = world.class_ids["own"], world.school_ids["a"], clock.today()
    others = {
        "Bà Ngoại": NewGrant(Role.GUARDIAN, school_id, FIRST_DAY, pupil_id=world.pupil_ids["own"][0]),
        "Bác Khác Lớp": NewGrant(
            Role.GUARDIAN, school_id, FIRST_DAY, pupil_id=world.pupil_ids["other_class"][0]
        ),
        "Ông Hết Quyền": NewGrant(
            Role.GUARDIAN, school_id, FIRST_DAY, pupil_id=world.pupil_ids["own"][1], ends_on=today
        ),
        "Cô Dạy Thay": NewGrant(Role.TEACHER, school_id, today, class_id, ends_on=today + timedelta(days=1)),
    }
    with world.app.app_context():
        for number, (name, grant) in enumerate(others.items()):
            user_id = commands.create_user(SYSTEM, f"nguoi.{number}", name, "x")
            commands.give_grant(SYSTEM, user_id, grant)
    address = f"/classes/{class_id}/access"
    page = world.client(Role.OFFICE_CLERK).get(address).text
    seen, alone = (
        world.client(Role.OFFICE_CLERK).get(f"{address}?scope={scope}").text for scope in ("class", "pupil")
    )
    assert "Cô Dạy Thay" in seen
    assert "Bà Ngoại" in alone
    assert "Bà Ngoại" not in seen
    assert "Bác Khác Lớp" not in page
    assert "Ông Hết Quyền" not in page


def test_an_account_of_the_command_line_has_a_name_and_a_password_drawn_by_lot_is_never_refused(
    world: World,
) -> None:
    assert not {"users", "roles"} & set(world.app.cli.commands), "Flask-Security's write past our audit log"
    runner = world.app.test_cli_runner()
    for short in "aoie":
        result = runner.invoke(args=["account", "create", short, "Nguyễn Văn An"])
        assert result.exit_code == 0, result.output
    for names in (("", "Nguyễn Văn An"), ("an", "  "), ("a" * 65, "Nguyễn Văn An")):
        result = runner.invoke(args=["account", "create", *names])
        assert result.exit_code == 1
        assert "tên đăng nhập và họ tên" in result.output
