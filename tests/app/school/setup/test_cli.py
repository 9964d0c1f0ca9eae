"""An empty school set up on the command line, from the five shared roster files to a timetable: nothing is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.school.models import HomeroomDuty, SchoolClass, Subject, TimetableEntry
from tests.app.intake.files import xlsx
from tests.servers import ROOT
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask

FOLDER: Final = Path(os.environ.get("BANGXANH_ROSTERS") or ROOT.parent / "shared" / "data" / "rosters")
FILES: Final = (
    "csdl-c1-hocsinh.xlsx",
    "so-gddt-theo-lop.xlsx",
    "vnedu-mau-1.xls",
    "tuyen-sinh-lop-1.xlsx",
    "csdl-c1-hocsinh-thang-10.xlsx",
)
NEW: Final = (497, 475, 256, 55, 4)
CALENDAR: Final = "Từ ngày;Đến hết ngày;Loại ngày;Lý do\n04/02/2027;12/02/2027;Nghỉ lễ, Tết;Tết Nguyên đán\n"
BELLS: Final = "Buổi;Tiết;Giờ vào;Giờ ra;Buổi 1/2\n" + "".join(
    f"Sáng;{number};{6 + number:02}:00;{6 + number:02}h45;1\n" for number in range(1, 6)
)
TEACHERS: Final = [f"{family} Văn {given}" for family in ("Trần", "Lê", "Đỗ") for given in "Anh Bảo Châu Dũng Em Gia Huy Khoa Linh Minh Nga Oanh".split()]  # noqa: E501, SIM905 # fmt: skip


@pytest.mark.skipif(not FOLDER.exists(), reason="the shared roster files lie beside the checkout only")
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_school_is_set_up_from_files_on_the_command_line(app: Flask, tmp_path: Path) -> None:
    run = runner_of(app)
    with clock.at(MORNING):
        run("school", "create", "LC01", "Trường liên cấp Hoa Sen")
        assert "xong " not in run("school", "status", "LC01")
        run("calendar", "open-year", "2026-2027")
        for _ in range(2):  # each of these again changes nothing
            calendar = kept(tmp_path, "lich.csv", CALENDAR)
            run("calendar", "load", calendar, "--unit", "LC01", "--year", "2026-2027")
            run("bells", "load", kept(tmp_path, "gio.csv", BELLS), "--school", "LC01", "--from", "2026-09-05")
        slips = tmp_path / "phieu.pdf"
        staff = kept(tmp_path, "nhan-su.xlsx", staff_file())
        assert "Mới 36 " in run("staff", "import", staff, "--school", "LC01")
        assert "36 tài khoản mới" in run(
            "staff", "import", staff, "--school", "LC01", "--apply", "--slips", str(slips)
        )
        assert slips.read_bytes().startswith(b"%PDF")
        for name, new in zip(FILES, NEW, strict=True):
            roster = (str(FOLDER / name), "--school", "LC01", "--year", "2026-2027", "--apply")
            assert f"Mới {new} " in run("roster", "import", *roster)
        names = class_names(app)
        homerooms = kept(tmp_path, "chu-nhiem.xlsx", homeroom_file(names))
        where = ("--school", "LC01", "--year", "2026-2027")
        assert "35 lớp mới phân công" in run("classes", "homerooms", homerooms, *where)
        assert "0 lớp mới phân công" in run("classes", "homerooms", homerooms, *where)
        told = run(
            "timetable", "import", kept(tmp_path, "tkb.xlsx", timetable_file(names)), *where,
            "--from", "2026-10-05", "--add-subjects", "--apply", "--publish",
        )  # fmt: skip
        assert "Đã công bố." in told, told
        assert "Đã tạo 1282 thẻ" in run("school", "cards", "LC01")
        status = run("school", "status", "LC01").splitlines()
        assert [line.split()[0] for line in status] == ["xong"] * 8, status
    with app.app_context():
        session = db.session()
        assert session.scalar(select(func.count()).select_from(HomeroomDuty)) == len(names)
        assert session.scalar(select(func.count()).select_from(TimetableEntry)) == 5 * len(names)
        assert set(session.scalars(select(Subject.name))) == {
            "Toán", "Ngữ văn", "Giáo dục thể chất", "Hoạt động trải nghiệm", "Cờ vua",
        }  # fmt: skip


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_files_that_will_not_do_say_the_row_and_write_nothing(app: Flask, tmp_path: Path) -> None:
    run = runner_of(app, expected=1)
    with clock.at(MORNING):
        assert "Không có trường mang mã X" in run("school", "status", "X")
        runner_of(app)("school", "create", "LC01", "Trường liên cấp Hoa Sen")
        runner_of(app)("calendar", "open-year", "2026-2027")
        year = ("--unit", "LC01", "--year", "2026-2027")
        for line, said in (
            ("04/02/2027;12/02/2027;Nghỉ lễ, Tết;", "Dòng 2: Ghi lý do"),
            ("04/02/2029;;Học bù;x", "Dòng 2: ngày 04/02/2029 không thuộc năm học này"),
            ("31/02/2027;;Học bù;x", "Dòng 2: Không có ngày"),
            ("04/02/2027;;Đi chơi;x", "Dòng 2: không có loại ngày “Đi chơi”"),
        ):
            file = kept(tmp_path, "lich.csv", f"Từ ngày;Đến hết ngày;Loại ngày;Lý do\n{line}\n")
            assert said in run("calendar", "load", file, *year)
        bells = kept(tmp_path, "gio.csv", BELLS.replace("07:00", "7 giờ"))
        from_day = ("--school", "LC01", "--from", "2026-09-05")
        assert "Dòng 2: cần buổi" in run("bells", "load", bells, *from_day)
        assert "morning-1: Giờ ra phải sau giờ vào" in run(
            "bells", "load", kept(tmp_path, "gio.csv", BELLS.replace("07:00", "07:50")), *from_day
        )
        assert "xong " not in runner_of(app)("school", "status", "LC01")


def runner_of(app: Flask, expected: int = 0) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        done = app.test_cli_runner().invoke(args=list(arguments))
        assert done.exit_code == expected, done.output
        return done.output

    return run


def kept(folder: Path, name: str, content: bytes | str) -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig"))
    return str(path)


def class_names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session().scalars(select(SchoolClass.name).order_by(SchoolClass.id)))


def staff_file() -> bytes:
    rows = [(number, name, "Giáo viên", "Toán") for number, name in enumerate(TEACHERS, 1)]
    return xlsx({"GV": [("STT", "Họ tên", "Vị trí việc làm", "Môn dạy"), *rows]})


def homeroom_file(names: Sequence[str]) -> bytes:
    rows = list(zip(names, TEACHERS, strict=False))
    return xlsx({"CN": [("DANH SÁCH GVCN",), ("Lớp", "GVCN"), *rows]})


def timetable_file(names: Sequence[str]) -> bytes:
    """Return one wide sheet, classes across; each teacher has one class, in the words of real timetables."""
    subjects = ("HĐTN", "Toán", "Văn", "GDTC", "Cờ vua")
    head = ("Thứ", "Buổi", "Tiết", *names)
    rows = [
        (2, "Sáng", number, *(f"{subject} - {teacher}" for _, teacher in zip(names, TEACHERS, strict=False)))
        for number, subject in enumerate(subjects, 1)
    ]
    return xlsx({"TKB": [("THỜI KHÓA BIỂU",), head, *rows]})
