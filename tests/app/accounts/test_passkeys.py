"""Passkeys as the second factor: set up, used, looked after; and what an attacker may send instead."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from flask_security.utils import hash_password
from hypothesis import given
from hypothesis import strategies as st

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts import commands
from app.accounts.commands import NewGrant
from app.accounts.models import Passkey, SignIn
from app.accounts.rules.passkeys import is_counter_sound, relying_party
from app.audit.models import AuditEntry
from tests.app.accounts.authenticator import Device
from tests.app.accounts.test_second_factor import code_of, officer_id
from tests.app.accounts.test_views import PASSWORD, sign_in
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

__all__ = ["officer_id"]
REFUSED = "Khóa truy cập không được chấp nhận"


@pytest.fixture
def teacher_id(world: World) -> int:
    """A teacher with a password; nobody requires a second factor of a teacher."""
    with world.app.app_context():
        user_id = commands.create_user(SYSTEM, "co.hoa", "Cô Hoa", hash_password(PASSWORD))
        grant = NewGrant(Role.TEACHER, world.school_ids["a"], FIRST_DAY, world.class_ids["own"])
        commands.give_grant(SYSTEM, user_id, grant)
    return user_id


def asked(client: FlaskClient, path: str, **body: str) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    options: dict[str, Any] = answer.get_json()["options"]
    return options


def enrolled(client: FlaskClient, device: Device) -> list[str]:
    """Sign the officer in for the first time and make a passkey; return the recovery codes."""
    assert sign_in(client).location == "/login/enrol"
    options = asked(client, "/login/enrol/passkey/challenge")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    done = client.post("/login/enrol/passkey", data={"credential": device.make(options), "next": "/schools"})
    assert done.status_code == 200
    return codes_in(done)


def codes_in(page: TestResponse) -> list[str]:
    return re.findall(r'<code class="num">([a-z0-9]{4}-[a-z0-9-]+)</code>', page.text)


def begun(world: World) -> FlaskClient:
    """Return a browser on which the officer's password was right."""
    client = world.client()
    assert sign_in(client).location == "/login/code"
    return client


def give(client: FlaskClient, credential: str) -> TestResponse:
    return client.post("/login/passkey", data={"credential": credential, "next": "/schools"})


def added(client: FlaskClient, device: Device, name: str = "") -> TestResponse:
    options = asked(client, "/account/passkeys/challenge", password=PASSWORD)
    return client.post("/account/passkeys", data={"credential": device.make(options), "name": name})


def test_a_passkey_is_enough_for_a_strong_role(world: World, officer_id: int) -> None:
    device, first = Device(), world.client()
    assert len(enrolled(first, device)) == 10
    assert first.get("/schools").status_code == 200
    second = begun(world)
    assert second.get("/schools").status_code == 302
    page = second.get("/login/code").text
    assert "Dùng khóa truy cập" in page
    assert give(second, device.use(asked(second, "/login/passkey/challenge"))).location == "/schools"
    assert second.get("/schools").status_code == 200
    with world.app.app_context():
        key = db.session().query(Passkey).filter_by(user_id=officer_id).one()
        assert (key.sign_count, key.relying_party) == (1, "localhost")
        assert key.last_used_at is not None


def test_a_recovery_code_stands_in_for_a_passkey_once(world: World, officer_id: int) -> None:
    codes = enrolled(world.client(), Device())
    first, second = begun(world), begun(world)
    assert first.post("/login/code", data={"code": codes[0]}).location == "/"
    assert second.post("/login/code", data={"code": codes[0]}).status_code == 422


def test_a_device_that_does_not_check_its_owner_will_not_do(world: World, officer_id: int) -> None:
    client, careless = world.client(), Device(verifies=False)
    sign_in(client)
    options = asked(client, "/login/enrol/passkey/challenge")
    answer = client.post("/login/enrol/passkey", data={"credential": careless.make(options)})
    assert answer.status_code == 422
    assert "Chưa tạo được khóa truy cập" in answer.text
    device = Device()
    enrolled(world.client(), device)
    device.verifies = False
    client = begun(world)
    assert give(client, device.use(asked(client, "/login/passkey/challenge"))).status_code == 422


def test_a_teacher_may_use_a_key_without_owner_check(world: World, teacher_id: int) -> None:
    client, device = world.client(), Device(verifies=False)
    assert sign_in(client, "co.hoa").location == "/"
    assert len(codes_in(added(client, device))) == 10
    other = world.client()
    assert sign_in(other, "co.hoa").location == "/login/code"
    options = asked(other, "/login/passkey/challenge")
    assert options["userVerification"] == "preferred"
    assert give(other, device.use(options)).location == "/schools"


@pytest.mark.parametrize(
    "lie",
    [
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "https://localhost"},
        {"type": "webauthn.create"},
        {"rp": "evil.example"},
        {"handle": b"somebody else"},
    ],
)
def test_a_lie_in_the_answer_is_refused(world: World, officer_id: int, lie: dict[str, object]) -> None:
    device = Device()
    enrolled(world.client(), device)
    client = begun(world)
    refused = give(client, device.use(asked(client, "/login/passkey/challenge"), **lie))
    assert refused.status_code == 422
    assert REFUSED in refused.text
    assert client.get("/schools").status_code == 302
    assert give(client, device.use(asked(client, "/login/passkey/challenge"))).location == "/schools"


def test_an_answer_is_good_once_and_only_on_its_device(world: World, officer_id: int) -> None:
    device = Device()
    enrolled(world.client(), device)
    client, thief = begun(world), begun(world)
    asked(thief, "/login/passkey/challenge")
    answer = device.use(asked(client, "/login/passkey/challenge"))
    assert give(thief, answer).status_code == 422
    assert give(client, answer).location == "/schools"
    again = begun(world)
    assert give(again, answer).status_code == 422
    asked(again, "/login/passkey/challenge")
    assert give(again, answer).status_code == 422


def test_a_failed_answer_uses_the_challenge_up(world: World, officer_id: int) -> None:
    device = Device()
    enrolled(world.client(), device)
    client = begun(world)
    options = asked(client, "/login/passkey/challenge")
    assert give(client, "{}").status_code == 422
    assert give(client, device.use(options)).status_code == 422


def test_a_challenge_dies_after_five_minutes_and_with_the_next(world: World, officer_id: int) -> None:
    device = Device()
    enrolled(world.client(), device)
    client = begun(world)
    old = asked(client, "/login/passkey/challenge")
    new = asked(client, "/login/passkey/challenge")
    assert old["challenge"] != new["challenge"]
    assert give(client, device.use(old)).status_code == 422
    last = asked(client, "/login/passkey/challenge")
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert give(client, device.use(last)).status_code == 422


def test_a_challenge_to_make_is_none_to_use(world: World, teacher_id: int) -> None:
    client, device = world.client(), Device()
    sign_in(client, "co.hoa")
    added(client, device)
    options = asked(client, "/account/passkeys/challenge", password=PASSWORD)
    lie = device.use({"challenge": options["challenge"], "rpId": "localhost"})
    assert client.post("/account/confirm/passkey", data={"credential": lie}).status_code == 422


def test_somebody_elses_passkey_opens_nothing(world: World, officer_id: int, teacher_id: int) -> None:
    enrolled(world.client(), Device())
    teacher, theirs = world.client(), Device()
    sign_in(teacher, "co.hoa")
    added(teacher, theirs)
    client = begun(world)
    assert give(client, theirs.use(asked(client, "/login/passkey/challenge"))).status_code == 422
    assert client.get("/schools").status_code == 302


def test_a_counter_that_goes_back_is_refused_and_recorded(world: World, officer_id: int) -> None:
    device = Device(count=40)
    enrolled(world.client(), device)
    client = begun(world)
    assert give(client, device.use(asked(client, "/login/passkey/challenge"))).location == "/schools"
    device.count = 3
    copied = begun(world)
    assert give(copied, device.use(asked(copied, "/login/passkey/challenge"))).status_code == 422
    with world.app.app_context():
        entry = db.session().query(AuditEntry).filter_by(action="passkey.refused").one()
    assert json.loads(entry.details) == {"given": 4, "name": entry_name(world), "stored": 41}


def entry_name(world: World) -> str:
    with world.app.app_context():
        return db.session().query(Passkey.name).scalar() or ""


def test_the_same_passkey_is_not_kept_twice(world: World, teacher_id: int, officer_id: int) -> None:
    device = Device()
    enrolled(world.client(), device)
    teacher = world.client()
    sign_in(teacher, "co.hoa")
    assert added(teacher, device).status_code == 409


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "x",
        "[]",
        "null",
        '"a"',
        "{}",
        '{"id":"AQ","rawId":"AQ","type":"public-key","response":{}}',
        '{"id":1,"rawId":[],"type":{},"response":[]}',
        "9" * 30_000,
        "[" * 5000,
    ],
)
def test_rubbish_is_refused_without_a_fault(world: World, officer_id: int, rubbish: str) -> None:
    device, client = Device(), world.client()
    sign_in(client)
    asked(client, "/login/enrol/passkey/challenge")
    assert client.post("/login/enrol/passkey", data={"credential": rubbish}).status_code == 422
    enrolled(world.client(), device)
    other = begun(world)
    asked(other, "/login/passkey/challenge")
    assert give(other, rubbish).status_code == 422


def test_adding_a_passkey_takes_the_password(world: World, teacher_id: int) -> None:
    client = world.client()
    sign_in(client, "co.hoa")
    for password in ("", "sai sai sai sai"):
        assert client.post("/account/passkeys/challenge", json={"password": password}).status_code == 422
    lie = Device().make({"user": {"id": "AQ"}, "challenge": "AQ", "rp": {"id": "localhost"}})
    assert client.post("/account/passkeys", data={"credential": lie}).status_code == 422


def test_passkeys_are_listed_named_and_removed(world: World, teacher_id: int) -> None:
    client, phone, key = world.client(), Device(), Device()
    sign_in(client, "co.hoa")
    added(client, phone, "Điện thoại")
    assert added(client, key, "YubiKey 5").location == "/account/second-factor"
    page = client.get("/account/second-factor").text
    assert "Điện thoại" in page
    assert "YubiKey 5" in page
    ids = [int(found) for found in re.findall(r"/account/passkeys/(\d+)/remove", page)]
    client.post(f"/account/passkeys/{ids[0]}/name", data={"name": "  Máy ở nhà "})
    assert client.post(f"/account/passkeys/{ids[1]}/remove").location == "/account/second-factor"
    page = client.get("/account/second-factor").text
    assert "Máy ở nhà" in page
    assert "YubiKey 5" not in page
    other = world.client()
    sign_in(other, "co.hoa")
    assert give(other, key.use(asked(other, "/login/passkey/challenge"))).status_code == 422
    assert give(other, phone.use(asked(other, "/login/passkey/challenge"))).location == "/schools"


def test_removing_asks_for_the_factor_again_after_a_while(world: World, teacher_id: int) -> None:
    client, device = world.client(), Device()
    sign_in(client, "co.hoa")
    added(client, device)
    page = client.get("/account/second-factor").text
    path = re.findall(r"/account/passkeys/\d+/remove", page)[0]
    with clock.at(clock.now() + timedelta(minutes=16)):
        asked_again = client.post(path, headers={"Referer": "http://localhost/account/second-factor"})
        assert asked_again.location == "/account/confirm?next=/account/second-factor"
        answer = device.use(asked(client, "/account/confirm/passkey/challenge"))
        back = client.post(
            "/account/confirm/passkey", data={"credential": answer, "next": "/account/second-factor"}
        )
        assert back.location == "/account/second-factor"
        assert client.post(path).location == "/account/second-factor"


def test_the_last_factor_of_a_strong_role_stays(world: World, officer_id: int) -> None:
    client = world.client()
    enrolled(client, Device())
    path = re.findall(r"/account/passkeys/\d+/remove", client.get("/account/second-factor").text)[0]
    assert client.post(path).status_code == 422
    added(client, Device())
    assert client.post(path).status_code == 302


def test_an_app_and_a_passkey_stand_side_by_side(world: World, officer_id: int) -> None:
    client, device = world.client(), Device()
    enrolled(client, device)
    page = client.get("/account/second-factor").text
    secret = re.search(r'<code class="num">([A-Z2-7 ]+)</code>', page)
    assert secret is not None
    bare = secret[1].replace(" ", "")
    client.post("/account/second-factor", data={"code": code_of(bare), "password": PASSWORD})
    with clock.at(clock.now() + timedelta(minutes=2)):
        first, second = begun(world), begun(world)
        assert first.post("/login/code", data={"code": code_of(bare)}).location == "/"
        assert give(second, device.use(asked(second, "/login/passkey/challenge"))).location == "/schools"


def test_a_lost_device_is_taken_away_by_somebody_above(world: World, officer_id: int) -> None:
    client, device = world.client(), Device()
    enrolled(client, device)
    with world.app.app_context():
        boss = commands.create_user(SYSTEM, "quantri2", "Quản Trị", "x")
        grant = NewGrant(Role.SYSTEM_ADMINISTRATOR, world.province_id, FIRST_DAY)
        commands.give_grant(SYSTEM, boss, grant)
    assert world.client_of(boss).post(f"/accounts/{officer_id}/factor/remove").status_code == 302
    assert client.get("/schools").status_code == 302
    assert sign_in(world.client()).location == "/login/enrol"


def test_a_passkey_of_another_address_is_not_offered(
    world: World, officer_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(world.client(), Device())
    settings = world.app.extensions["bangxanh.settings"]
    values = {name: getattr(settings, name) for name in settings.__slots__}
    moved = type(settings)(**values | {"public_url": "https://truong.example"})
    monkeypatch.setitem(world.app.extensions, "bangxanh.settings", moved)
    client = begun(world)
    page = client.get("/login/code").text
    assert "Dùng khóa truy cập" not in page
    assert "localhost" in page
    assert client.post("/login/passkey/challenge", json={}).status_code == 422


def test_a_sign_in_that_waits_for_nothing_is_told_so(world: World) -> None:
    client = world.client()
    for path in ("/login/passkey/challenge", "/login/enrol/passkey/challenge"):
        assert client.post(path, json={}).status_code == 409
    for path in ("/login/passkey", "/login/enrol/passkey"):
        assert client.post(path, data={"credential": "{}"}).location == "/login"


def test_challenges_do_not_outlive_their_use_in_the_database(world: World, officer_id: int) -> None:
    enrolled(world.client(), Device())
    with world.app.app_context():
        assert db.session().query(SignIn).filter(SignIn.challenge.is_not(None)).count() == 0


@pytest.mark.parametrize(
    ("public", "seen", "name", "origin"),
    [
        (None, "http://localhost:8250/", "localhost", "http://localhost:8250"),
        (None, "https://truong.example/", "truong.example", "https://truong.example"),
        ("https://truong.example:8443", "http://10.0.0.5/", "truong.example", "https://truong.example:8443"),
        (None, "http://truong.example/", None, None),
        (None, "https://10.0.0.5/", None, None),
        (None, "https://[::1]/", None, None),
        ("http://127.0.0.1:8000", "http://localhost/", None, None),
    ],
)
def test_whom_passkeys_are_for(public: str | None, seen: str, name: str | None, origin: str | None) -> None:
    party = relying_party(public, seen)
    assert (party.name if party else None, party.origin if party else None) == (name, origin)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_counter_only_goes_on(stored: int, given_count: int) -> None:
    assert is_counter_sound(stored, given_count) == (given_count > stored or (stored, given_count) == (0, 0))
