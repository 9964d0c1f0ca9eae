"""Having bulletins made, taking them, and that a filed one stays what it was."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from reports.bulletins.commands import order_scheduled, paper_of
from reports.bulletins.models import Bulletin, BulletinOrder
from reports.bulletins.rules import read_content
from reports.cubes.models import ClassDay
from tests.reports.extracts.test_commands import fill_stretches
from tests.reports.figures import AFTER_OCTOBER, BIG, SMALL, add_figures, change_cube

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World

OFFICER = Role.DEPARTMENT_OFFICER


@pytest.fixture
def october(world: World) -> Iterator[World]:
    with clock.at(AFTER_OCTOBER):
        add_figures(world, *BIG, SMALL)
        with world.app.app_context(), db.transaction() as session:
            fill_stretches(session)
        yield world


def order(client: FlaskClient, unit: int, key: str = "key-of-the-page", **more: str) -> TestResponse:
    form = {"unit": str(unit), "period": "2026-10", "key": key, **more}
    return client.post("/reports/bulletins/order", data=form)


def filed(world: World) -> list[Bulletin]:
    with world.app.app_context():
        query = select(Bulletin).order_by(Bulletin.id).options(undefer(Bulletin.content))
        return list(db.session().scalars(query))


def test_the_department_has_all_schools_told_once_and_takes_the_files(october: World) -> None:
    client = october.client(OFFICER, gave_factor=True)
    assert order(client, october.ward_id, with_schools="y").status_code == 302
    assert order(client, october.ward_id, with_schools="y").status_code == 302  # the same form again
    rows = filed(october)
    assert [row.revision for row in rows] == [1, 1, 1]
    ward, school = rows[0], next(row for row in rows if row.unit_id == october.school_ids["a"])
    page = client.get("/reports/bulletins").text
    assert "Tiểu học Hoa Sen" in page
    assert "Lưu 3 báo cáo" in page
    paper = client.get(f"/reports/bulletins/{school.id}/bulletin.pdf")
    assert paper.data.startswith(b"%PDF")
    assert hashlib.sha256(paper.data).hexdigest() == school.paper_sha256
    assert paper.headers["X-Content-SHA256"] == school.sha256
    told = client.get(f"/reports/bulletins/{ward.id}/bulletin.xlsx").data
    cells = {one.value for sheet in openpyxl.load_workbook(io.BytesIO(told)) for row in sheet for one in row}
    assert "không công bố" in cells
    assert f"SHA-256: {ward.sha256}" in cells
    spec = client.get(f"/reports/bulletins/{ward.id}/bulletin.vl.json")
    assert spec.headers["Content-Type"] == "application/vnd.vegalite.v5+json"
    assert spec.headers["Content-Disposition"].endswith('.vl.json"')
    assert spec.get_json(force=True)["$schema"].endswith("vega-lite/v5.json")
    with october.app.app_context():
        actions = set(db.session().scalars(select(AuditEntry.action)))
    assert {"bulletins.ordered", "bulletin.filed", "bulletin.downloaded", "indicators.exported"} <= actions


def test_a_filed_bulletin_stays_what_it_was_when_figures_change(october: World) -> None:
    client, school = october.client(Role.PRINCIPAL, gave_factor=True), october.school_ids["a"]
    assert order(client, school).status_code == 302
    assert order(client, school, "the-same-figures").status_code == 302
    (first,) = filed(october)
    with october.app.app_context():
        class_id = db.session().scalars(select(func.max(ClassDay.class_id))).one()
    change_cube(october, class_id, sessions_taken=0)
    assert order(client, school, "other-figures").status_code == 302
    again, second = filed(october)
    assert (again.sha256, again.content) == (first.sha256, first.content)
    assert (second.revision, second.sha256 != first.sha256) == (2, True)
    with october.app.app_context():
        assert hashlib.sha256(paper_of(read_content(first.content))).hexdigest() == first.paper_sha256
    result = october.app.test_cli_runner().invoke(args=["bulletins", "verify"])
    assert (result.exit_code, "Đã dựng lại 2 báo cáo; 0 " in result.output) == (0, True)
    with october.app.app_context(), db.transaction() as session:
        session.get_one(Bulletin, first.id).content = first.content.replace("tháng", "năm")
    assert october.app.test_cli_runner().invoke(args=["bulletins", "verify"]).exit_code == 1


def test_a_school_orders_and_takes_its_own_only(october: World) -> None:
    officer, principal = (
        october.client(OFFICER, gave_factor=True),
        october.client(Role.PRINCIPAL, gave_factor=True),
    )
    other = october.school_ids["b"]
    assert order(principal, other).status_code == 404
    assert order(principal, october.ward_id).status_code == 404
    assert order(officer, other).status_code == 302
    (row,) = filed(october)
    assert officer.get(f"/reports/bulletins/{row.id}/bulletin.pdf").status_code == 200
    assert principal.get(f"/reports/bulletins/{row.id}/bulletin.pdf").status_code == 404
    assert "THCS Sao Mai" not in principal.get("/reports/bulletins").text
    assert order(officer, other, "next-year", period="2027-12").status_code == 422


def test_the_schedule_orders_the_month_before_once(october: World) -> None:
    client = october.client(OFFICER)
    form = {"unit": str(october.school_ids["a"]), "day": "3", "hour": "6"}
    assert client.post("/reports/bulletins/schedule", data=form).status_code == 302
    assert "6 giờ ngày 3 hằng tháng" in client.get("/reports/bulletins").text
    for minute in (0, 6):
        with clock.at(datetime(2026, 11, 2, 23, minute, tzinfo=UTC)), october.app.app_context():
            order_scheduled()
    with october.app.app_context():
        (row,) = db.session().scalars(select(BulletinOrder))
        assert (row.period, row.made_by, row.done_at is not None) == ("2026-10", None, True)
    assert len(filed(october)) == 1
    assert client.post("/reports/bulletins/schedule", data={"unit": form["unit"]}).status_code == 302
    assert "6 giờ ngày 3 hằng tháng" not in client.get("/reports/bulletins").text
