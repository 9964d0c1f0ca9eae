"""The second factor given again before an export, and where those go who have none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask_security.utils import hash_password

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts import commands
from app.accounts.commands import NewGrant
from app.audit.models import AuditEntry
from tests.app.accounts.test_second_factor import code_of
from tests.app.accounts.test_views import PASSWORD, sign_in
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def require(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = world.app.extensions["bangxanh.settings"]
    values = {name: getattr(settings, name) for name in settings.__slots__}
    required = type(settings)(**values | {"second_factor_required": True})
    monkeypatch.setitem(world.app.extensions, "bangxanh.settings", required)


@pytest.fixture
def clerk(world: World) -> FlaskClient:
    """A clerk's browser, signed in with the password alone."""
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "vanthu", "Trần Thị Hường", hash_password(PASSWORD))
        commands.give_grant(SYSTEM, user_id, NewGrant(Role.OFFICE_CLERK, world.school_ids["a"], FIRST_DAY))
    client = world.client()
    sign_in(client)
    return client


def set_up(client: FlaskClient, target: str = "") -> str:
    page = client.get("/account/second-factor").text
    secret = page.split('<code class="num">')[1].split("<")[0].replace(" ", "")
    values = {"code": code_of(secret), "password": PASSWORD, "next": target}
    done = client.post("/account/second-factor", data=values)
    assert done.status_code == 200
    assert f'href="{target}"' in done.text
    return secret


def test_who_has_none_is_led_to_one_and_back(
    world: World, clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(world, monkeypatch)
    path = f"/classes/{world.class_ids['own']}/cards"
    assert clerk.get(path).location == f"/account/confirm?next={path}?"
    led = clerk.get(f"/account/confirm?next={path}")
    assert led.location == f"/account/second-factor?next={path}"
    set_up(clerk, path)
    assert clerk.get(path).status_code == 200


def test_the_factor_is_asked_for_again_after_a_quarter_of_an_hour(
    world: World, clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(world, monkeypatch)
    secret, path = set_up(clerk, "/"), f"/classes/{world.class_ids['own']}/cards"
    with clock.at(clock.now() + timedelta(minutes=14)):
        assert clerk.get(path).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert clerk.get(path).location == f"/account/confirm?next={path}?"
        assert clerk.get(path, headers={"Accept": "application/json"}).status_code == 403
        assert (
            clerk.get(path, headers={"HX-Request": "true"})
            .headers["HX-Redirect"]
            .startswith("/account/confirm")
        )
        assert clerk.post("/account/confirm", data={"code": "000000"}).status_code == 422
        assert clerk.get(path).status_code == 302
        back = clerk.post("/account/confirm", data={"code": code_of(secret), "next": path})
        assert back.location == path
        assert clerk.get(path).status_code == 200


def test_what_is_a_file_is_told_of_since_the_browser_stays_where_it_was(
    world: World, clerk: FlaskClient
) -> None:
    secret, path = set_up(clerk, "/"), "/lessons/1/workbook.xlsx?"
    with clock.at(clock.now() + timedelta(minutes=16)):
        back = clerk.post("/account/confirm", data={"code": code_of(secret), "next": path})
        page = clerk.get(back.location).text
        assert "Tệp đang được tải về" in page
        assert page.count("/lessons/1/workbook.xlsx?") == 2
    away = clerk.get("/account/confirm?done=1&next=https://evil.example/a.pdf").text
    assert 'content="0; url=/"' in away


def test_coming_back_never_leads_to_another_site(
    world: World, clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = set_up(clerk, "/")
    with clock.at(clock.now() + timedelta(minutes=16)):
        values = {"code": code_of(secret), "next": "https://evil.example/"}
        assert clerk.post("/account/confirm", data=values).location == "/"
    with clock.at(clock.now() + timedelta(minutes=40)):
        path = f"/slips/{1}"
        answer = clerk.post(path, headers={"Referer": "https://evil.example/slips/1"})
        assert answer.location == "/account/confirm"


def test_a_copied_cookie_dies_when_the_factor_is_given(world: World, clerk: FlaskClient) -> None:
    with clerk.session_transaction() as kept:
        token = kept["sign_in"]
    set_up(clerk, "/")
    thief = world.client()
    with thief.session_transaction() as stored:
        stored["sign_in"] = token
    assert thief.get("/account").status_code == 302
    assert clerk.get("/account").status_code == 200


def test_in_development_those_without_pass_and_the_log_says_so(world: World, clerk: FlaskClient) -> None:
    assert clerk.get(f"/classes/{world.class_ids['own']}/cards").status_code == 200
    with world.app.app_context():
        entry = db.session().query(AuditEntry).filter_by(action="factor.let_through").one()
    assert (entry.subject_kind, entry.subject_id, entry.user_name) == (
        "route",
        "cards.sheet",
        "Trần Thị Hường",
    )


def test_in_development_those_who_have_one_are_asked(world: World, clerk: FlaskClient) -> None:
    set_up(clerk, "/")
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert clerk.get(f"/classes/{world.class_ids['own']}/cards").status_code == 302


def test_a_list_of_people_asks_before_it_becomes_a_file(
    world: World, clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(world, monkeypatch)
    page = f"/schools/{world.school_ids['a']}/staff"
    assert clerk.get(page).status_code == 200
    assert "/account/confirm" in clerk.get(f"{page}?format=xlsx").location
    set_up(clerk, page)
    assert "spreadsheetml.sheet" in clerk.get(f"{page}?format=xlsx").headers["Content-Type"]
