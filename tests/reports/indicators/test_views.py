"""The attendance report as people see it."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.commands import add_unit
from app.school.models import OrgUnit
from app.school.rules import UnitKind
from tests.reports.figures import BIG, SCHOOL_DAYS, ClassFigures, add_figures

if TYPE_CHECKING:
    from tests.world import World

DAYS = len(SCHOOL_DAYS)
OFFICER = Role.DEPARTMENT_OFFICER
FOUNDED = date(2025, 7, 1)


def page(world: World, role: Role, address: str) -> str:
    response = world.client(role).get(address, follow_redirects=True)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.text)  # a space that does not break is a space too


def percent(absent: int, expected: int) -> str:
    return f"{100 * (expected - absent) / expected:.1f}".replace(".", ",") + " %"


@pytest.mark.usefixtures("class_ids")
def test_the_officer_sees_the_rate_of_each_school_as_a_ratio_of_sums(november: World) -> None:
    add_figures(november, ClassFigures("6A2", 20, excused=30, school="b"))
    shown = page(november, OFFICER, "/reports/attendance")
    pupils = sum(item.pupils for item in BIG) + 7
    absent = sum(item.excused + item.unexcused for item in BIG) + 3
    assert percent(absent, pupils * DAYS) in shown
    assert percent(30, 20 * DAYS) in shown
    assert percent(absent + 30, (pupils + 20) * DAYS) in shown


@pytest.mark.usefixtures("class_ids")
def test_a_province_opens_to_its_wards_and_a_ward_to_its_schools(november: World) -> None:
    add_figures(november, ClassFigures("6A2", 20, excused=30, school="b"))
    with november.app.app_context(), db.transaction() as session:
        other = add_unit(
            session, UnitKind.WARD, "25195", "Phường Bình Phước", november.province_id, valid_from=FOUNDED
        )
        session.get_one(OrgUnit, november.school_ids["b"]).parent_id = other.id
        ward = other.id
    shown = page(november, OFFICER, "/reports/attendance")
    lines = re.findall(r'<th scope="row"[^>]*><a href="([^"]+)">([^<]+)</a>', shown)
    assert [name for _, name in lines] == ["Phường Bình Phước", "Phường Đồng Xoài"]
    assert [f'class="place" href="{url}"' in shown for url, _ in lines] == [
        True,
        True,
    ]  # a tile each, no fifths of two
    assert percent(30, 20 * DAYS) in shown
    within = page(november, OFFICER, lines[0][0].replace("&amp;", "&"))
    assert f"/reports/attendance/{november.school_ids['b']}?" in within
    assert f"/reports/attendance/{november.school_ids['a']}?" not in within
    book = november.client(OFFICER, gave_factor=True).get(f"/reports/attendance.xlsx?ward={ward}")
    sheets = load_workbook(BytesIO(book.data), read_only=True).worksheets
    cells = {str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "THCS Sao Mai" in cells
    assert "Tiểu học Hoa Sen" not in cells


@pytest.mark.usefixtures("class_ids")
def test_a_school_opens_to_its_classes_in_natural_order(november: World) -> None:
    shown = page(november, OFFICER, f"/reports/attendance/{november.school_ids['a']}")
    names = re.findall(r'<th scope="row"[^>]*> ?([^<]+?) ?</th>', shown)
    assert names == ["4/1", "4/2", "4/3", "4/4", "4/5", "4/6", "Tổng cộng"]
    assert percent(15, 30 * DAYS) in shown


def test_registers_that_were_not_taken_change_coverage_not_the_rate(november: World) -> None:
    add_figures(november, ClassFigures("4/3", 30, excused=15, taken=15))
    shown = page(november, OFFICER, f"/reports/attendance/{november.school_ids['a']}")
    assert percent(15, 30 * 15) in shown
    assert f"(15/{DAYS})" in shown
    assert "tạm tính" in shown


@pytest.mark.usefixtures("class_ids")
def test_a_month_with_every_register_taken_is_not_provisional(november: World) -> None:
    assert "tạm tính" not in page(november, OFFICER, "/reports/attendance")


def test_a_class_without_a_taken_register_has_no_rate(november: World) -> None:
    add_figures(november, ClassFigures("4/3", 30, taken=0))
    shown = page(november, OFFICER, f"/reports/attendance/{november.school_ids['a']}")
    assert "100,0 %" not in shown
    assert "Chưa có buổi nào được điểm danh" in shown


@pytest.mark.usefixtures("class_ids")
def test_the_address_bar_holds_the_whole_view(november: World) -> None:
    address = f"/reports/attendance/{november.school_ids['a']}?month=2026-10&order=rate"
    names = re.findall(r'<th scope="row"[^>]*> ?([^<]+?) ?</th>', page(november, OFFICER, address))
    assert names[:2] == ["4/4", "4/3"]
    assert "Chưa có dữ liệu của tháng này" in page(november, OFFICER, "/reports/attendance?month=2026-02")
    assert "Chưa có dữ liệu của tháng này" in page(november, OFFICER, "/reports/attendance?level=3")
    assert "Tiểu học Hoa Sen" in page(november, OFFICER, "/reports/attendance?month=nonsense&level=9&order=x")


@pytest.mark.usefixtures("class_ids")
def test_the_principal_goes_straight_to_the_own_school_and_nowhere_else(november: World) -> None:
    assert "Tỷ lệ chuyên cần theo lớp" in page(november, Role.PRINCIPAL, "/reports/attendance?month=2026-10")
    client = november.client(Role.PRINCIPAL)
    assert client.get(f"/reports/attendance/{november.school_ids['b']}").status_code == 404


@pytest.mark.usefixtures("class_ids")
def test_teachers_have_no_report(november: World) -> None:
    assert november.client(Role.HOMEROOM_TEACHER).get("/reports/attendance").status_code == 404


@pytest.mark.usefixtures("class_ids")
def test_looking_at_full_figures_is_logged(november: World) -> None:
    page(november, OFFICER, f"/reports/attendance/{november.school_ids['a']}?month=2026-10")
    with november.app.app_context():
        entry = db.session().scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_id) == ("figures.viewed", str(november.school_ids["a"]))
    assert entry.user_id == november.user_ids[OFFICER]


@pytest.mark.usefixtures("class_ids")
def test_the_english_page_has_decimal_points(november: World) -> None:
    client = november.client(OFFICER)
    client.set_cookie("bx_lang", "en")
    shown = client.get("/reports/attendance").text
    assert "Attendance by school" in shown
    assert re.search(r"\d\d\.\d.%", shown)
