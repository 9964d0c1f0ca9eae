"""Hostile files: refused in words, with little memory on both sides of the pipe, and nothing written."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from contextlib import suppress
from io import BytesIO
from time import process_time
from typing import TYPE_CHECKING, Final

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM
from app.intake.commands.imports import Upload, import_at_once
from app.intake.models import RosterImport
from app.intake.rules import cells
from app.intake.rules.dating import Choice
from app.intake.rules.rows import UnreadableFileError
from app.school.models import Pupil
from tests.app.intake.files import AN, BINH, HEADINGS, read, saved, sheet
from tests.world import MORNING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

MOST_KILOBYTES: Final = 300 * 1024
MOST_SECONDS: Final = 6
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PEAK: Final = "print([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])"
READER: Final = (
    f"import runpy, sys; program = sys.argv.pop(1); runpy.run_path(program, run_name='__main__'); {_PEAK}"
)
CALLER: Final = (
    "import sys; from pathlib import Path; from app.intake.commands.imports import read_content\n"
    "from app.intake.rules.rows import UnreadableFileError\n"
    "try: print(len(read_content(Path(sys.argv[1]).read_bytes(), 2026).pupils))\n"
    f"except UnreadableFileError as error: print('refused:', error)\n{_PEAK}"
)


def with_sheet(body: bytes, *, strings: bytes | None = None) -> bytes:
    """Return a workbook whose first sheet is this XML; `strings` replaces the shared strings."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(sheet(AN))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = body
            elif name == "xl/sharedStrings.xml" and strings is not None:
                part = strings
            new.writestr(name, part)
    return out.getvalue()


def rows_of(count: int, cell: str) -> bytes:
    rows = "".join(f'<row r="{number}">{cell}</row>' for number in range(1, count + 1))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def two_million_rows() -> bytes:
    return with_sheet(rows_of(2_000_000, "<c><v>1</v></c>"))


def a_name_of_forty_megabytes() -> bytes:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"a" * (40 * 1024 * 1024)}</t></si></sst>'.encode()
    return with_sheet(rows_of(3, '<c t="s"><v>0</v></c>'), strings=strings)


def one_long_string_in_every_cell() -> bytes:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"ấ" * 9_000}</t></si></sst>'.encode()
    return with_sheet(rows_of(30_000, '<c t="s"><v>0</v></c>'), strings=strings)


def many_small_numbers() -> bytes:
    return with_sheet(rows_of(40_000, "<c><v>1.5</v></c>" * 90))


def far_corners() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["XFD1048576"] = "Họ tên", "x"
    return saved(book)


def an_entity_that_grows() -> bytes:
    grows = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    return with_sheet(f'<!DOCTYPE x [<!ENTITY e0 "ha">{grows}]><worksheet xmlns="{MAIN}"/>'.encode())


def an_entity_that_reads_a_file() -> bytes:
    return with_sheet(
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet xmlns="{MAIN}"/>'.encode()
    )


def a_bomb_of_spaces() -> bytes:
    return with_sheet(b" " * (100 * 1024 * 1024))


def many_merged_ranges() -> bytes:
    merged = "".join(f'<mergeCell ref="A{n}:A{n + 1}"/>' for n in range(1, 200_000, 2))
    return with_sheet(
        f'<worksheet xmlns="{MAIN}"><sheetData/><mergeCells>{merged}</mergeCells></worksheet>'.encode()
    )


HOSTILE: Final = (
    two_million_rows,
    a_name_of_forty_megabytes,
    one_long_string_in_every_cell,
    many_small_numbers,
    far_corners,
    an_entity_that_grows,
    an_entity_that_reads_a_file,
    a_bomb_of_spaces,
    many_merged_ranges,
)


def run(program: str, *arguments: str) -> tuple[str, int]:
    """Return what a Python program said before its last line, and that: the most memory that it had, in kilobytes."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode < 0:
        return "ended by its limits", 0
    assert done.returncode == 0, done.stderr
    said, _, peak = done.stdout.strip().rpartition("\n")
    return said, int(peak)


@pytest.mark.parametrize("make", HOSTILE)
def test_neither_the_reader_nor_its_caller_needs_much_memory(make: object, tmp_path: Path) -> None:
    """The reader is measured by itself, then the whole of it as a program that calls it."""
    assert callable(make)
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(make())
    _, of_reader = run(READER, cells.__file__, str(path))
    said, of_caller = run(CALLER, str(path))
    assert said.startswith("refused:"), said[-2000:]
    assert of_reader < MOST_KILOBYTES
    assert of_caller < MOST_KILOBYTES


@pytest.mark.parametrize(
    "piece", [b"<!x ", b"</td ", b"<a '", b"<", b"</ ", b'<a b="', b"<td ", b"&a", b"<p>a</p>"]
)
def test_a_web_page_of_seventeen_megabytes_is_gone_through_once(piece: bytes) -> None:
    """What is never closed was gone over again and again: half a minute of a processor."""
    began = process_time()
    with suppress(cells.RefusedError):
        list(cells.lines_of(b"<html><table><tr><td>a</td></tr>" + piece * (17_000_000 // len(piece))))
    assert process_time() - began < MOST_SECONDS


@pytest.mark.parametrize("make", [two_million_rows, an_entity_that_grows, a_name_of_forty_megabytes])
def test_nothing_is_written_of_a_hostile_file(world: World, make: object) -> None:
    assert callable(make)
    with world.app.app_context(), clock.at(MORNING):
        before = db.session().scalar(select(func.count()).select_from(Pupil))
        with pytest.raises(UnreadableFileError):
            import_at_once(
                SYSTEM,
                "THA",
                "2026-2027",
                Upload("a.xlsx", make()),
                Choice(),
                apply=True,
                many_confirmed=True,
            )
        assert db.session().scalar(select(func.count()).select_from(Pupil)) == before
        assert db.session().scalar(select(func.count()).select_from(RosterImport)) == 0


def test_the_largest_honest_file_is_read_with_little_memory(tmp_path: Path) -> None:
    """Three thousand pupils with sixty columns each, as the ministry's export has them."""
    path = tmp_path / "large.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [*HEADINGS, *(f"Cột {number}" for number in range(53))])
        for number in range(1, 3001):
            page.write_row(
                number, 0, [number, "4/2", f"75{number:08d}", "Nguyễn Văn An", "05/09/2017", "Nam", "Kinh"]
            )
            page.write_row(number, 7, [f"nội dung {number} của cột" for _ in range(53)])
    said, of_caller = run(CALLER, str(path))
    assert said.strip() == "3000"
    assert of_caller < MOST_KILOBYTES


def test_a_formula_is_what_it_last_showed_and_a_name_with_an_equals_sign_is_a_name() -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADINGS)
        page.write_row(1, 0, AN)
        page.write_row(2, 0, BINH)
        page.write_formula(1, 3, '=HYPERLINK("http://x.invalid","x")', None, "Nguyễn Văn An")
        page.write_string(2, 3, "=cmd|' /C calc'!A0 Bình")
    assert [pupil.full_name for pupil in read(out.getvalue()).pupils] == [
        "Nguyễn Văn An",
        "=cmd|' /C calc'!A0 Bình",
    ]
