"""A staff roster in: read, previewed, applied once, with accounts and slips that are shown once."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter

from app import db
from app.access import Role
from app.accounts.models import User
from app.accounts.queries.people import dated_grants
from app.jobs import Job
from app.staff.queries import staff_of_school

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World

ROWS = (
    ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",),
    (),
    (
        "STT",
        "Họ\ntên",
        "Email",
        "Trạng thái CB",
        "Vị trí việc làm",
        "Nhóm chức vụ",
        "Môn dạy",
        "Số điện thoại",
    ),
    (
        1,
        "NGUYỄN VĂN AN",
        "An@HoaSen.edu.vn",
        "Đang làm việc",
        "Giáo viên tiểu học",
        "Giáo viên",
        "Toán",
        "0900",
    ),
    (2, "Nguyễn Văn Ân", "an2@hoasen.edu.vn", "", "Giáo viên tiểu học", "Giáo viên", "", ""),
    (3, "Điểu K'Rân", "", "", "Nhân viên thiết bị", "Nhân viên", "", ""),
    (4, "Trần Thị Nghỉ", "", "Nghỉ hưu", "Giáo viên", "", "", ""),
    (5, "", "x@y.vn", "", "Giáo viên", "", "", ""),
    (6, "Lê Thị Lỗi", "không phải email", "", "Giáo viên", "", "", ""),
    (7, "Điểu K'Rân", "", "", "Nhân viên thiết bị", "", "", ""),
    (8, "Lê Thị homeroom", "", "", "Giáo viên", "", "", ""),
    ("", "=cmd|' /C calc'!A0", "", "", "", "", "", ""),
    ("", "Hiệu trưởng", "", "", "", "", "", ""),
)


def workbook(rows: tuple[tuple[object, ...], ...] = ROWS) -> bytes:
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("GiaoVien")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return kept.getvalue()


def bring(client: FlaskClient, world: World, content: bytes, key: str = "mot-khoa-dai") -> TestResponse:
    data = {"file": (BytesIO(content), "CSDL_GiaoVien.xlsx"), "client_key": key}
    return client.post(f"/schools/{world.school_ids['a']}/staff/imports", data=data)


def test_a_roster_becomes_staff_accounts_and_slips_once(world: World) -> None:
    office = world.client(Role.OFFICE_CLERK)
    preview = bring(office, world, workbook())
    assert preview.status_code == 302
    page = office.get(preview.location).text
    for words in (
        "Thiếu họ tên.",
        "Email không đúng dạng",
        "Trùng với một dòng ở trên.",
        "Họ tên không phải chữ.",
    ):
        assert words in page
    assert "0900" not in page
    with world.app.app_context():
        assert not db.session().query(User).filter_by(username="nguyen.van.an").count()
    assert office.post(preview.location + "/apply").status_code == 302
    done = office.get(preview.location).text
    slips = re.search(r'href="(/slips/\d+)"', done)
    assert slips is not None
    shown = office.post(slips[1]).text
    made = re.findall(r'class="slip__value">([^<]+)<', shown)
    assert made[::2] == ["nguyen.van.an", "nguyen.van.an2", "dieu.k.ran"]
    assert office.post(slips[1]).status_code == 409
    assert office.post(preview.location + "/apply").status_code == 409
    signed_in = world.client().post("/login", data={"username": made[0], "password": made[1]})
    assert signed_in.location == "/login/password"
    check_what_was_written(world, made[1::2])
    listed = office.get(f"/schools/{world.school_ids['a']}/staff?subject=Toán&account=has").text
    assert "Nguyễn Văn An" in listed
    assert "K&#39;Rân" not in listed
    again = bring(office, world, workbook(), "mot-khoa-khac")
    assert "Tạo tài khoản và phiếu" in office.get(again.location).text
    office.post(again.location + "/apply")
    assert "/slips/" not in office.get(again.location).text


def check_what_was_written(world: World, passwords: list[str]) -> None:
    """Nobody twice, no password anywhere, and a teacher's role without a class for those who teach."""
    with world.app.app_context():
        lines = {line.staff.full_name: line for line in staff_of_school(db.session(), world.school_ids["a"])}
        assert set(lines) == {
            "Nguyễn Văn An",
            "Nguyễn Văn Ân",
            "Điểu K'Rân",
            "Lê Thị homeroom",
            "Lê Thị teacher",
        }
        an, ran = lines["Nguyễn Văn An"], lines["Điểu K'Rân"]
        assert an.detail is not None
        assert an.user is not None
        assert ran.user is not None
        assert (an.detail.email, an.detail.subjects) == ("an@hoasen.edu.vn", "Toán")
        assert [grant.role for grant in dated_grants(db.session(), an.user.id)] == [Role.TEACHER]
        assert dated_grants(db.session(), ran.user.id) == ()
        told = " ".join(f"{job.payload} {job.result}" for job in db.session().query(Job))
        assert not any(password in told for password in passwords)


def test_the_same_form_twice_is_one_import_and_discarding_writes_nothing(world: World) -> None:
    office = world.client(Role.OFFICE_CLERK)
    first = bring(office, world, workbook())
    assert bring(office, world, workbook()).location == first.location
    office.post(first.location + "/discard")
    assert office.post(first.location + "/apply").status_code == 409
    with world.app.app_context():
        assert not db.session().query(User).filter_by(username="nguyen.van.an").count()


def test_files_that_are_no_roster_are_refused(world: World) -> None:
    office = world.client(Role.OFFICE_CLERK)
    for content in (b"", b"PK\x03\x04 broken", b"<html>", workbook((("Lớp", "Khối"), ("4/1", 4)))):
        assert bring(office, world, content).status_code == 422


def test_a_roster_of_another_school_is_not_found(world: World) -> None:
    office = world.client(Role.OFFICE_CLERK)
    data = {"file": (BytesIO(workbook()), "x.xlsx"), "client_key": "mot-khoa-dai"}
    assert office.post(f"/schools/{world.school_ids['b']}/staff/imports", data=data).status_code == 404
    assert world.client(Role.PRINCIPAL).get(f"/schools/{world.school_ids['a']}/staff").status_code == 200
    assert bring(world.client(Role.PRINCIPAL), world, workbook()).status_code == 404
