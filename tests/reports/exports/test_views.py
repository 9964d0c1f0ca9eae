"""The Excel file, opened again by another library."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from reports.releases.models import FrozenCell
from tests.reports.figures import AFTER_OCTOBER, BIG, SCHOOL_DAYS, ClassFigures, add_figures

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from tests.world import World

OFFICER = Role.DEPARTMENT_OFFICER
FIRST_ROW = 6


def download(world: World, address: str, role: Role = OFFICER) -> bytes:
    response = world.client(role).get(address)
    assert response.status_code == 200
    content: bytes = response.data
    return content


def sheets(content: bytes) -> tuple[Worksheet, Worksheet]:
    book = openpyxl.load_workbook(BytesIO(content))
    first, second = book.worksheets
    return first, second


def rows(sheet: Worksheet) -> dict[tuple[Any, Any], list[Any]]:
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW)]
    return {(row[0], row[1]): row[2:] for row in values}


@pytest.mark.usefixtures("class_ids")
def test_the_file_holds_rates_counts_and_definitions(november: World) -> None:
    figures, meanings = sheets(download(november, "/reports/attendance.xlsx?month=2026-10"))
    big = BIG[2]
    row = rows(figures)["Tiểu học Hoa Sen", big.name]
    days = len(SCHOOL_DAYS)
    assert row[0] == pytest.approx(1 - (big.excused + big.unexcused) / (big.pupils * days))
    assert row[1] == 1
    assert row[3:8] == [days, days, big.pupils, big.pupils * days, big.excused]
    assert figures.freeze_panes == "C6"
    cells = next(row for row in figures.iter_rows(min_row=FIRST_ROW) if row[1].value == big.name)
    assert (cells[2].number_format, cells[5].number_format) == ("0.0%", "#,##0")
    assert "Tỷ lệ chuyên cần" in [cell.value for cell in meanings["A"]]
    assert "1 trừ" in str(meanings["B2"].value)


@pytest.mark.usefixtures("class_ids")
def test_what_is_withheld_is_a_word_and_no_number(november: World) -> None:
    figures, _meanings = sheets(download(november, f"/reports/attendance/{november.school_ids['a']}.xlsx"))
    withheld = {name: values for (_s, name), values in rows(figures).items() if values[0] == "Không công bố"}
    assert {"4/1", "4/2", "4/6"} <= withheld.keys()
    assert not any(isinstance(value, int | float) for values in withheld.values() for value in values)
    assert rows(figures)["Tiểu học Hoa Sen", "Tổng cộng"][0] is not None


@pytest.mark.usefixtures("class_ids")
def test_taking_a_file_freezes_what_it_withheld_and_is_logged(november: World) -> None:
    download(november, "/reports/attendance.xlsx?month=2026-10")
    with november.app.app_context():
        cells = db.session().scalars(select(FrozenCell.cell).where(FrozenCell.period == "2026-10")).all()
        entry = db.session().scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert len(cells) >= 3
    assert entry is not None
    assert entry.action == "figures.exported"


@pytest.mark.usefixtures("class_ids")
def test_the_same_figures_give_the_same_bytes(november: World) -> None:
    address = "/reports/attendance.xlsx?month=2026-10"
    first = download(november, address)
    with clock.at(AFTER_OCTOBER):
        assert download(november, address) == first


def test_a_name_is_a_text_whatever_it_looks_like(november: World) -> None:
    names = ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "=HYPERLINK(1)", "4/7", "1E5"]
    add_figures(november, *(ClassFigures(name, 30, excused=20, late=12) for name in names))
    figures, meanings = sheets(download(november, "/reports/attendance.xlsx"))
    cells = [cell for sheet in (figures, meanings) for row in sheet.iter_rows() for cell in row]
    assert {cell.value for cell in cells if cell.data_type == "s"} >= set(names)
    assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_only_who_may_see_the_report_may_take_it(november: World) -> None:
    school = november.school_ids["b"]
    assert november.client(Role.PRINCIPAL).get(f"/reports/attendance/{school}.xlsx").status_code == 404
    assert november.client(Role.TEACHER).get("/reports/attendance.xlsx").status_code == 404
