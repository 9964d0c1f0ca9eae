"""Accepting and reopening a month, as the officer does it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.commands import add_unit
from app.school.models import OrgUnit
from app.school.rules import UnitKind
from reports.cubes.queries import month_of_school
from reports.exchange.models import OutgoingSlice
from reports.exchange.rules import SliceState
from reports.submissions.models import Submission, SubmissionEvent, SubmissionReminder
from reports.submissions.views import pages
from tests.reports.figures import (
    AFTER_OCTOBER,
    BIG,
    OCTOBER,
    SCHOOL_DAYS,
    ClassFigures,
    add_figures,
    change_cube,
)

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World

OFFICER = Role.DEPARTMENT_OFFICER
FOUNDED = date(2025, 7, 1)


def seen(client: FlaskClient, school_id: int) -> str:
    shown = client.get(f"/submissions/{school_id}?period=2026-10").text
    found = re.search(r'name="seen"[^>]*value="([0-9a-f]{64})"', shown)
    assert found
    return found[1]


def accept(
    client: FlaskClient, school_id: int, reason: str = "Trường chưa duyệt", digest: str = ""
) -> TestResponse:
    form = {"period": "2026-10", "seen": digest or seen(client, school_id), "reason": reason}
    return client.post(f"/submissions/{school_id}/accept", data=form)


def reopen(client: FlaskClient, school_id: int, reason: str) -> TestResponse:
    return client.post(f"/submissions/{school_id}/reopen", data={"period": "2026-10", "reason": reason})


def slices(world: World) -> list[OutgoingSlice]:
    with world.app.app_context():
        return list(db.session().scalars(select(OutgoingSlice).order_by(OutgoingSlice.id)))


def count(world: World, table: type[Any]) -> int:
    with world.app.app_context():
        return db.session().scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.usefixtures("class_ids")
def test_accepting_locks_the_month_and_queues_a_protected_slice(november: World) -> None:
    client, school = november.client(OFFICER), november.school_ids["a"]
    assert accept(client, school).status_code == 302
    (row,) = slices(november)
    assert (row.organisation, row.period, row.sequence, row.state) == ("THA", "2026-10", 1, SliceState.QUEUED)
    content = json.loads(row.content)
    assert row.row_count == len(content["rows"]) == 7
    withheld = [line for line in content["rows"] if line["status"] == "withheld"]
    assert {"4/1", "4/2", "4/6"} <= {line["name"] for line in withheld}
    assert all("counts" not in line for line in withheld)
    assert all(line["counts"]["pupils"] >= 10 for line in content["rows"] if line["status"] == "published")
    assert json.loads(row.certificate)["passed"] is True
    assert "Nguyễn Văn" not in row.content
    shown = client.get(f"/submissions/{school}?period=2026-10").text
    assert "Đã chốt, đã khóa số liệu" in shown
    assert "Chốt tháng và gửi lên kho dữ liệu" not in shown


@pytest.mark.usefixtures("class_ids")
def test_accepting_twice_has_one_effect(november: World) -> None:
    client, school = november.client(OFFICER), november.school_ids["a"]
    digest = seen(client, school)
    assert accept(client, school, digest=digest).status_code == 302
    assert accept(client, school, digest=digest).status_code == 302
    assert (len(slices(november)), count(november, SubmissionEvent)) == (1, 1)


def test_figures_that_changed_meanwhile_are_not_accepted(november: World, class_ids: dict[str, int]) -> None:
    client, school = november.client(OFFICER), november.school_ids["a"]
    digest = seen(client, school)
    change_cube(november, class_ids["4/3"], unexcused=5)
    response = accept(client, school, digest=digest)
    assert response.status_code == 409
    assert (len(slices(november)), count(november, Submission)) == (0, 0)


def test_low_coverage_asks_for_a_reason_and_names_the_class(november: World) -> None:
    add_figures(november, ClassFigures("4/3", 30, excused=20, taken=15), ClassFigures("4/4", 30, excused=20))
    client, school = november.client(OFFICER), november.school_ids["a"]
    shown = client.get(f"/submissions/{school}?period=2026-10").text
    assert f"Lớp 4/3: mới điểm danh 15 trên {len(SCHOOL_DAYS)} buổi." in shown
    assert accept(client, school, reason="").status_code == 422
    assert accept(client, school, reason="   ").status_code == 422
    # What was refused leads back to where it was pressed; an address of somebody else's does not.
    form = {"period": "2026-10", "seen": seen(client, school), "reason": ""}
    for came_from, is_ours in (
        (f"http://localhost/submissions/{school}?period=2026-10", True),
        ("http://localhost.example/submissions/1", False),
        ("http://localhost//elsewhere.example/x", False),
        ("javascript:alert(1)", False),
    ):
        told = client.post(f"/submissions/{school}/accept", data=form, headers={"Referer": came_from})
        assert (told.status_code, "Mở lại trang trước</a>" in told.text) == (422, is_ours)
    assert slices(november) == []
    assert accept(client, school, reason="Lớp 4/3 nghỉ chống dịch").status_code == 302
    assert "Lớp 4/3 nghỉ chống dịch" in client.get(f"/submissions/{school}?period=2026-10").text


def test_a_month_without_any_taken_register_cannot_be_accepted(november: World) -> None:
    add_figures(november, ClassFigures("4/3", 30, taken=0))
    client, school = november.client(OFFICER), november.school_ids["a"]
    assert "Chốt tháng và gửi" not in client.get(f"/submissions/{school}?period=2026-10").text
    with november.app.app_context():
        unit = db.session().get_one(OrgUnit, school)
        digest = month_of_school(db.session(), unit, OCTOBER, AFTER_OCTOBER.date()).digest
    assert accept(client, school, reason="x", digest=digest).status_code == 422
    assert slices(november) == []


def test_what_changed_after_acceptance_is_shown_and_sent_after_reopening(
    november: World, class_ids: dict[str, int]
) -> None:
    client, school = november.client(OFFICER), november.school_ids["a"]
    accept(client, school)
    change_cube(november, class_ids["4/3"], unexcused=5)
    shown = client.get(f"/submissions/{school}?period=2026-10").text
    assert "Số liệu đã thay đổi sau khi chốt" in shown
    assert "1 lớp thay đổi sau khi chốt" in client.get("/submissions?period=2026-10").text
    assert len(slices(november)) == 1
    assert reopen(client, school, "Đính chính lớp 4/3").status_code == 302
    assert accept(client, school).status_code == 302
    first, second = slices(november)
    assert (first.state, second.state, second.sequence) == (SliceState.REPLACED, SliceState.QUEUED, 2)
    assert second.replaces_sha256 == first.sha256


@pytest.mark.usefixtures("class_ids")
def test_reopening_needs_a_reason_and_something_accepted(november: World) -> None:
    client, school = november.client(OFFICER), november.school_ids["a"]
    assert reopen(client, school, "Nhầm").status_code == 409
    accept(client, school)
    assert reopen(client, school, " ").status_code == 422
    assert reopen(client, school, "Nhầm").status_code == 302
    assert reopen(client, school, "Nhầm").status_code == 302
    with november.app.app_context():
        actions = db.session().scalars(select(SubmissionEvent.action).order_by(SubmissionEvent.id)).all()
        logged = (
            db.session()
            .scalars(select(AuditEntry.action).where(AuditEntry.action.like("submission.%")))
            .all()
        )
    assert actions == ["accepted", "reopened"]
    assert logged == ["submission.accepted", "submission.reopened"]
    with clock.at(AFTER_OCTOBER + timedelta(days=8)):  # it was in time, and the department unlocked it
        shown = november.client(OFFICER).get(f"/submissions/{school}?period=2026-10").text
    assert "chờ trường duyệt lại" in shown
    assert not re.search(r"quá hạn \d", shown)


def withheld_in(row: OutgoingSlice) -> set[str]:
    return {line["name"] for line in json.loads(row.content)["rows"] if line["status"] == "withheld"}


@pytest.mark.usefixtures("class_ids")
def test_a_withheld_class_stays_withheld_in_the_next_acceptance(november: World) -> None:
    client, school = november.client(OFFICER), november.school_ids["a"]
    accept(client, school)
    reopen(client, school, "Thử lại")
    accept(client, school)
    first, second = (withheld_in(row) for row in slices(november))
    assert first <= second


@pytest.mark.usefixtures("class_ids")
def test_the_principal_sees_the_month_and_may_not_accept_it(november: World) -> None:
    client, school = november.client(Role.PRINCIPAL), november.school_ids["a"]
    shown = client.get(f"/submissions/{school}?period=2026-10")
    assert shown.status_code == 200
    assert "Chốt tháng và gửi" not in shown.text
    assert accept(client, school, digest="0" * 64).status_code == 404
    assert client.get(f"/submissions/{november.school_ids['b']}").status_code == 404


@pytest.mark.usefixtures("class_ids")
def test_a_wrong_form_is_refused(november: World) -> None:
    client, school = november.client(OFFICER), november.school_ids["a"]
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"period": "2026-13"},
        {"period": "2026-10", "seen": "x"},
        {"period": "'--", "seen": "0" * 64},
    )
    answers = [client.post(f"/submissions/{school}/accept", data=form).status_code for form in wrong]
    assert answers == [422] * len(wrong)


@pytest.mark.usefixtures("class_ids")
def test_a_province_is_listed_ward_by_ward(november: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add_figures(november, ClassFigures("6A2", 20, excused=30, school="b"))
    with november.app.app_context(), db.transaction() as session:
        other = add_unit(
            session, UnitKind.WARD, "25195", "Phường Bình Phước", november.province_id, valid_from=FOUNDED
        )
        session.get_one(OrgUnit, november.school_ids["b"]).parent_id = other.id
    client, period = november.client(OFFICER), "/submissions?period=2026-10"
    whole = client.get(period).text
    assert "Tiểu học Hoa Sen</a>" in whole
    assert "THCS Sao Mai</a>" in whole
    monkeypatch.setattr(pages, "MOST_SCHOOLS", 1)
    first = client.get(period).text
    assert "THCS Sao Mai</a>" in first
    assert "Tiểu học Hoa Sen</a>" not in first
    link = re.search(r'href="([^"]+)">Phường Đồng Xoài</a>', first)
    assert link
    second = client.get(link[1].replace("&amp;", "&")).text
    assert "Tiểu học Hoa Sen</a>" in second
    assert "THCS Sao Mai</a>" not in second
    with clock.at(AFTER_OCTOBER + timedelta(days=8)):
        late = november.client(OFFICER).get(period).text
    assert "2 trường quá hạn duyệt" in late, "of all wards, not of the one that is listed"


def test_the_list_tells_timeliness_and_wards_and_a_month_its_missing_registers(november: World) -> None:
    add_figures(november, *BIG[:2], ClassFigures("4/7", 20, taken=20))
    officer = november.client(Role.DEPARTMENT_OFFICER)
    listed = officer.get("/submissions?period=2026-10").get_data(as_text=True)
    assert "Theo xã, phường" in listed
    assert "Phường Đồng Xoài" in listed
    assert "0/2" in listed
    assert "Duyệt đúng hạn" in listed
    page = officer.get(f"/submissions/{november.school_ids['a']}?period=2026-10").get_data(as_text=True)
    assert "Các sổ còn thiếu" in page
    assert "29/10/2026" in page
    assert "30/10/2026" in page
    assert "28/10/2026" not in page


def hand_on(client: FlaskClient, school_id: int, step: str, reason: str = "") -> TestResponse:
    with client.application.app_context():
        unit = db.session().get_one(OrgUnit, school_id)
        digest = month_of_school(db.session(), unit, OCTOBER, clock.today()).digest
    form = {"period": "2026-10", "seen": digest, "reason": reason}
    return client.post(f"/submissions/{school_id}/{step}", data=form)


def page_of(client: FlaskClient, school_id: int) -> str:
    return client.get(f"/submissions/{school_id}?period=2026-10").text


def test_office_principal_and_department_take_their_steps_in_turn(
    november: World, class_ids: dict[str, int]
) -> None:
    school = november.school_ids["a"]
    clerk, principal, officer = (
        november.client(role) for role in (Role.OFFICE_CLERK, Role.PRINCIPAL, OFFICER)
    )
    assert "Nhà trường chưa duyệt số liệu kỳ này." in page_of(officer, school)
    assert hand_on(clerk, school, "approve").status_code == 404
    assert hand_on(clerk, school, "submit").status_code == 302
    assert hand_on(clerk, school, "submit").status_code == 302
    give_back = {"period": "2026-10", "reason": "Lớp 4/3 thiếu sổ"}
    assert clerk.post(f"/submissions/{school}/return", data=give_back).status_code == 404
    assert (
        principal.post(f"/submissions/{school}/return", data=give_back | {"reason": " "}).status_code == 422
    )
    assert principal.post(f"/submissions/{school}/return", data=give_back).status_code == 302
    assert "Lớp 4/3 thiếu sổ" in page_of(clerk, school)
    assert hand_on(clerk, school, "submit").status_code == 302
    assert hand_on(principal, school, "approve").status_code == 302
    assert "Trường đã duyệt" in page_of(officer, school)
    change_cube(november, class_ids["4/3"], unexcused=5)
    assert "1 lớp thay đổi số liệu sau khi nhà trường duyệt." in page_of(officer, school)
    assert "1 lớp thay đổi sau khi duyệt" in officer.get("/submissions?period=2026-10").text
    assert accept(officer, school, reason="").status_code == 422
    assert hand_on(principal, school, "approve").status_code == 302
    assert accept(officer, school, reason="").status_code == 302
    assert hand_on(principal, school, "approve").status_code == 409
    with november.app.app_context():
        actions = db.session().scalars(select(SubmissionEvent.action).order_by(SubmissionEvent.id)).all()
    assert actions == ["submitted", "returned", "submitted", "approved", "approved", "accepted"]


@pytest.mark.usefixtures("class_ids")
def test_a_late_school_is_told_on_its_first_page_and_reminded_once_a_day(november: World) -> None:
    officer, principal = november.client(OFFICER), november.client(Role.PRINCIPAL)
    assert "Tháng 10/2026 chờ nhà trường duyệt" in principal.get("/").text
    assert "quá hạn 3 ngày" not in principal.get("/").text
    with clock.at(AFTER_OCTOBER + timedelta(days=6)):
        assert "1 trường quá hạn duyệt" in officer.get("/submissions?period=2026-10").text
        for _again in range(2):
            assert officer.post("/submissions/remind", data={"period": "2026-10"}).status_code == 302
        first_page = principal.get("/").text
        assert "quá hạn 3 ngày" in first_page
        assert "Sở nhắc ngày 08/11/2026" in first_page
        assert count(november, SubmissionReminder) == 1
        assert hand_on(principal, november.school_ids["a"], "approve").status_code == 302
        assert "Tháng 10/2026 chờ nhà trường duyệt" not in principal.get("/").text
    assert principal.post("/submissions/remind", data={"period": "2026-10"}).status_code == 404
