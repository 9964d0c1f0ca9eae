"""Looking after accounts: who may, what happens, first passwords that are shown once and must be changed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app import clock, db
from app.access import SYSTEM, Actor, Role
from app.accounts import commands
from app.accounts.commands import NewGrant
from app.accounts.commands.slips import Slip, add_slips, forget_old_slips, take_slips
from app.accounts.models import SlipBatch, User
from app.accounts.rules.sealing import Sealer
from app.audit.queries import entries_about
from app.errors import ConflictError
from app.school.queries import staff_of_user
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

NEW = "một câu mới thật dài"


@pytest.fixture
def office(world: World) -> FlaskClient:
    return world.client(Role.OFFICE_CLERK)


def slip_of(page: TestResponse) -> tuple[str, str]:
    """The user name and the password on the slip."""
    username, password = re.findall(r'class="slip__value">([^<]+)<', page.text)
    return username, password


def make(client: FlaskClient, world: World, name: str = "Nguyễn Văn An", **more: str) -> TestResponse:
    values = {"full_name": name, "username": "", "role": "teacher", "class_id": "", **more}
    return client.post(f"/schools/{world.school_ids['a']}/accounts/new", data=values)


def test_a_new_account_gets_a_name_a_slip_and_must_change_its_password(
    world: World, office: FlaskClient
) -> None:
    username, password = slip_of(make(office, world, class_id=str(world.class_ids["own"])))
    assert username == "nguyen.van.an"
    person = world.client()
    answer = person.post("/login", data={"username": username, "password": password, "next": "/classes"})
    assert answer.location == "/login/password?next=/classes"
    assert person.get("/classes").location == "/login?next=/classes?"
    assert person.get("/login?next=/classes").location == "/login/password?next=/classes"
    same = person.post("/login/password", data={"new": password})
    assert same.status_code == 422
    assert person.post("/login/password", data={"new": "ngắn"}).status_code == 422
    done = person.post("/login/password", data={"new": NEW, "next": "/classes"})
    assert done.location == "/classes"
    assert "4/1" in person.get("/classes").text
    again = world.client()
    assert again.post("/login", data={"username": username, "password": password}).status_code == 422
    assert again.post("/login", data={"username": username, "password": NEW}).location == "/"


def test_the_second_of_a_name_gets_a_number_and_a_staff_row(world: World, office: FlaskClient) -> None:
    assert slip_of(make(office, world))[0] == "nguyen.van.an"
    assert slip_of(make(office, world, "NGUYỄN VĂN ÂN"))[0] == "nguyen.van.an2"
    with world.app.app_context():
        user = db.session().query(User).filter_by(username="nguyen.van.an2").one()
        staff = staff_of_user(db.session(), user.id)
        assert staff is not None
        assert staff.school_id == world.school_ids["a"]


def test_a_user_name_that_is_taken_or_unfit_is_refused(world: World, office: FlaskClient) -> None:
    assert make(office, world, username="co.hong").status_code == 200
    for bad in ("co.hong", "CO.HONG", "ă", "có dấu", "a b", "<b>x</b>"):
        assert make(office, world, username=bad).status_code == 422


def test_a_clerk_gives_no_role_of_the_own_power_or_above(world: World, office: FlaskClient) -> None:
    for role in ("office_clerk", "principal", "system_administrator", "department_officer"):
        assert make(office, world, role=role).status_code == 422
    principal = world.client(Role.PRINCIPAL)
    assert make(principal, world, role="office_clerk").status_code == 200
    assert make(principal, world, role="principal").status_code == 422


def test_resetting_ends_devices_and_the_old_password(world: World, office: FlaskClient) -> None:
    teacher = world.client(Role.TEACHER)
    teacher_id = world.user_ids[Role.TEACHER]
    assert teacher.get("/account").status_code == 200
    username, password = slip_of(office.post(f"/accounts/{teacher_id}/password"))
    assert teacher.get("/account").status_code == 302
    answer = world.client().post("/login", data={"username": username, "password": password})
    assert answer.location == "/login/password"
    with world.app.app_context():
        stored = db.session().get_one(User, teacher_id).password
        assert password not in stored
        entries = [entry.details for entry in entries_about(db.session(), "user", teacher_id)]
    assert not any(password in details for details in entries)


@pytest.mark.parametrize("act", ["password", "active", "devices/end", "factor/remove"])
def test_nobody_is_managed_by_somebody_below(world: World, office: FlaskClient, act: str) -> None:
    """A clerk who could reset the principal's password would be the principal."""
    principal_id, teacher_id = world.user_ids[Role.PRINCIPAL], world.user_ids[Role.TEACHER]
    assert office.post(f"/accounts/{principal_id}/{act}", data={"active": "0"}).status_code == 422
    assert office.post(f"/accounts/{teacher_id}/{act}", data={"active": "0"}).status_code in {200, 302}
    assert world.client(Role.PRINCIPAL).get("/account").status_code == 200
    own = world.user_ids[Role.OFFICE_CLERK]
    assert office.post(f"/accounts/{own}/{act}", data={"active": "0"}).status_code == 422


def test_a_strong_role_elsewhere_or_long_ago_protects_an_account(world: World, office: FlaskClient) -> None:
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "cu", "Người Cũ", "x")
        commands.give_grant(
            SYSTEM, user_id, NewGrant(Role.TEACHER, world.school_ids["a"], FIRST_DAY, world.class_ids["own"])
        )
    assert office.post(f"/accounts/{user_id}/password").status_code == 200
    with world.app.app_context():
        commands.give_grant(SYSTEM, user_id, NewGrant(Role.PRINCIPAL, world.school_ids["b"], FIRST_DAY))
    assert office.post(f"/accounts/{user_id}/password").status_code == 422


def test_switching_off_signs_out_and_on_lets_in_again(world: World, office: FlaskClient) -> None:
    teacher, teacher_id = world.client(Role.TEACHER), world.user_ids[Role.TEACHER]
    office.post(f"/accounts/{teacher_id}/active", data={"active": "0"})
    assert teacher.get("/account").status_code == 302
    office.post(f"/accounts/{teacher_id}/active", data={"active": "1"})
    assert world.client(Role.TEACHER).get("/account").status_code == 200


@pytest.mark.parametrize("typed", ["hường", "huong", "HƯỜNG", "vanthu2", "thi huong"])
def test_search_takes_accents_or_none(world: World, office: FlaskClient, typed: str) -> None:
    make(office, world, "Trần Thị Hường", username="vanthu2")
    make(office, world, "Lê Văn Tám")
    found = office.get("/accounts", query_string={"q": typed}).text
    assert "Trần Thị Hường" in found
    assert "Lê Văn Tám" not in found


def test_search_takes_wildcards_as_letters_and_filters_by_role(world: World, office: FlaskClient) -> None:
    assert "Không tìm thấy" in office.get("/accounts", query_string={"q": "%_%"}).text
    page = office.get("/accounts", query_string={"role": "principal"}).text
    assert "Trần Thị principal" in page
    assert "Trần Thị homeroom_teacher" not in page
    assert office.get("/accounts", query_string={"role": "king", "page": "-4"}).status_code == 200


def test_what_a_person_was_granted_is_a_list(world: World, office: FlaskClient) -> None:
    page = f"/accounts/{world.user_ids[Role.HOMEROOM_TEACHER]}"
    assert "Lớp 4/1" in office.get(f"{page}?q=4/1&state=now&order=-from").text
    assert "Lớp 4/1" not in office.get(f"{page}?state=over").text
    taken = world.client(Role.OFFICE_CLERK, gave_factor=True).get(f"{page}?format=xlsx")
    assert taken.data[:2] == b"PK"


def test_the_list_ends_at_the_own_school(world: World, office: FlaskClient) -> None:
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "khac", "Người Trường Khác", "x")
        commands.give_grant(SYSTEM, user_id, NewGrant(Role.PRINCIPAL, world.school_ids["b"], FIRST_DAY))
    assert "Người Trường Khác" not in office.get("/accounts").text
    assert "Trần Thị department_officer" not in office.get("/accounts").text
    assert office.get(f"/accounts/{user_id}").status_code == 404


def test_a_hostile_name_is_text_everywhere(world: World, office: FlaskClient) -> None:
    page = make(office, world, "=cmd|'/C calc'!A1 <script>alert(1)</script>")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<script>alert" not in office.get("/accounts").text


def test_slips_are_shown_once_to_whoever_made_them(world: World, office: FlaskClient) -> None:
    clerk_id = world.user_ids[Role.OFFICE_CLERK]
    with world.app.app_context():
        sealer = Sealer(world.app.config["SECRET_KEY"], "slips")
        with db.transaction() as session:
            user = session.get_one(User, clerk_id)
            actor = Actor(user.id, user.full_name)
            batch = add_slips(
                session,
                sealer,
                actor,
                world.school_ids["a"],
                [Slip("An", "an.gv", "abcd-efgh-jkmn"), Slip("Bình", "binh.gv", "2222-3333-4444")],
            )
            assert "abcd" not in (batch.sealed or "")
            slip_id = batch.id
    assert world.client(Role.PRINCIPAL).post(f"/slips/{slip_id}").status_code == 404
    assert "abcd-efgh-jkmn" not in office.get(f"/slips/{slip_id}").text
    shown = office.post(f"/slips/{slip_id}")
    assert "abcd-efgh-jkmn" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert office.post(f"/slips/{slip_id}").status_code == 409
    with world.app.app_context():
        assert db.session().get_one(SlipBatch, slip_id).sealed is None


def test_slips_that_nobody_prints_are_forgotten(world: World) -> None:
    with world.app.app_context():
        sealer = Sealer(world.app.config["SECRET_KEY"], "slips")
        with db.transaction() as session:
            batch = add_slips(session, sealer, SYSTEM, world.school_ids["a"], [Slip("An", "an", "x")])
            slip_id = batch.id
        with clock.at(clock.now() + timedelta(days=4)):
            with pytest.raises(ConflictError):
                take_slips(sealer, SYSTEM, slip_id)
            forget_old_slips()
        assert db.session().get_one(SlipBatch, slip_id).sealed is None
