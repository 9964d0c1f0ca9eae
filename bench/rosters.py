"""How long a province's rosters take on the command line, and how much memory: one file for each school."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import xlsxwriter
from flask_migrate import upgrade

from app import db
from app.school.commands import add_unit
from app.school.models import School
from app.school.rules import UnitKind
from config import Settings
from wsgi import create_app

PUPILS: Final = 582
"""Of a school: 430 of them have 250,000."""
CLASSES: Final = 15
FAMILIES: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Điểu", "Thị", "Đặng", "Vũ")
MIDDLES: Final = ("Văn", "Thị", "Hoàng", "Minh", "Ngọc", "Gia", "Bảo")
GIVEN: Final = (
    "An",
    "Bình",
    "Cúc",
    "Dũng",
    "Ánh",
    "Hương",
    "Khôi",
    "Linh",
    "My",
    "Nam",
    "Phúc",
    "Quý",
    "Uyên",
)
HEADINGS: Final = (
    "STT",
    "Mã lớp",
    "Mã học sinh",
    "Họ tên",
    "Ngày sinh",
    "Giới tính",
    "Dân tộc",
    "Trạng thái HS",
)


def measure(schools: int) -> dict[str, Any]:
    """Make the files, import them all, and again (when nothing changes); print and return the figures."""
    with TemporaryDirectory() as folder:
        instance, files = Path(folder) / "instance", Path(folder) / "files"
        files.mkdir()
        env = {"BANGXANH_ENV": "development", "INSTANCE": str(instance)}
        _make_schools(Settings.from_env(env), schools)
        for number in range(schools):
            _make_file(files / f"S{number:04d}.xlsx", number)
        first, again = _import(files, env), _import(files, env)
    found = {"schools": schools, "pupils": schools * PUPILS, "first": first, "again": again}
    for name, run in (("first", first), ("again", again)):
        per_second = schools * PUPILS / run["seconds"]
        print(
            f"{name:8}{schools * PUPILS:>9,} pupils in {schools} files: {run['seconds']:>7.1f} s, {per_second:>6.0f} "
            f"pupils/s, {run['processor_seconds']:.1f} s of processor, {run['peak_kilobytes'] / 1024:>5.0f} MB at most"
        )
    return found


def _make_schools(settings: Settings, schools: int) -> None:
    app = create_app(settings)
    with app.app_context():
        upgrade()
        with db.transaction() as session:
            for number in range(schools):
                unit = add_unit(
                    session,
                    UnitKind.SCHOOL,
                    f"S{number:04d}",
                    f"Trường {number}",
                    None,
                    valid_from=date(2025, 7, 1),
                )
                session.add(School(id=unit.id, levels="1"))
        db.db.session.remove()
        db.db.engine.dispose()


def _make_file(path: Path, school: int) -> None:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADINGS)
        for number in range(PUPILS):
            one = school * PUPILS + number
            name = f"{FAMILIES[one % 8]} {MIDDLES[one // 3 % 7]} {GIVEN[one // 5 % 13]}"
            born = f"{one % 28 + 1:02d}/{one // 28 % 12 + 1:02d}/{2015 + number % 5}"
            grade = number % CLASSES // 3 + 1
            row = (
                number + 1,
                f"{grade}/{number % 3 + 1}",
                f"75{one:08d}",
                name,
                born,
                ("Nam", "Nữ")[one % 2],
                "Kinh",
                "",
            )
            page.write_row(number + 1, 0, row)


def _import(files: Path, env: dict[str, str]) -> dict[str, float]:
    """Run the command and return its seconds and the most memory of it and of the readers that it starts."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "roster", "import-folder", str(files)]
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*command, "--year", "2026-2027", "--apply"],
        check=True,
        cwd=root,
        env={"PATH": "/usr/bin:/bin", **env},
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.monotonic() - begun, 1),
        "processor_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_kilobytes": after.ru_maxrss,
    }
