"""`flask roster import` as scripts use it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app import clock, db
from app.school.commands import add_unit
from app.school.rules import UnitKind
from tests.app.intake.files import AN, BINH, sheet
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from flask.testing import FlaskCliRunner

    from tests.world import World


@pytest.fixture
def runner(world: World) -> Iterator[FlaskCliRunner]:
    with clock.at(MORNING):
        runner = world.app.test_cli_runner()
        runner.invoke(args=["school", "create", "NEW", "Tiểu học Mới"])
        yield runner


def roster(runner: FlaskCliRunner, file: Path, *flags: str, school: str = "NEW") -> Result:
    return runner.invoke(
        args=["roster", "import", str(file), "--school", school, "--year", "2026-2027", *flags]
    )


def said(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def test_preview_apply_and_again(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "hs.xlsx"
    file.write_bytes(sheet(AN, BINH, (3, "", "7501000003", "Bùi Không Lớp", "01/02/2017", "Nam", "")))
    error = {
        "row": 4,
        "column": "Mã lớp",
        "message": "Thiếu lớp. Hãy ghi tên lớp của học sinh, ví dụ 4/2.",
    }
    counts = {"new": 2, "updated": 0, "unchanged": 0, "moved": 0, "left": 0}
    assert said(roster(runner, file, "--json")) == {**counts, "errors": [error], "applied": False}
    assert said(roster(runner, file, "--json"))["new"] == 2
    assert said(roster(runner, file, "--apply", "--json")) == {**counts, "errors": [error], "applied": True}
    again = said(roster(runner, file, "--apply", "--json"))
    assert again == {**counts, "new": 0, "unchanged": 2, "errors": [error], "applied": True}


def test_without_json_it_speaks_vietnamese(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "hs.xlsx"
    file.write_bytes(sheet(AN))
    assert "Chưa ghi gì. Thêm --apply để ghi." in roster(runner, file).output
    assert "Đã ghi vào hệ thống." in roster(runner, file, "--apply").output


def test_the_missing_are_told_and_leave_only_on_demand(runner: FlaskCliRunner, tmp_path: Path) -> None:
    both, one = tmp_path / "both.xlsx", tmp_path / "one.xlsx"
    both.write_bytes(sheet(AN, BINH))
    one.write_bytes(sheet(AN))
    roster(runner, both, "--apply")
    kept = roster(runner, one, "--apply", "--end-missing", "--json")
    assert "--confirm-left" in kept.stderr
    assert said(kept).keys() == {"new", "updated", "unchanged", "moved", "left", "errors", "applied"}
    assert "giữ nguyên" in kept.stderr
    assert roster(runner, one, "--apply", "--confirm-left", "--json").stderr == ""
    assert roster(runner, one, "--json").stderr == ""


@pytest.mark.parametrize("flags", [("--json",), ("--apply", "--json")])
def test_a_file_that_cannot_be_read_ends_with_words_and_a_status(
    runner: FlaskCliRunner, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    file = tmp_path / "hong.xlsx"
    file.write_bytes(b"PK\x03\x04nothing")
    result = roster(runner, file, *flags)
    assert result.exit_code != 0
    assert "Không đọc được tệp này" in result.stderr
    assert result.stdout == ""


def test_an_unknown_school_is_told(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "hs.xlsx"
    file.write_bytes(sheet(AN))
    result = roster(runner, file, "--apply", school="NOPE")
    assert result.exit_code != 0
    assert "Không có trường mang mã NOPE" in result.stderr


def test_a_folder_of_files_is_imported_school_by_school(runner: FlaskCliRunner, tmp_path: Path) -> None:
    """A file that cannot be read, and one of a school that is not there, stop no other."""
    (tmp_path / "NEW.xlsx").write_bytes(sheet(AN, BINH))
    (tmp_path / "NOPE.xlsx").write_bytes(sheet(AN))
    (tmp_path / "CSB.xlsx").write_bytes(b"PK\x03\x04nothing")
    asked = ["roster", "import-folder", str(tmp_path), "--year", "2026-2027"]
    assert "NEW.xlsx: Mới 2" in runner.invoke(args=asked).output
    done = runner.invoke(args=[*asked, "--apply"])
    assert done.exit_code != 0
    assert "NEW.xlsx: Mới 2" in done.output
    assert "Không có trường mang mã NOPE" in done.output
    assert "CSB.xlsx: Không đọc được" in done.output
    (tmp_path / "CSB.xlsx").unlink()
    (tmp_path / "NOPE.xlsx").unlink()
    again = runner.invoke(args=[*asked, "--apply"])
    assert again.exit_code == 0
    assert "không đổi 2" in again.output


@pytest.mark.parametrize("year", ["2026", "2026-2028", "0000-0001", "\N{FULLWIDTH DIGIT TWO}026-2027", ""])
def test_a_year_that_is_none_is_refused_in_the_preview_already(
    runner: FlaskCliRunner, tmp_path: Path, year: str
) -> None:
    file = tmp_path / "hs.xlsx"
    file.write_bytes(sheet(AN, BINH))
    for flags in ([], ["--apply"]):
        asked = ["roster", "import", str(file), "--school", "NEW", "--year", year, *flags]
        result = runner.invoke(args=asked)
        assert (result.exit_code, "Năm học viết như 2026-2027" in result.stderr) == (1, True), result.output


def test_a_unit_that_is_no_school_takes_no_roster(
    runner: FlaskCliRunner, tmp_path: Path, world: World
) -> None:
    file = tmp_path / "hs.xlsx"
    file.write_bytes(sheet(AN, BINH))
    with world.app.app_context(), db.transaction() as session:
        add_unit(session, UnitKind.WARD, "PHUONG", "Phường Một", None)
    for flags in ([], ["--apply"]):
        result = roster(runner, file, *flags, school="PHUONG")
        assert (result.exit_code, "Không có trường mang mã PHUONG" in result.stderr) == (1, True), (
            result.output
        )
