"""The page on which a principal has a pupil forgotten: who may, what is refused and why, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.audit.models import AuditEntry
from app.errors import ConflictError
from app.guardians.commands import add_guardian
from app.guardians.rules import Details, Relationship
from app.jobs import Job, JobState
from app.merging import Pair
from app.school.duplicates.commands import merge_pupils
from app.school.enrolment.commands.steps import Destination, Step, end_enrolment, transfer_pupil
from app.school.enrolment.rules import LeavingReason
from app.school.forgetting.commands import wiping
from app.school.forgetting.commands.wiping import NOT_WIPED
from app.school.forgetting.rules import is_named
from app.school.models import Pupil, SchoolClass
from app.text import fold
from tests.world import MONDAY, MORNING, add_pupil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from tests.world import World

WHY: Final = "Đơn số 12 ngày 5/10/2026"
NAME: Final = "Võ Thị Lành"


@pytest.fixture(autouse=True)
def _this_morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


@pytest.fixture
def principal(world: World) -> FlaskClient:
    return world.client(Role.PRINCIPAL, gave_factor=True)


@pytest.fixture
def pupil_id(world: World) -> int:
    """A pupil of class 4/1 whose name nobody else has."""
    with world.app.app_context(), db.transaction() as session:
        return add_pupil(session, session.get_one(SchoolClass, world.class_ids["own"]), NAME).id


def leave(world: World, pupil_id: int) -> None:
    with world.app.app_context():
        step = Step("leave-00001", MONDAY, "theo mẹ")
        end_enrolment(SYSTEM, pupil_id, world.school_ids["a"], LeavingReason.OTHER, step)


def forget(client: FlaskClient, pupil_id: int, typed: str = NAME, reason: str = WHY) -> tuple[int, str]:
    answer = client.post(f"/pupils/{pupil_id}/forget", data={"reason": reason, "typed": typed})
    return answer.status_code, answer.text


def name_of(world: World, pupil_id: int) -> str:
    with world.app.app_context():
        return db.session().get_one(Pupil, pupil_id).full_name


def test_a_principal_has_a_pupil_forgotten_who_has_left(
    world: World, principal: FlaskClient, pupil_id: int
) -> None:
    page = f"/pupils/{pupil_id}/forget"
    assert page not in principal.get(f"/pupils/{pupil_id}").text
    assert "còn ghi danh" in principal.get(page).text
    assert (forget(principal, pupil_id)[0], name_of(world, pupil_id)) == (422, NAME)
    leave(world, pupil_id)
    assert page in principal.get(f"/pupils/{pupil_id}").text
    preview = principal.get(page).text
    assert all(word in preview for word in ("Xóa hẳn", "Thẻ học sinh", "Lần ghi danh", "Tiểu học Hoa Sen"))
    for typed, reason, told in (
        ("Võ Thị Lan", WHY, "Không khớp"),
        ("", WHY, "Gõ họ và tên"),
        (NAME, "", "Hãy ghi lý do"),
        (NAME, f"theo đơn của mẹ em {NAME}", "Đừng ghi tên"),
    ):
        status, text = forget(principal, pupil_id, typed, reason)
        assert (status, told in text, name_of(world, pupil_id)) == (422, True, NAME), told
    assert forget(principal, pupil_id, "vo thi lanh")[0] == 302
    done = principal.get(page).text
    assert all(word in done for word in ("Đã xóa dữ liệu của em", WHY, "Bản sao lưu cũ"))
    shown = principal.get(f"/pupils/{pupil_id}").text
    assert "Dữ liệu của em đã được xóa" in shown
    assert "/return" not in shown
    assert "/guardians/new" not in shown
    assert NAME not in shown
    with world.app.app_context():
        entry = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "pupil.forgotten")).one()
        assert entry.user_id == world.user_ids[Role.PRINCIPAL]
        mother = Details(Relationship.MOTHER, "Trần Thị Ba", "")
        with pytest.raises(ConflictError, match="hồ sơ không đổi được"):
            add_guardian(SYSTEM, pupil_id, world.school_ids["a"], mother, "guardian-key-1")
    typed_again = {"full_name": NAME, "birth_date": "2016-05-17", "sex": "F"}
    refused = principal.post(f"/pupils/{pupil_id}/edit", data=typed_again)
    assert (refused.status_code, "hồ sơ không đổi được" in refused.text) == (422, True)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_only_a_principal_with_a_second_factor_of_just_now(
    world: World, pupil_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(world, pupil_id)
    page = f"/pupils/{pupil_id}/forget"
    clerk = world.client(Role.OFFICE_CLERK, gave_factor=True)
    assert page not in clerk.get(f"/pupils/{pupil_id}").text
    assert clerk.get(page).status_code == forget(clerk, pupil_id)[0] == 404
    principal = world.client(Role.PRINCIPAL, gave_factor=True)
    assert principal.get(page).status_code == 200
    stale = world.client(Role.PRINCIPAL)
    monkeypatch.setattr("app.accounts.queries.has_second_factor", lambda *_: True)
    assert [one.location.split("?")[0] for one in (stale.get(page), stale.post(page))] == [
        "/account/confirm"
    ] * 2
    assert name_of(world, pupil_id) == NAME


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_who_waits_for_another_school_is_not_forgotten(
    world: World, principal: FlaskClient, pupil_id: int
) -> None:
    with world.app.app_context():
        to = Destination(world.school_ids["b"])
        transfer_pupil(SYSTEM, pupil_id, world.school_ids["a"], to, Step("transfer-1", MONDAY))
    status, text = forget(principal, pupil_id)
    assert (status, "THCS Sao Mai tiếp nhận" in text) == (422, True)
    assert name_of(world, pupil_id) == NAME


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_job_that_names_the_pupil_and_one_that_forgets_already(
    world: World, principal: FlaskClient, pupil_id: int
) -> None:
    leave(world, pupil_id)
    with world.app.app_context(), db.transaction() as session:
        session.add(Job(kind="x", payload=f'{{"who": "{NAME}"}}', created_at=MORNING))
    status, text = forget(principal, pupil_id)
    assert (status, "Còn một việc đang chờ" in text) == (422, True)
    with world.app.app_context(), db.transaction() as session:
        session.scalars(select(Job)).one().state = JobState.DONE
        payload = f'{{"pupil_id": {pupil_id}, "reason": "{WHY}"}}'
        session.add(Job(kind="pupil.forget", payload=payload, created_at=MORNING))
    assert forget(principal, pupil_id)[0] == 302
    assert "Đang chờ đến lượt" in principal.get(f"/pupils/{pupil_id}/forget").text
    assert "HX-Refresh" not in principal.get(f"/pupils/{pupil_id}/forget/progress").headers
    assert name_of(world, pupil_id) == NAME


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_busy_file_is_said_and_cleaned_up_when_asked_again(
    world: World, principal: FlaskClient, pupil_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(world, pupil_id)
    assert principal.post(f"/pupils/{pupil_id}/forget/wipe").status_code == 409

    def busy() -> None:
        raise ConflictError(wiping.NOT_WIPED)

    with monkeypatch.context() as patch:
        patch.setattr("app.school.forgetting.commands.wipe", busy)
        assert forget(principal, pupil_id)[0] == 302
    page = principal.get(f"/pupils/{pupil_id}/forget").text
    assert NOT_WIPED in page
    assert NAME not in page
    assert principal.post(f"/pupils/{pupil_id}/forget/wipe").status_code == 302
    assert NOT_WIPED not in principal.get(f"/pupils/{pupil_id}/forget").text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_records_merged_into_one_go_together(world: World, principal: FlaskClient, pupil_id: int) -> None:
    with world.app.app_context():
        with db.transaction() as session:
            twin = Pupil(
                full_name=f"{NAME} Hai", name_sort="", name_fold="vo thi lanh hai", created_at=MORNING
            )
            session.add(twin)
            session.flush()
            other = twin.id
        merge_pupils(SYSTEM, world.school_ids["a"], Pair(pupil_id, other), (), "merge-0001")
    leave(world, pupil_id)
    assert (
        world.app.test_cli_runner()
        .invoke(args=["pupil", "forget", str(other), "--reason", WHY, "--yes"])
        .output.startswith("Error: Hồ sơ này đã được gộp")
    )
    assert forget(principal, pupil_id)[0] == 302
    assert "Lành" not in name_of(world, pupil_id) + name_of(world, other)


@given(st.text(max_size=12), st.text(max_size=12))
def test_a_pupil_is_named_by_the_whole_name_or_code_only(name: str, typed: str) -> None:
    assert is_named(name, name, None) is bool(fold(name))
    assert is_named(typed, f"Võ {name}", f"7{typed}") is (fold(typed) == fold(f"Võ {name}"))
    assert is_named("", name, "") is False
