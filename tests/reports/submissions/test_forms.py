"""The forms of the official days take the same steps as a month."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.models import ClassMembership, Pupil
from reports.exchange.models import OutgoingSlice
from reports.official.rules import OfficialPeriod
from reports.releases.models import FrozenCell
from reports.submissions.models import Submission, SubmissionEvent, SubmissionReminder
from reports.submissions.rules import parse_period, words_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World

START = "2026-2027-start"
OFFICER = Role.DEPARTMENT_OFFICER


def page(client: FlaskClient, school_id: int, period: str = START) -> str:
    return client.get(f"/submissions/{school_id}?period={period}").text


def step(
    client: FlaskClient, school_id: int, name: str, reason: str = "", period: str = START
) -> TestResponse:
    found = re.search(r'name="seen"[^>]*value="([0-9a-f]{64})"', page(client, school_id, period))
    form = {"period": period, "reason": reason, "seen": found[1] if found else "0" * 64}
    return client.post(f"/submissions/{school_id}/{name}", data=form)


def complete(world: World) -> None:
    """Give every pupil a sex and an ethnicity, and three of class 4 a disability."""
    with world.app.app_context(), db.transaction() as session:
        session.execute(update(Pupil).values(sex="F", ethnicity="Kinh"))
        some = session.scalars(
            select(ClassMembership.pupil_id).order_by(ClassMembership.pupil_id.desc()).limit(3)
        )
        session.execute(update(Pupil).where(Pupil.id.in_(some.all())).values(disability="nghe"))


def test_a_name_is_a_month_or_an_official_day_or_nothing() -> None:
    assert str(parse_period("2026-10")) == "2026-10"
    found = parse_period(START)
    assert isinstance(found, OfficialPeriod)
    assert (str(found), words_of(found)) == (START, "Báo cáo đầu năm học 2026-2027")
    assert [parse_period(one) for one in ("2026-2028-start", "2026-2027", "2026-2027-START", "")] == [
        None
    ] * 4


@pytest.mark.usefixtures("class_ids")
def test_what_the_records_lack_is_a_warning_and_a_day_to_come_blocks(november: World) -> None:
    principal, school = november.client(Role.PRINCIPAL), november.school_ids["a"]
    shown = page(principal, school)
    assert "học sinh chưa ghi giới tính" in shown
    assert step(principal, school, "approve").status_code == 422
    assert step(principal, school, "approve", "Đang bổ sung hồ sơ").status_code == 302
    assert "Đang bổ sung hồ sơ" in page(principal, school)
    end = "2026-2027-end"
    assert "Chưa đến ngày 31/05/2027" in page(principal, school, end)
    assert step(principal, school, "approve", "x", end).status_code in {409, 422}


@pytest.mark.usefixtures("class_ids")
def test_a_form_goes_from_the_office_to_the_department_and_is_locked(november: World) -> None:
    complete(november)
    school = november.school_ids["a"]
    clerk, principal, officer = (november.client(one) for one in (Role.OFFICE_CLERK, Role.PRINCIPAL, OFFICER))
    assert step(clerk, school, "submit").status_code == 302
    assert step(clerk, school, "approve").status_code == 404
    assert step(principal, school, "approve").status_code == 302
    assert "Trường đã duyệt" in page(officer, school)
    with november.app.app_context(), db.transaction() as session:
        one = session.scalar(select(func.max(ClassMembership.pupil_id)))
        session.execute(update(Pupil).where(Pupil.id == one).values(sex="M"))
    assert "1 khối thay đổi số liệu sau khi nhà trường duyệt." in page(officer, school)
    assert "1 khối thay đổi sau khi duyệt" in officer.get(f"/submissions?period={START}").text
    assert step(officer, school, "accept").status_code == 422
    assert step(principal, school, "approve").status_code == 302
    assert step(officer, school, "accept").status_code == 302
    assert "Đã chốt, đã khóa số liệu" in page(officer, school)
    assert "Đã chốt, đã khóa số liệu" in officer.get("/reports/official").text
    with november.app.app_context():
        session = db.session()
        assert session.scalars(select(SubmissionEvent.action).order_by(SubmissionEvent.id)).all() == [
            "submitted", "approved", "approved", "accepted",
        ]  # fmt: skip
        assert "official_disabled" in set(session.scalars(select(FrozenCell.dataset)))
        (piece,) = session.scalars(select(OutgoingSlice))
        assert (piece.dataset, piece.period, piece.sequence) == ("official_form", START, 1)
        told = {row["key"]: row for row in json.loads(piece.content)["rows"]}
        assert next(iter(told)) == ""
        assert all("disabled" in row["withheld"] for row in told.values())  # three in the whole school
        assert "submission.accepted" in set(session.scalars(select(AuditEntry.action)))
    assert step(officer, school, "reopen").status_code == 422
    assert step(officer, school, "reopen", "Nhầm lớp").status_code == 302
    with november.app.app_context():
        assert db.session().scalars(select(Submission.state)).all() == ["reopened"]


@pytest.mark.usefixtures("class_ids")
def test_schools_that_are_late_with_a_form_are_listed_by_ward_and_reminded(november: World) -> None:
    complete(november)
    officer, principal = november.client(OFFICER), november.client(Role.PRINCIPAL)
    assert "Báo cáo đầu năm học 2026-2027 chờ nhà trường duyệt" in principal.get("/").text
    listed = officer.get(f"/submissions?period={START}").text
    assert "2 trường quá hạn duyệt" in listed
    assert "0/2" in listed
    assert officer.post("/submissions/remind", data={"period": START}).status_code == 302
    assert "Sở nhắc ngày 02/11/2026" in principal.get("/").text
    with november.app.app_context():
        assert set(db.session().scalars(select(SubmissionReminder.period))) == {START}
    assert step(principal, november.school_ids["a"], "approve").status_code == 302
    assert "Báo cáo đầu năm học 2026-2027 chờ nhà trường duyệt" not in principal.get("/").text
    assert page(principal, november.school_ids["b"]).count("<h1") == 1
    assert principal.get(f"/submissions/{november.school_ids['b']}?period={START}").status_code == 404
