"""The official form: complete inside, guarded outside, summed over what is told."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import select, update

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.models import ClassMembership, Pupil
from reports.official.rules import Occasion, official_period
from reports.releases.models import FrozenCell, ReleaseCertificate

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.world import World

OFFICER = Role.DEPARTMENT_OFFICER


def test_the_days_are_those_of_the_circular() -> None:
    start, end = (official_period("2026-2027", one) for one in Occasion)
    assert (f"{start.as_of:%d/%m/%Y}", f"{start.due_on:%d/%m/%Y}") == ("30/09/2026", "31/10/2026")
    assert (f"{end.as_of:%d/%m/%Y}", f"{end.due_on:%d/%m/%Y}") == ("31/05/2027", "30/06/2027")


def cells(client: FlaskClient, unit: int) -> list[list[object]]:
    told = client.get(f"/reports/official/{unit}/start/form.xlsx")
    assert told.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(told.data)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def line(rows: list[list[object]], name: str) -> list[object]:
    return next(row for row in rows if row[0] == name)


@pytest.mark.usefixtures("class_ids")
def test_a_small_group_is_on_the_page_and_not_in_the_file(november: World) -> None:
    school = november.school_ids["a"]
    with november.app.app_context(), db.transaction() as session:
        members = select(ClassMembership.pupil_id).join(Pupil, Pupil.id == ClassMembership.pupil_id)
        some = session.scalars(members.where(Pupil.sex.is_(None)).order_by(Pupil.id).limit(40)).all()
        session.execute(update(Pupil).where(Pupil.id.in_(some)).values(sex="F"))
        session.execute(update(Pupil).where(Pupil.id.in_(some[:3])).values(disability="nghe"))
    client = november.client(OFFICER, gave_factor=True)
    page = client.get(f"/reports/official/{school}/start").text
    assert "Báo cáo đầu năm học" in page
    assert '<td class="num">3</td>' in page
    rows = cells(client, school)
    whole = line(rows, "Tổng cộng")
    assert whole[2:] == [106, 52, 0, "không công bố"]
    assert line(rows, "Lớp 4")[2:] == whole[2:]
    ward = cells(client, november.ward_id)
    assert line(ward, "Tổng cộng")[2] == 106  # the other school has six pupils
    assert "Tổng cộng tính trên 1 của 2 trường." in {row[0] for row in ward}
    assert client.get(f"/reports/official/{school}/start/form.pdf").data.startswith(b"%PDF")
    with november.app.app_context():
        frozen = set(db.session().scalars(select(FrozenCell.dataset)))
        assert "official_disabled" in frozen
        assert db.session().scalars(select(ReleaseCertificate.dataset).distinct()).all()
        assert "official.exported" in set(db.session().scalars(select(AuditEntry.action)))


def test_a_school_sees_its_own_form_only(november: World) -> None:
    principal = november.client(Role.PRINCIPAL, gave_factor=True)
    assert principal.get("/reports/official").status_code == 200
    assert principal.get(f"/reports/official/{november.school_ids['a']}/start").status_code == 200
    assert principal.get(f"/reports/official/{november.school_ids['b']}/start").status_code == 404
    assert principal.get(f"/reports/official/{november.ward_id}/end").status_code == 404
    assert principal.get(f"/reports/official/{november.school_ids['a']}/start?year=x").status_code == 404
