"""Lists over HTTP: searched, filtered, sorted, paged, on paper, as a workbook; and the queries they cost."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import event, select

from app import db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, new_user
from app.audit.models import AuditEntry
from app.school.commands import add_unit
from app.school.models import School
from app.school.rules import UnitKind
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def officer(world: World) -> FlaskClient:
    return world.client(Role.DEPARTMENT_OFFICER)


@pytest.fixture
def clerk(world: World) -> FlaskClient:
    return world.client(Role.OFFICE_CLERK)


def names(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", row).strip() for row in re.findall(r'<th scope="row">(.*?)</th>', page)]


def add_school(world: World, name: str, code: str) -> None:
    with db.transaction() as session:
        unit = add_unit(session, UnitKind.SCHOOL, code, name, world.ward_id, valid_from=FIRST_DAY)
        session.add(School(id=unit.id, levels="3"))


def add_accounts(world: World, count: int) -> None:
    with db.transaction() as session:
        for number in range(count):
            user = new_user(f"gv.{number:03d}", f"Phạm Thị Giáo {number:03d}", "x")
            session.add(user)
            session.flush()
            add_grant(session, SYSTEM, user.id, NewGrant(Role.TEACHER, world.school_ids["a"], FIRST_DAY))


def test_a_list_is_searched_with_accents_or_without_and_filtered(world: World, officer: FlaskClient) -> None:
    assert names(officer.get("/schools").text) == ["THCS Sao Mai", "Tiểu học Hoa Sen"]
    assert names(officer.get("/schools?q=tieu hoc").text) == ["Tiểu học Hoa Sen"]
    assert names(officer.get("/schools?q=CSB dong xoai").text) == ["THCS Sao Mai"]
    assert names(officer.get("/schools?level=1").text) == ["Tiểu học Hoa Sen"]
    assert names(officer.get("/schools?level=bad&order=bad&page=x").text) == [
        "THCS Sao Mai",
        "Tiểu học Hoa Sen",
    ]
    assert "Không tìm thấy dòng nào khớp" in officer.get("/schools?q=zzz").text


def test_a_head_sorts_and_a_second_press_turns_round(world: World, officer: FlaskClient) -> None:
    page = officer.get("/schools?order=code&q=o").text
    assert names(page) == ["THCS Sao Mai", "Tiểu học Hoa Sen"]
    assert 'aria-sort="ascending"' in page
    assert "/schools?q=o&amp;order=-code" in page
    turned = officer.get("/schools?q=o&order=-code").text
    assert names(turned) == ["Tiểu học Hoa Sen", "THCS Sao Mai"]
    assert 'aria-sort="descending"' in turned


def test_the_workbook_is_the_list_as_it_is_narrowed(world: World, officer: FlaskClient) -> None:
    with world.app.app_context():
        add_school(world, "=HYPERLINK(1)", "+84")
    answer = officer.get("/schools?order=-pupils&format=xlsx")
    assert answer.mimetype == XLSX
    assert answer.headers["Content-Disposition"] == 'attachment; filename="danh-sach-truong.xlsx"'
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.values)
    assert rows[0][:2] == ("Trường", "Mã trường")
    assert rows[1][4:] == (2, 12)
    assert [row[0] for row in rows[1:]] == ["Tiểu học Hoa Sen", "THCS Sao Mai", "=HYPERLINK(1)"]
    assert sheet["A4"].data_type == sheet["B4"].data_type == "s"
    narrowed = openpyxl.load_workbook(BytesIO(officer.get("/schools?level=3&format=xlsx").data)).worksheets[0]
    assert narrowed.max_row == 2


def test_the_database_pages_a_long_list_and_paper_gets_all_of_it(world: World, clerk: FlaskClient) -> None:
    with world.app.app_context():
        add_accounts(world, 60)
    first = clerk.get("/accounts?q=pham giao").text
    assert len(names(first)) == 50
    assert "Trang 1 / 2" in first
    second = clerk.get("/accounts?q=pham giao&page=2").text
    assert len(names(second)) == 10
    assert not set(names(first)) & set(names(second))
    assert names(clerk.get("/accounts?q=giao&page=99").text) == names(second)
    assert len(names(clerk.get("/accounts?q=giao&all=1").text)) == 60
    assert names(clerk.get("/accounts?q=giao&order=-username").text)[0] == "Phạm Thị Giáo 059"
    assert len(names(clerk.get("/accounts?role=teacher&all=1").text)) == 61


def test_whoever_takes_a_list_of_people_is_on_record(world: World, clerk: FlaskClient) -> None:
    assert clerk.get("/accounts?format=xlsx").mimetype == XLSX
    with world.app.app_context():
        entry = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "list.exported")).one()
        assert entry.user_id == world.user_ids[Role.OFFICE_CLERK]
        assert '"list":"accounts"' in entry.details.replace(" ", "")


@pytest.fixture
def statements(world: World) -> Iterator[list[str]]:
    """Every read that the application sends to the database from here on."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        if str(arguments[2]).startswith(("SELECT", "WITH")):
            seen.append(str(arguments[2]))

    with world.app.app_context():
        event.listen(db.db.engine, "before_cursor_execute", note)
        yield seen
        event.remove(db.db.engine, "before_cursor_execute", note)


def cost(client: FlaskClient, address: str, statements: list[str]) -> int:
    client.get(address)
    statements.clear()
    assert client.get(address).status_code == 200
    return len(statements)


def test_a_list_costs_the_same_number_of_queries_at_any_size(
    world: World, officer: FlaskClient, clerk: FlaskClient, statements: list[str]
) -> None:
    pages = {"/schools": officer, "/schools?format=xlsx": officer, "/accounts": clerk}
    small = {address: cost(client, address, statements) for address, client in pages.items()}
    for number in range(20):
        add_school(world, f"THPT Số {number}", f"PT{number}")
    add_accounts(world, 40)
    assert {address: cost(client, address, statements) for address, client in pages.items()} == small
    assert max(small.values()) <= 14


def test_a_page_counts_its_own_schools_unless_the_counts_sort_them(
    world: World, officer: FlaskClient, statements: list[str]
) -> None:
    for number in range(60):
        add_school(world, f"THPT Số {number:02d}", f"PT{number}")
    statements.clear()
    first = officer.get("/schools").text
    assert len(names(first)) == 50
    counted = next(one for one in statements if "class_membership" in one)
    assert 50 <= len(re.findall(r"\?|%\(school_id", counted)) < 60, (
        "those of the page, and the day and the year"
    )
    assert names(officer.get("/schools?order=-pupils").text)[0] == "Tiểu học Hoa Sen"


def test_who_has_several_schools_chooses_one_from_a_list(world: World) -> None:
    with world.app.app_context(), db.transaction() as session:
        everywhere = NewGrant(Role.SYSTEM_ADMINISTRATOR, world.province_id, FIRST_DAY)
        add_grant(session, SYSTEM, world.user_ids[Role.SYSTEM_ADMINISTRATOR], everywhere)
    administrator = world.client(Role.SYSTEM_ADMINISTRATOR, gave_factor=True)
    for address in ("/imports", "/staff", "/timetable", "/oneroster", "/calendar"):
        page = administrator.get(f"{address}?q=sao", follow_redirects=True).text
        assert names(page) == ["THCS Sao Mai"], address
    sheet = openpyxl.load_workbook(BytesIO(administrator.get("/staff?format=xlsx").data)).worksheets[0]
    assert [row[0] for row in sheet.values] == ["Trường", "THCS Sao Mai", "Tiểu học Hoa Sen"]
