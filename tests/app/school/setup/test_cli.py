"""An empty school from the five shared roster files on the command line, until only what needs people is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from app import clock
from tests.servers import ROOT
from tests.world import MORNING

if TYPE_CHECKING:
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


@pytest.mark.skipif(not FOLDER.exists(), reason="the shared roster files lie beside the checkout only")
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_school_is_set_up_from_the_five_files_on_the_command_line(app: Flask) -> None:
    def run(*arguments: str) -> str:
        done = app.test_cli_runner().invoke(args=list(arguments))
        assert done.exit_code == 0, done.output
        return done.output

    with clock.at(MORNING):
        run("school", "create", "LC01", "Trường liên cấp Hoa Sen")
        assert "chưa có    Năm học và lịch" in run("school", "status", "LC01")
        for name, new in zip(FILES, NEW, strict=True):
            said = run(
                "roster", "import", str(FOLDER / name), "--school", "LC01", "--year", "2026-2027", "--apply"
            )
            assert f"Mới {new} " in said, said
        told = run("school", "status", "LC01")
        assert "xong       Lớp và học sinh: 35 lớp, 1282 học sinh" in told
        assert "chưa có    Giáo viên chủ nhiệm: còn thiếu 35 lớp" in told
        assert app.test_cli_runner().invoke(args=["school", "status", "X"]).exit_code == 1
