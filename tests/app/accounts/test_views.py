"""Signing in and out, through HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from flask_security.utils import hash_password

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts import commands
from app.accounts.commands import NewGrant
from app.accounts.views.tries import limiter
from app.errors import InvalidError
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

PASSWORD = "một câu dài dễ nhớ"


@pytest.fixture
def clerk_id(world: World) -> int:
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "Vanthu", "Trần Thị Hường", hash_password(PASSWORD))
        commands.give_grant(SYSTEM, user_id, NewGrant(Role.OFFICE_CLERK, world.school_ids["a"], FIRST_DAY))
    return user_id


def sign_in(
    client: FlaskClient, username: str = "vanthu", password: str = PASSWORD, **more: str
) -> TestResponse:
    return client.post("/login", data={"username": username, "password": password, **more})


def test_sign_in_leads_on_and_is_never_cached(world: World, clerk_id: int) -> None:
    client = world.client()
    assert client.get("/classes").headers["Location"] == "/login?next=/classes?"
    client.get("/login")
    assert sign_in(client, "VANTHU", next="/classes").headers["Location"] == "/classes"
    page = client.get("/classes")
    assert page.status_code == 200
    assert "4/1" in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_passwords_are_kept_by_a_slow_argon2(
    world: World, password_context_of: Callable[[Flask], Any]
) -> None:
    kept = password_context_of(world.app).hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def _lines(page: TestResponse, username: str) -> list[str]:
    return [line.replace(username, "") for line in page.text.splitlines() if "csrf" not in line]


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(world: World, clerk_id: int, target: str) -> None:
    assert sign_in(world.client(), next=target).headers["Location"] == "/"


def test_wrong_password_and_unknown_account_get_the_same_answer(world: World, clerk_id: int) -> None:
    wrong = sign_in(world.client(), password="sai sai sai sai")
    unknown = sign_in(world.client(), "khongco", "sai sai sai sai")
    assert wrong.status_code == unknown.status_code == 422
    assert "không đúng" in wrong.text
    assert _lines(wrong, "vanthu") == _lines(unknown, "khongco")


def test_strangers_tries_are_limited_and_do_not_lock_out_the_owner(world: World, clerk_id: int) -> None:
    own = world.client()
    assert sign_in(own).status_code == 302
    own.post("/logout")
    for _ in range(9):
        assert sign_in(world.client(), password="sai sai sai sai").status_code == 422
    refused = sign_in(world.client())
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "300"
    assert sign_in(own).status_code == 302


def test_an_invented_device_cookie_is_no_device(world: World, clerk_id: int) -> None:
    client = world.client()
    for number in range(10):
        client = world.client()
        client.set_cookie("bx_device", f"invented-{number}")
        assert sign_in(client, password="sai sai sai sai").status_code == 422
    client.set_cookie("bx_device", "invented-again")
    assert sign_in(client).status_code == 429


def test_the_current_password_cannot_be_guessed_on_an_open_device(world: World, clerk_id: int) -> None:
    client = world.client()
    sign_in(client)
    codes = [
        client.post("/account/password", data={"current": "sai", "new": "một câu khác rất dài"}).status_code
        for _ in range(12)
    ]
    assert codes[0] == 422
    assert codes[-1] == 429


def test_a_copied_cookie_is_dead_after_the_password_changed(world: World, clerk_id: int) -> None:
    client, thief = world.client(), world.client()
    sign_in(client)
    with client.session_transaction() as stored:
        stolen = dict(stored)
    with thief.session_transaction() as stored:
        stored.update(stolen)
    client.post("/account/password", data={"current": PASSWORD, "new": "một câu khác rất dài"})
    assert client.get("/account").status_code == 200
    assert thief.get("/account").status_code == 302


def test_a_sign_in_ends_by_itself(world: World, clerk_id: int) -> None:
    client = world.client()
    sign_in(client)
    with clock.at(clock.now() + timedelta(days=8)):
        assert client.get("/account").status_code == 302


def test_people_can_sign_in_when_the_store_of_the_limits_is_down(
    world: World, clerk_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> bool:
        raise ConnectionError

    monkeypatch.setattr(limiter.limiter, "hit", gone)
    assert sign_in(world.client()).status_code == 302


def test_a_role_of_a_whole_unit_cannot_be_narrowed(world: World, clerk_id: int) -> None:
    grant = NewGrant(Role.PRINCIPAL, world.school_ids["a"], FIRST_DAY, class_id=world.class_ids["own"])
    with world.app.app_context(), pytest.raises(InvalidError):
        commands.give_grant(SYSTEM, clerk_id, grant)


def test_a_school_behind_one_address_is_not_locked_out_by_one_account(world: World, clerk_id: int) -> None:
    for _ in range(15):
        sign_in(world.client(), "kẻ dò", "sai sai sai sai")
    assert sign_in(world.client()).status_code == 302


def test_signing_out_everywhere_ends_the_other_device_too(world: World, clerk_id: int) -> None:
    phone, laptop = world.client(), world.client()
    sign_in(phone)
    sign_in(laptop)
    assert phone.get("/account").status_code == laptop.get("/account").status_code == 200
    laptop.post("/logout/everywhere")
    assert phone.get("/account").status_code == laptop.get("/account").status_code == 302


def test_a_signed_out_cookie_stays_dead(world: World, clerk_id: int) -> None:
    client, thief = world.client(), world.client()
    sign_in(client)
    with client.session_transaction() as stored:
        stolen = dict(stored)
    with thief.session_transaction() as stored:
        stored.update(stolen)
    assert thief.get("/account").status_code == 200
    client.post("/logout")
    assert thief.get("/account").status_code == 302


def test_changing_the_password_ends_other_devices_and_needs_the_old_one(world: World, clerk_id: int) -> None:
    phone, laptop = world.client(), world.client()
    sign_in(phone)
    sign_in(laptop)
    wrong = laptop.post("/account/password", data={"current": "sai", "new": "một câu khác rất dài"})
    assert wrong.status_code == 422
    assert phone.get("/account").status_code == 200
    weak = laptop.post("/account/password", data={"current": PASSWORD, "new": "ngắn"})
    assert weak.status_code == 422
    laptop.post("/account/password", data={"current": PASSWORD, "new": "một câu khác rất dài"})
    assert phone.get("/account").status_code == 302
    assert laptop.get("/account").status_code == 200
    assert sign_in(world.client(), password="một câu khác rất dài").status_code == 302


def test_a_disabled_account_is_out_at_once(world: World, clerk_id: int) -> None:
    client = world.client()
    sign_in(client)
    assert client.get("/account").status_code == 200
    with world.app.app_context():
        commands.set_active(SYSTEM, clerk_id, active=False)
    assert client.get("/account").status_code == 302
    assert sign_in(world.client()).status_code == 422


def test_an_expired_grant_gives_nothing(world: World) -> None:
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "daythay", "Lê Văn Tám", "x")
        today = clock.today()
        grant = NewGrant(
            Role.TEACHER, world.school_ids["a"], FIRST_DAY, world.class_ids["own"], ends_on=today
        )
        commands.give_grant(SYSTEM, user_id, grant)
        db.session().rollback()
    assert world.client_of(user_id).get(f"/classes/{world.class_ids['own']}").status_code == 404
