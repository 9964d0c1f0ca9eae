"""Accounts for a class at once: pupils get theirs, slips are taken once, another slice may bring guardians."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, runs
from app.accounts.commands.runs import Source, WantedRun, make_accounts, order_run, use_source
from app.accounts.models import AccountRun, Grant, SlipBatch, User
from app.accounts.queries.holders import runs_of_school
from app.accounts.rules.holders import Holder
from app.accounts.rules.sealing import Sealer
from tests.world import FIRST_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from app.school.models import SchoolClass
    from tests.world import World


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real hash takes a quarter of a second on purpose; what is tested here is not the hash."""
    monkeypatch.setattr("app.accounts.feature.hash_password", lambda password: f"hash of {password}")


@pytest.fixture
def office(world: World) -> FlaskClient:
    return world.client(Role.OFFICE_CLERK, gave_factor=True)


@pytest.fixture
def guardians(world: World) -> Iterator[dict[int, int]]:
    """Guardians as another slice would keep them: one of the first two pupils of 4/1, who has no account yet."""
    accounts: dict[int, int] = {}
    pupils = tuple(world.pupil_ids["own"][:2])

    def of_class(_session: object, school_class: SchoolClass, _day: object) -> list[Holder]:
        if school_class.id != world.class_ids["own"]:
            return []
        return [Holder(7, "Lê Thị Mẹ", "Phụ huynh em An", pupils, accounts.get(7))]

    use_source(
        Role.GUARDIAN,
        Source(of_class, lambda _session, holder, user_id: accounts.update({holder.key: user_id})),
    )
    yield accounts
    runs._SOURCES.pop(Role.GUARDIAN)  # noqa: SLF001 - the seam has no way back, and needs none


def ask(office: FlaskClient, world: World, **fields: str) -> None:
    path = f"/schools/{world.school_ids['a']}/accounts"
    assert office.post(path, data={"key": "k", "role": "pupil"} | fields).status_code == 302


def accounts_of_pupils(world: World) -> dict[int, int]:
    with world.app.app_context():
        rows = db.session().execute(select(Grant.pupil_id, Grant.user_id).where(Grant.role == "pupil"))
        return {row[0]: row[1] for row in rows if row[0]}


def latest(world: World) -> int:
    with world.app.app_context():
        return db.session().scalar(select(func.max(AccountRun.id))) or 0


def test_every_pupil_of_a_school_gets_one_account_and_one_slip(world: World, office: FlaskClient) -> None:
    before = accounts_of_pupils(world)
    ask(office, world)
    ask(office, world)
    ask(office, world, key="once more")
    after = accounts_of_pupils(world)
    everybody = {*world.pupil_ids["own"], *world.pupil_ids["other_class"]}
    assert set(after) == everybody
    assert before.items() <= after.items()
    with world.app.app_context():
        newest, first = runs_of_school(db.session(), world.school_ids["a"])
        assert (first.count, newest.count) == (11, 0)
        assert [batch.title for batch in first.batches] == ["Lớp 4/1", "Lớp 4/2"]
        user = db.session().get_one(User, after[world.pupil_ids["own"][1]])
        assert (user.username, user.must_change_password) == ("dieu.k.ran", True)


def test_the_slips_of_a_run_are_taken_once_as_sheets(world: World, office: FlaskClient) -> None:
    ask(office, world)
    path = f"/account-runs/{latest(world)}/slips.pdf"
    taken = office.post(path)
    assert (taken.status_code, taken.data[:5]) == (200, b"%PDF-")
    assert office.post(path).status_code == 409
    with world.app.app_context():
        assert set(db.session().scalars(select(SlipBatch.sealed))) == {None}
    assert world.client(Role.PRINCIPAL, gave_factor=True).post(path).status_code == 409


def test_the_slips_of_one_class_are_taken_once_as_sheets(world: World, office: FlaskClient) -> None:
    ask(office, world, class_id=str(world.class_ids["own"]))
    with world.app.app_context():
        slip_id = db.session().scalars(select(SlipBatch.id)).one()
    assert "Lớp 4/1" in office.get(f"/slips/{slip_id}").text
    taken = office.post(f"/slips/{slip_id}/slips.pdf")
    assert (taken.mimetype, taken.data[:5]) == ("application/pdf", b"%PDF-")
    assert office.post(f"/slips/{slip_id}/slips.pdf").status_code == 409


def test_a_class_is_reset_but_nobody_who_is_more_than_a_pupil(world: World, office: FlaskClient) -> None:
    own = str(world.class_ids["own"])
    ask(office, world, class_id=own)
    user_id = accounts_of_pupils(world)[world.pupil_ids["own"][2]]
    with world.app.app_context(), db.transaction() as session:
        grant = NewGrant(Role.PRINCIPAL, world.school_ids["a"], FIRST_DAY)
        add_grant(session, SYSTEM, user_id, grant)
        kept = session.get_one(User, user_id).password
    ask(office, world, class_id=own, resets="1", key="reset")
    with world.app.app_context():
        assert db.session().get_one(User, user_id).password == kept
        assert runs_of_school(db.session(), world.school_ids["a"])[0].count == 5


def test_classes_of_other_schools_and_roles_without_a_list_are_refused(
    world: World, office: FlaskClient
) -> None:
    path = f"/schools/{world.school_ids['a']}/accounts"
    strange = {"key": "x", "role": "pupil", "class_id": str(world.class_ids["other_school"])}
    assert office.post(path, data=strange).status_code == 404
    assert office.post(path, data={"key": "x", "role": "principal"}).status_code == 404
    assert office.post(path, data={"key": "x", "role": "homeroom_teacher"}).status_code == 404


def test_guardians_come_from_whoever_keeps_them(
    world: World, office: FlaskClient, guardians: dict[int, int]
) -> None:
    ask(office, world, role="guardian")
    ask(office, world, role="guardian", key="again")
    with world.app.app_context():
        rows = db.session().execute(
            select(Grant.pupil_id).where(Grant.role == "guardian", Grant.user_id == guardians[7])
        )
        assert sorted(row[0] or 0 for row in rows) == world.pupil_ids["own"][:2]


def test_a_run_that_was_cut_off_goes_on(world: World) -> None:
    sealer = Sealer("x" * 40, "slips")
    with world.app.app_context():
        wanted = WantedRun(world.school_ids["a"], Role.PUPIL, "cut", world.class_ids["own"])
        run_id = order_run(SYSTEM, wanted)
        assert make_accounts(SYSTEM, run_id, str.upper, sealer, lambda *_told: None) == 0
