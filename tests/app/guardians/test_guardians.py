"""Guardians: only where the school keeps such data, linked to accounts that see their own child."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.models import Grant, User
from app.audit.commands import record as record_change
from app.audit.models import AuditEntry
from app.contacts.commands import switch_off, switch_on
from app.contacts.rules import ContactField
from app.guardians import commands
from app.guardians.models import Guardian
from app.guardians.rules import Details, Relationship
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from tests.world import World


@pytest.fixture
def clerk(world: World) -> Iterator[FlaskClient]:
    with clock.at(MORNING):
        yield world.client(Role.OFFICE_CLERK)


def keep(world: World, *fields: ContactField) -> None:
    with world.app.app_context():
        for field in fields:
            switch_on(SYSTEM, world.school_ids["a"], field, "gọi khi vắng không phép")


def mother(**more: str) -> dict[str, str]:
    return {"relationship": "mother", "full_name": "Trần Thị Mẹ", "client_key": "guardian-key-1", **more}


def test_nothing_is_kept_that_the_school_has_not_switched_on(clerk: FlaskClient, world: World) -> None:
    pupil = world.pupil_ids["own"][0]
    place = f"/pupils/{pupil}/guardians/new"
    assert "Trường chưa lưu họ tên phụ huynh" in clerk.get(place).text
    assert clerk.post(place, data=mother()).status_code == 422
    keep(world, ContactField.MOTHER)
    assert clerk.post(place, data=mother(relationship="father")).status_code == 422
    assert clerk.post(place, data=mother(phone="0912345678")).status_code == 302
    assert clerk.post(place, data=mother(phone="0912345678")).status_code == 302, "twice is once"
    page = clerk.get(f"/pupils/{pupil}").text
    assert page.count("Trần Thị Mẹ") == 2  # the name, and the hidden words of its button
    assert "0912345678" not in page, "no number, the school keeps none"
    keep(world, ContactField.PHONE)
    [edit] = set(re.findall(r"/guardians/\d+", page))
    assert clerk.post(edit, data=mother(phone="12", seen="0")).status_code == 422
    assert clerk.post(edit, data=mother(phone="0912345678", seen="0")).status_code == 302
    assert clerk.post(edit, data=mother(phone="0900000000", seen="0")).status_code == 422, "written meanwhile"
    assert "0912345678" in world.client(Role.HOMEROOM_TEACHER).get(f"/pupils/{pupil}").text
    assert "0912345678" not in world.client(Role.PUPIL).get(f"/pupils/{pupil}").text
    assert world.client(Role.HOMEROOM_TEACHER).get(edit).status_code == 404
    with world.app.app_context():
        logged = db.session().scalars(select(AuditEntry).where(AuditEntry.action.like("guardian.%"))).all()
        assert [one.action for one in logged] == ["guardian.added", "guardian.edited"]
        assert all("Mẹ" not in one.details and "0912" not in one.details for one in logged)
        switch_off(SYSTEM, world.school_ids["a"], ContactField.PHONE)
        assert db.session().scalars(select(Guardian.phone)).all() == [None]
        switch_off(SYSTEM, world.school_ids["a"], ContactField.MOTHER)
        assert db.session().scalars(select(Guardian.id)).all() == []


def test_a_guardians_account_sees_the_own_child_only(clerk: FlaskClient, world: World) -> None:
    keep(world, ContactField.MOTHER)
    pupil, other = world.pupil_ids["own"][:2]
    clerk.post(f"/pupils/{pupil}/guardians/new", data=mother())
    slip = clerk.post("/guardians/1/new-account").text
    assert "tran.thi.me" in slip
    assert clerk.post("/guardians/1/new-account").status_code == 302, "no second account"
    with world.app.app_context():
        user_id = db.session().scalars(select(User.id).where(User.username == "tran.thi.me")).one()
    parent = world.client_of(user_id)
    assert parent.get(f"/pupils/{pupil}").status_code == 200
    assert parent.get(f"/pupils/{other}").status_code == 404
    clerk.post(f"/pupils/{other}/guardians/new", data=mother(client_key="guardian-key-2"))
    assert clerk.post("/guardians/2/account", data={"username": "nobody"}).status_code == 422
    assert clerk.post("/guardians/2/account", data={"username": "Tran.Thi.Me"}).status_code == 302
    assert parent.get(f"/pupils/{other}").status_code == 200
    assert clerk.post("/guardians/2/unlink").status_code == 302
    assert parent.get(f"/pupils/{other}").status_code == 404
    assert clerk.post("/guardians/1/remove").status_code == 302
    assert parent.get(f"/pupils/{pupil}").status_code == 404
    with world.app.app_context():
        ended = db.session().scalars(select(Grant.ends_on).where(Grant.user_id == user_id)).all()
        assert all(ended)


def test_guardians_of_a_class_get_accounts_together_and_see_their_own_child(
    clerk: FlaskClient, world: World
) -> None:
    keep(world, ContactField.MOTHER)
    first, second = world.pupil_ids["own"][:2]
    clerk.post(f"/pupils/{first}/guardians/new", data=mother())
    clerk.post(
        f"/pupils/{second}/guardians/new", data=mother(client_key="guardian-key-2", full_name="Điểu Thị Lan")
    )
    asked = {"key": "k", "role": "guardian", "class_id": str(world.class_ids["own"])}
    for _ in range(2):
        assert clerk.post(f"/schools/{world.school_ids['a']}/accounts", data=asked).status_code == 302
    with world.app.app_context():
        rows = (
            db.session()
            .execute(
                select(Guardian.pupil_id, Grant.pupil_id, User.full_name)
                .join(User, User.id == Guardian.user_id)
                .join(Grant, Grant.id == Guardian.grant_id)
            )
            .all()
        )
    assert sorted(tuple(row) for row in rows) == [
        (first, first, "Trần Thị Mẹ"),
        (second, second, "Điểu Thị Lan"),
    ]


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_kind_is_not_switched_off_under_who_writes_a_guardian_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(world, ContactField.MOTHER, ContactField.PHONE)
    waited: list[bool] = []

    def off() -> None:
        with world.app.app_context():
            switch_off(SYSTEM, world.school_ids["a"], ContactField.MOTHER)

    other = threading.Thread(target=off)

    def record(*about: Any) -> None:  # noqa: ANN401 - whatever is recorded
        other.start()
        other.join(0.3)
        waited.append(other.is_alive())
        record_change(*about)

    monkeypatch.setattr("app.guardians.commands.record", record)
    with world.app.app_context(), clock.at(MORNING):
        details = Details(Relationship.MOTHER, "Lê Thị Tư", "0901234567")
        commands.add_guardian(
            SYSTEM, world.pupil_ids["own"][0], world.school_ids["a"], details, "key-00000001"
        )
    other.join(10)
    assert waited == [True]
