"""Files of many schools are made by a job, once for who asks twice, and only who asked takes them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from app.jobs import Job, JobState
from reports.files.models import ReportFile
from tests.reports.extracts.test_commands import october

if TYPE_CHECKING:
    from tests.world import World

__all__ = ["october"]
OFFICER = Role.DEPARTMENT_OFFICER


@pytest.fixture(autouse=True)
def _one_school_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.exports.views.MOST_AT_ONCE", 1)
    monkeypatch.setattr("reports.official.views.MOST_AT_ONCE", 1)
    monkeypatch.setattr("reports.kept.commands.MOST_AT_ONCE", 1)


def test_each_kind_of_file_is_made_later_and_opens(october: World) -> None:
    client, ward = october.client(OFFICER, gave_factor=True), october.ward_id
    asked = (
        "/reports/attendance.xlsx?month=2026-10",
        f"/reports/figures/{ward}/export?period=2026-10&format=xlsx",
        f"/reports/official/{ward}/start/form.xlsx",
        f"/reports/official/{ward}/start/form.pdf",
    )
    for address in asked:
        for _twice in range(2):
            answer = client.get(address)
            assert (answer.status_code, answer.location) == (302, "/reports/files"), address
    with october.app.app_context():
        files = db.session().scalars(select(ReportFile).order_by(ReportFile.id)).all()
        assert [one.kind for one in files] == ["attendance", "extract", "form", "form"]
    page = client.get("/reports/files").text
    assert page.count("Tải về") == 4
    for one in files:
        told = client.get(f"/reports/files/{one.id}/download")
        assert one.name in told.headers["Content-Disposition"].encode("latin-1").decode()
        if one.name.endswith("xlsx"):
            assert openpyxl.load_workbook(io.BytesIO(told.data)).sheetnames
        else:
            assert told.data.startswith(b"%PDF")
    assert (
        october.client(Role.PRINCIPAL, gave_factor=True)
        .get(f"/reports/files/{files[0].id}/download")
        .status_code
        == 404
    )
    with october.app.app_context():
        assert "report_file.taken" in set(db.session().scalars(select(AuditEntry.action)))


def test_a_file_that_is_not_there_yet_cannot_be_taken_and_a_failed_one_says_so(
    october: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = october.client(OFFICER, gave_factor=True)
    monkeypatch.setattr("app.jobs.Jobs.push", lambda *_job: None)
    client.get("/reports/attendance.xlsx?month=2026-10")
    with october.app.app_context():
        (one,) = db.session().scalars(select(ReportFile))
    assert "Đang chờ đến lượt" in client.get("/reports/files").text
    assert client.get(f"/reports/files/{one.id}/download").status_code == 404
    with october.app.app_context(), db.transaction() as session:
        job = session.get_one(Job, one.job_id)
        job.state, job.error = JobState.FAILED, "Công việc bị lỗi."
    assert "Công việc bị lỗi." in client.get("/reports/files").text


def test_the_form_of_many_schools_is_kept_and_shown_complete(
    october: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = october.client(OFFICER)
    address = f"/reports/official/{october.ward_id}/start"
    shown = client.get(address).text
    assert "Số liệu tính lúc" in shown
    monkeypatch.setattr("reports.kept.commands.MOST_AT_ONCE", 20)
    live = client.get(address).text
    assert shown.split("<tbody>")[1].split("</tbody>")[0] == live.split("<tbody>")[1].split("</tbody>")[0]
