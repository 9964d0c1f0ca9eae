"""What somebody tries at the sign-in page who is not to come in."""

from __future__ import annotations

import re
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

import pytest

from app import db
from app.access import Role
from app.accounts.models import SignIn
from tests.app.accounts.test_views import PASSWORD, clerk_id, sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.world import World

__all__ = ["clerk_id"]


def test_a_missing_account_takes_as_long_as_a_wrong_password(world: World, clerk_id: int) -> None:
    def seconds(username: str) -> float:
        """Processor time, of all threads: other tests on the machine do not lengthen it."""
        client = world.client()
        began = process_time()
        assert sign_in(client, username, "sai sai sai sai").status_code == 422
        return process_time() - began

    seconds("khongco-0")  # the decoy is made once
    pairs = [(seconds("vanthu"), seconds(f"khongco-{number}")) for number in range(5)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert 0.4 < unknown / known < 2.5  # without the decoy it is a tenth


def test_a_locked_account_is_told_as_a_wrong_password(world: World, clerk_id: int) -> None:
    from app.access import SYSTEM  # noqa: PLC0415 - only this test locks an account
    from app.accounts.commands import set_active  # noqa: PLC0415

    with world.app.app_context():
        set_active(SYSTEM, clerk_id, active=False)
    locked, wrong = sign_in(world.client()), sign_in(world.client(), "khongco")
    assert locked.status_code == wrong.status_code == 422
    assert len(locked.text) - len(wrong.text) == len("vanthu") - len("khongco")


def test_too_many_tries_tell_nothing_about_the_account(world: World, clerk_id: int) -> None:
    answers = []
    for username in ("vanthu", "khongco"):
        for _ in range(10):
            sign_in(world.client(), username, "sai sai sai sai")
        answers.append(sign_in(world.client(), username, "sai sai sai sai"))
    assert [answer.status_code for answer in answers] == [429, 429]
    assert _bare(answers[0].text) == _bare(answers[1].text)


def _bare(page: str) -> str:
    return re.sub(r".*csrf.*", "", page)


def test_signing_in_takes_a_new_session(world: World, clerk_id: int) -> None:
    client = world.client()
    with client.session_transaction() as planted:
        planted.update({"sign_in": "planted by a stranger", "enrolling": "x", "marker": "y"})
    sign_in(client)
    with client.session_transaction() as kept:
        assert kept["sign_in"] != "planted by a stranger"
        assert "marker" not in kept
        first = kept["sign_in"]
    sign_in(client)
    with client.session_transaction() as kept:
        assert kept["sign_in"] != first


def test_another_site_cannot_sign_a_browser_in(world: World, clerk_id: int) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    client = world.client()
    assert sign_in(client).status_code == 400
    assert sign_in(client, csrf_token="x").status_code == 400
    with world.app.app_context():
        assert db.session().query(SignIn).filter_by(user_id=clerk_id).count() == 0
    token = client.get("/login").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert sign_in(client, csrf_token=token).status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "@evil.example",
        ".evil.example",
    ],
)
@pytest.mark.parametrize("path", ["/login", "/language"])
def test_no_page_leads_to_another_site(world: World, clerk_id: int, path: str, target: str) -> None:
    values = {"username": "vanthu", "password": PASSWORD, "language": "vi", "next": target}
    assert world.client().post(path, data=values).location == "/"


def test_cookies_are_out_of_the_reach_of_scripts_and_of_plain_http(world: World, clerk_id: int) -> None:
    world.app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_NAME="__Host-bx_session")
    answer = sign_in(world.client())
    cookies = {line.split("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) >= {"__Host-bx_session", "__Host-bx_device"}
    for line in cookies.values():
        parts = {part.strip() for part in line.split(";")}
        assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= parts
        assert "Domain" not in line
    assert "includeSubDomains" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("host", ["evil.example", "localhost:1@evil.example", "evil.example/x", "a b", "<b>"])
def test_a_forged_host_leads_nobody_away(world: World, clerk_id: int, host: str) -> None:
    answer = world.client().get("/classes", headers={"Host": host})
    assert answer.location in {"/login?next=/classes?", None}
    page = world.client().get("/login", headers={"Host": host})
    assert "evil.example" not in page.text
    assert "<b>" not in page.headers.get("Content-Security-Policy", "")


def test_a_half_done_sign_in_opens_nothing(world: World, clerk_id: int) -> None:
    with world.app.app_context():
        from app.accounts.commands import begin_sign_in  # noqa: PLC0415 - only this test stops half-way
        from app.accounts.rules.steps import Step  # noqa: PLC0415

        tokens = [begin_sign_in(clerk_id, "Chrome", step) for step in Step]
    for token in tokens:
        client: FlaskClient = world.client()
        with client.session_transaction() as stored:
            stored["sign_in"] = token
        for path in ("/", "/account", "/classes", "/account/confirm", "/account/second-factor"):
            assert client.get(path).status_code == 302
        assert client.post("/account/confirm", data={"code": "1"}).status_code == 401


def test_an_administrator_signs_one_device_out(world: World) -> None:
    phone, laptop = world.client(Role.TEACHER), world.client(Role.TEACHER)
    user_id, boss = world.user_ids[Role.TEACHER], world.client(Role.SYSTEM_ADMINISTRATOR)
    page = boss.get(f"/accounts/{user_id}").text
    paths = re.findall(rf"/accounts/{user_id}/devices/\d+/end", page)
    assert len(paths) == 2
    newest = max(paths, key=lambda path: int(path.split("/")[4]))
    assert boss.post(newest).status_code == 302
    assert laptop.get("/account").status_code == 302
    assert phone.get("/account").status_code == 200
    assert boss.post(newest).status_code == 422
    others = world.user_ids[Role.PRINCIPAL]
    world.client(Role.PRINCIPAL)
    mixed = paths[0].replace(f"/accounts/{user_id}/", f"/accounts/{others}/")
    assert boss.post(mixed).status_code == 422
    assert phone.get("/account").status_code == 200
