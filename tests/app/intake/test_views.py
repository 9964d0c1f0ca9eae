"""The pages of an import, as a clerk meets them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest

from app import clock, db
from app.access import Role
from app.intake.models import RosterImport
from app.intake.rules import reading
from app.jobs import Job, JobState
from tests.app.intake.files import AN, BINH, read, sheet
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World

BAD = (9, "4/1", "75999", "=1+1 Tú", "31/02/2017", "Nam", "")


@pytest.fixture
def clerk(world: World) -> Iterator[FlaskClient]:
    with clock.at(MORNING):
        yield world.client(Role.OFFICE_CLERK)


def bring(clerk: FlaskClient, world: World, content: bytes, **more: str) -> TestResponse:
    values = {"year": "2026-2027", "client_key": "key-12345678", **more}
    return clerk.post(
        f"/schools/{world.school_ids['a']}/imports", data={**values, "file": (BytesIO(content), "lop-4.xlsx")}
    )


def test_a_clerk_of_one_school_comes_straight_to_its_imports(clerk: FlaskClient, world: World) -> None:
    answer = clerk.get("/imports")
    assert answer.headers["Location"] == f"/schools/{world.school_ids['a']}/imports"
    page = clerk.get(answer.headers["Location"]).text
    assert "Chưa nhập lần nào" in page
    assert 'name="file"' in page


def test_from_file_to_result(clerk: FlaskClient, world: World) -> None:
    """Preview with bad rows and nothing written, confirm, result with classes and links."""
    place = bring(clerk, world, sheet(AN, BINH, BAD)).headers["Location"]
    preview = clerk.get(place).text
    assert "Học sinh mới" in preview
    assert "Không có ngày “31/02/2017” trong lịch" in preview
    assert "lớp mới" not in preview  # 4/2 is there already
    assert "12 học sinh đang học không có trong tệp" in preview
    assert "Nguyễn Văn An" not in clerk.get(f"/classes/{world.class_ids['other_class']}").text.replace(
        "Văn An<", "", 1
    )

    done = clerk.post(f"{place}/apply", data={"leaving": "transferred"})
    assert done.headers["Location"] == place
    result = clerk.get(place).text
    assert "Đã nhập xong" in result
    assert f'href="/classes/{world.class_ids["other_class"]}"' in result
    assert "Trần Thị Bình" in clerk.get(f"/classes/{world.class_ids['other_class']}").text
    history = clerk.get(f"/schools/{world.school_ids['a']}/imports").text
    assert "lop-4.xlsx" in history
    assert "2 mới" in history


def test_the_preview_speaks_english_too(clerk: FlaskClient, world: World) -> None:
    place = bring(clerk, world, sheet(AN, BAD)).headers["Location"]
    clerk.set_cookie("bx_lang", "en")
    page = clerk.get(place).text
    assert "There is no such day as “31/02/2017”" in page
    assert 'data-label="Column">Ngày sinh</td>' in page, "a column is called what it is called in the file"
    assert not re.search("Không có ngày|Dòng lỗi", page)


def test_the_bad_rows_come_as_a_workbook_that_can_be_mended_and_brought_again(
    clerk: FlaskClient, world: World
) -> None:
    place = bring(clerk, world, sheet(AN, BAD)).headers["Location"]
    answer = clerk.get(f"{place}/bad-rows.xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lop-4-dong-loi.xlsx"'
    page = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert page is not None
    headings, row = ([cell.value for cell in cells] for cells in page.iter_rows())
    assert headings[0] == "Dòng trong tệp"
    assert headings[-1] == "Cần sửa"
    assert row[0] == "3"
    assert all(
        cell.data_type == "s" for cells in page.iter_rows() for cell in cells if cell.value is not None
    )
    assert [(error.row, error.column) for error in read(answer.data).errors] == [
        (2, "Mã học sinh"),
        (2, "Ngày sinh"),
    ]


def test_a_file_that_cannot_be_used_says_why_and_leads_on(clerk: FlaskClient, world: World) -> None:
    place = bring(clerk, world, b"PK\x03\x04nothing").headers["Location"]
    page = clerk.get(place).text
    assert "Không đọc được tệp này" in page
    assert "Chọn tệp khác" in page


def test_no_file_a_wrong_year_or_a_huge_file_stay_on_the_form(
    clerk: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/schools/{world.school_ids['a']}/imports"
    none = clerk.post(url, data={"year": "2026-2027", "client_key": "key-12345678"})
    assert none.status_code == 422
    assert "Hãy chọn một tệp." in none.text
    assert bring(clerk, world, sheet(AN), year="1999-2000").status_code == 422
    monkeypatch.setattr(reading, "LARGEST_FILE", 1000)
    huge = bring(clerk, world, b"x" * 1001)
    assert huge.status_code == 422
    assert "quá lớn" in huge.text


def test_many_missing_are_asked_about_once_more(clerk: FlaskClient, world: World) -> None:
    place = bring(clerk, world, sheet(AN)).headers["Location"]
    asked = clerk.post(f"{place}/apply", data={"leaving": "left", "ends_missing": "y"})
    assert asked.status_code == 422
    assert "Hơn một phần mười học sinh" in asked.text
    clerk.post(f"{place}/apply", data={"leaving": "left", "ends_missing": "y", "confirm_many": "y"})
    assert "Đã nhập xong" in clerk.get(place).text


def test_the_same_file_again_says_that_nothing_changes(clerk: FlaskClient, world: World) -> None:
    place = bring(clerk, world, sheet(AN)).headers["Location"]
    clerk.post(f"{place}/apply", data={"leaving": "left", "ends_missing": "y", "confirm_many": "y"})
    again = bring(clerk, world, sheet(AN), client_key="another-key").headers["Location"]
    assert "Không có gì để ghi" in clerk.get(again).text
    back = clerk.post(f"{again}/discard", follow_redirects=True)
    assert "Đã bỏ lần nhập này" in back.text


def test_the_form_sent_twice_is_one_import(clerk: FlaskClient, world: World) -> None:
    places = {bring(clerk, world, sheet(AN)).headers["Location"] for _ in range(2)}
    assert len(places) == 1


def test_progress_reloads_the_page_when_the_work_is_over(clerk: FlaskClient, world: World) -> None:
    place = bring(clerk, world, sheet(AN)).headers["Location"]
    assert clerk.get(f"{place}/progress").headers["HX-Refresh"] == "true"
    _set_state(world, place, "applying", JobState.RUNNING)
    waiting = clerk.get(f"{place}/progress")
    assert "HX-Refresh" not in waiting.headers
    assert "hx-get" in waiting.text
    assert "Có thể rời trang này" in clerk.get(place).text
    _set_state(world, place, "applying", JobState.FAILED)
    assert clerk.get(f"{place}/progress").headers["HX-Refresh"] == "true"
    assert "Thử lại" in clerk.get(place).text
    clerk.post(f"{place}/retry")
    assert "Đã nhập xong" in clerk.get(place).text


def _set_state(world: World, place: str, state: str, job_state: JobState) -> None:
    with world.app.app_context(), db.transaction() as session:
        row = session.get_one(RosterImport, int(place.rsplit("/", 1)[1]))
        row.state = state
        session.get_one(Job, row.job_id).state = job_state


@pytest.mark.parametrize("path", ["", "/progress", "/bad-rows.xlsx"])
def test_another_schools_import_does_not_exist(clerk: FlaskClient, world: World, path: str) -> None:
    """The clerk belongs to school A; the import is of school B."""
    with world.app.app_context(), db.transaction() as session:
        row = RosterImport(
            school_id=world.school_ids["b"],
            year_id=world.year_id,
            client_key="of-another-school",
            file_name="x.xlsx",
            file_size=1,
            sha256="0" * 64,
            state="uploaded",
            uploaded_at=clock.now(),
        )
        session.add(row)
        session.flush()
        import_id = row.id
    assert clerk.get(f"/imports/{import_id}{path}").status_code == 404
    assert clerk.get(f"/imports/999999{path}").status_code == 404
