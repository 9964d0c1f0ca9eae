"""The second factor, where the installation requires it: set up at the first sign-in, asked for at each one after."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask_security.utils import hash_password
from passlib.totp import TOTP

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts import commands
from app.accounts.commands import NewGrant
from app.accounts.models import RecoveryCode, SecondFactor
from app.accounts.queries import open_sign_ins
from app.accounts.rules.steps import new_secret
from config import Settings, UnsafeSettingError
from tests.app.accounts.test_views import PASSWORD, sign_in
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from flask.testing import FlaskClient


@pytest.fixture
def officer_id(world: World, monkeypatch: pytest.MonkeyPatch) -> int:
    """An officer of the department, in an installation that requires a second factor."""
    settings = world.app.extensions["bangxanh.settings"]
    required = type(settings)(
        **{name: getattr(settings, name) for name in settings.__slots__} | {"second_factor_required": True}
    )
    monkeypatch.setitem(world.app.extensions, "bangxanh.settings", required)
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "vanthu", "Lê Thị Sở", hash_password(PASSWORD))
        commands.give_grant(SYSTEM, user_id, NewGrant(Role.DEPARTMENT_OFFICER, world.province_id, FIRST_DAY))
    return user_id


def code_of(secret: str, steps: int = 0) -> str:
    token: str = TOTP(secret, format="base32").generate(time=int(clock.now().timestamp()) + 30 * steps).token
    return token


def enrol(client: FlaskClient) -> tuple[str, list[str]]:
    """Sign in for the first time and set the second factor up; return the secret and the recovery codes."""
    assert sign_in(client, next="/schools").location == "/login/enrol?next=/schools"
    page = client.get("/login/enrol?next=/schools").text
    match = re.search(r'<code class="num">([A-Z2-7 ]+)</code>', page)
    assert match is not None
    secret = match[1].replace(" ", "")
    assert "data:image/svg+xml" in page
    assert client.post("/login/enrol", data={"code": "000000"}).status_code == 422
    done = client.post("/login/enrol", data={"code": code_of(secret), "next": "/schools"})
    codes = re.findall(r'<code class="num">([a-z0-9-]+)</code>', done.text)
    assert len(codes) == 10
    return secret, codes


def test_the_first_sign_in_ends_only_with_a_second_factor(world: World, officer_id: int) -> None:
    client = world.client()
    assert sign_in(client).location == "/login/enrol"
    for path in ("/schools", "/account", "/"):
        assert client.get(path).status_code == 302
    assert client.post("/account/second-factor", data={}).status_code == 401
    enrol(client)
    assert client.get("/schools").status_code == 200


def test_the_code_is_asked_for_and_works_once(world: World, officer_id: int) -> None:
    secret, _codes = enrol(world.client())
    with clock.at(clock.now() + timedelta(minutes=2)):
        phone, thief = world.client(), world.client()
        for client in (phone, thief):
            assert sign_in(client).location == "/login/code"
            assert client.get("/schools").status_code == 302
            assert client.post("/login/enrol", data={"code": "1"}).location == "/login/code"
        code = code_of(secret)
        assert phone.post("/login/code", data={"code": "12"}).status_code == 422
        assert phone.post("/login/code", data={"code": code}).location == "/"
        assert thief.post("/login/code", data={"code": code}).status_code == 422
        assert phone.get("/schools").status_code == 200
        assert thief.get("/schools").status_code == 302


def test_a_code_from_before_signing_in_is_not_taken_twice_either(world: World, officer_id: int) -> None:
    secret, _codes = enrol(world.client())
    client = world.client()
    sign_in(client)
    assert client.post("/login/code", data={"code": code_of(secret)}).status_code == 422


def test_a_recovery_code_works_once(world: World, officer_id: int) -> None:
    _secret, codes = enrol(world.client())
    first, second = world.client(), world.client()
    sign_in(first)
    assert first.post("/login/code", data={"code": f" {codes[3].upper()} "}).location == "/"
    sign_in(second)
    assert second.post("/login/code", data={"code": codes[3]}).status_code == 422
    assert second.post("/login/code", data={"code": codes[4]}).location == "/"


def test_guessing_codes_is_limited(world: World, officer_id: int) -> None:
    secret, _codes = enrol(world.client())
    with clock.at(clock.now() + timedelta(minutes=2)):
        client = world.client()
        sign_in(client)
        answers = [client.post("/login/code", data={"code": f"{n:06}"}).status_code for n in range(12)]
        assert answers[-1] == 429
        assert client.post("/login/code", data={"code": code_of(secret)}).status_code == 429


def test_neither_secret_nor_codes_lie_open(world: World, officer_id: int) -> None:
    secret, codes = enrol(world.client())
    with world.app.app_context():
        assert secret not in db.session().get_one(SecondFactor, officer_id).sealed_secret
        stored = db.session().query(RecoveryCode).filter_by(user_id=officer_id).all()
    assert not {row.code_hash for row in stored} & set(codes)


def test_the_steps_do_not_wait_for_ever(world: World, officer_id: int) -> None:
    client = world.client()
    sign_in(client)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.get("/login/enrol").location == "/login"


def test_a_lost_phone_is_taken_away_by_somebody_above(world: World, officer_id: int) -> None:
    client = world.client()
    enrol(client)
    with world.app.app_context():
        boss = commands.create_user(SYSTEM, "quantri2", "Quản Trị", "x")
        commands.give_grant(SYSTEM, boss, NewGrant(Role.SYSTEM_ADMINISTRATOR, world.province_id, FIRST_DAY))
    assert world.client_of(boss).post(f"/accounts/{officer_id}/factor/remove").status_code == 302
    assert client.get("/schools").status_code == 302
    assert sign_in(world.client()).location == "/login/enrol"


def test_a_strong_role_given_later_ends_what_is_open_without_a_factor(world: World, officer_id: int) -> None:
    del officer_id
    teacher_id, teacher = world.user_ids[Role.TEACHER], world.client(Role.TEACHER)
    today = clock.today().isoformat()
    values = {
        "school": str(world.school_ids["a"]),
        "role": "system_administrator",
        "class_id": "",
        "starts_on": today,
    }
    answer = world.client(Role.SYSTEM_ADMINISTRATOR).post(
        f"/accounts/{teacher_id}/grants/new", data=values | {"last_day": "", "reason": "QĐ 12"}
    )
    assert answer.status_code == 302
    assert teacher.get("/account").status_code == 302


def test_a_voluntary_factor_needs_the_password_and_renews_codes(world: World, officer_id: int) -> None:
    client = world.client()
    _secret, codes = enrol(client)
    assert client.post("/account/second-factor/codes", data={"password": "sai sai sai"}).status_code == 422
    page = client.post("/account/second-factor/codes", data={"password": PASSWORD})
    fresh = re.findall(r'<code class="num">([a-z0-9]{4}-[a-z0-9-]+)</code>', page.text)
    assert len(fresh) == 10
    other = world.client()
    sign_in(other)
    assert other.post("/login/code", data={"code": codes[0]}).status_code == 422
    assert other.post("/login/code", data={"code": fresh[0]}).location == "/"


def test_a_teacher_is_not_asked(world: World, officer_id: int) -> None:
    del officer_id
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "co.hoa", "Cô Hoa", hash_password(PASSWORD))
        commands.give_grant(
            SYSTEM, user_id, NewGrant(Role.TEACHER, world.school_ids["a"], FIRST_DAY, world.class_ids["own"])
        )
    assert sign_in(world.client(), "co.hoa").location == "/"


def test_production_does_not_do_without(tmp_path: Path) -> None:
    env = {"INSTANCE": str(tmp_path), "SECRET_KEY": "k8fJ2mQ9xR4tV7wZ1bN6cL3pS5dG0hYa"}
    assert Settings.from_env({**env, "BANGXANH_ENV": "production"}).second_factor_required
    assert not Settings.from_env({**env, "BANGXANH_ENV": "development"}).second_factor_required
    for bad in (
        {"BANGXANH_ENV": "production", "BANGXANH_SECOND_FACTOR": "optional"},
        {"BANGXANH_SECOND_FACTOR": "no"},
    ):
        with pytest.raises(UnsafeSettingError, match="BANGXANH_SECOND_FACTOR"):
            Settings.from_env(env | bad)


def test_secrets_are_random() -> None:
    assert len({new_secret() for _ in range(20)}) == 20


def test_the_use_of_a_device_is_noted_every_five_minutes(world: World) -> None:
    client = world.client(Role.TEACHER)
    begun = clock.now()
    with clock.at(begun + timedelta(minutes=3)):
        client.get("/account").close()
        assert seen(world) < begun + timedelta(minutes=1)
    with clock.at(begun + timedelta(minutes=7)):
        client.get("/account").close()
        assert seen(world) > begun + timedelta(minutes=6)


def seen(world: World) -> datetime:
    with world.app.app_context():
        return open_sign_ins(db.session(), world.user_ids[Role.TEACHER])[0].last_seen_at
