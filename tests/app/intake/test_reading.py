"""Files from outside: every kind that schools have, and the hostile ones, told apart by what they are."""

from __future__ import annotations

import struct
import time
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from app.intake.rules import cells
from app.intake.rules.reading import LARGEST_FILE, sheets_in
from app.intake.rules.rows import UnreadableFileError
from tests.app.intake.files import AN, BINH, HEADINGS, RAN, csv_text, read, saved, sheet, xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHOLE: Final = sheet(AN, BINH)
NAMES: Final = ["Nguyễn Văn An", "Trần Thị Bình", "Điểu K'Rân"]
QUICK: Final = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        read(content)
    return str(refused.value)


SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"
# ---------------------------------------------------------------------------------------------- kinds of files


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_with_any_separator_and_mark(delimiter: str, encoding: str) -> None:
    roster = read(csv_text(AN, BINH, RAN, delimiter=delimiter).encode(encoding))
    assert [pupil.full_name for pupil in roster.pupils] == NAMES
    assert [pupil.row for pupil in roster.pupils] == [2, 3, 4]
    assert roster.pupils[2].class_name == "4/10"


def test_csv_rows_are_counted_as_excel_counts_them() -> None:
    text = "Danh sách\r\n\r\n" + csv_text(AN, (2, "4/2", "75", 'Trần "Thị"\nBình', "1/1/2017", "Nữ", ""))
    roster = read(text.encode())
    assert [pupil.row for pupil in roster.pupils] == [4]
    assert [error.row for error in roster.errors] == [5]


def test_a_csv_in_an_old_code_page_is_refused() -> None:
    assert "UTF-8" in refusal(csv_text(AN).encode("utf-16-le").replace(b"\0", b"\xe9"))


def test_an_xls_is_told_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "danh-sach.xls"
    path.write_bytes(sheet(AN))
    assert [row.number for row in next(iter(sheets_in(path))).rows] == [1, 2]


def test_ods_is_read() -> None:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in (HEADINGS, AN, BINH)
    )
    roster = read(ods(rows))
    assert [pupil.full_name for pupil in roster.pupils] == NAMES[:2]


def ods(rows: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="HS">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content.encode()})


def zipped(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_workbook_that_counts_from_1904_gives_the_same_birthdays() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    page = book.active
    assert page is not None
    page.append(HEADINGS)
    page.append((*AN[:4], 42983 - 1462, *AN[5:]))  # 5 September 2017 as a bare number
    assert [f"{pupil.birth_date:%d/%m/%Y}" for pupil in read(saved(book)).pupils] == ["05/09/2017"]


# ---------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "trống"),
        (b"\0" * 100, "trống"),
        (b"PK\x03\x04 and nothing that follows", "Không đọc được"),
        (cells.OLE + b"\0" * 3000, "Không đọc được"),
        (cells.OLE + b"\0" * 600 + cells.ENCRYPTED_PART, "mật khẩu"),
        (b"<html><table><tr><td>STT</td></tr></table></html>", "dòng tiêu đề"),
        (b"<html><frameset><frame src='sheet001.htm'></frameset></html>", "trang web"),
        (b'<?xml version="1.0"?><Workbook/>', "trang web"),
        (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Workbook xmlns="' + SPREADSHEET + b'"/>',
            "không an toàn",
        ),
        (b"<table>" + b"<tr><td rowspan=9999 colspan=9999>x" * 40, "quá lớn"),
        (bytes(range(256)) * 20, "Không đọc được"),
        (b"%PDF-1.7 \xe2\xe3\xcf\xd3", "Không đọc được"),
        (zipped({"word/document.xml": b"<x/>"}), "không phải bảng tính"),
        ("chỉ một dòng chữ".encode(), "Không tìm thấy dòng tiêu đề"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in refusal(content)


def test_a_cut_off_workbook_is_refused() -> None:
    whole = sheet(AN, BINH)
    for length in range(100, len(whole) - 1, 500):
        assert "Không đọc được" in refusal(whole[:length])


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    parts[name] = change(parts[name])
    return zipped(parts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_never_resolved(encoding: str) -> None:
    bomb = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    )
    content = with_part(sheet(AN), "xl/worksheets/sheet1.xml", lambda _: bomb.encode(encoding))
    assert "không an toàn" in refusal(content)


def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    begun = time.monotonic()
    content = with_part(sheet(AN), "xl/worksheets/sheet1.xml", lambda _: b" " * (cells.SUSPECT_SIZE * 5))
    assert len(content) < 100_000
    assert "quá lớn" in refusal(content)
    assert time.monotonic() - begun < 10


def test_a_zip_that_lies_about_its_size_is_ended_by_the_limits_on_its_reader() -> None:
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></is></c></row>'
    rows = b"".join(row % (number, number) for number in range(1, 1_000_000))
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    content = bytearray(
        with_part(sheet(AN), "xl/worksheets/sheet1.xml", lambda _: head + rows + b"</sheetData></worksheet>")
    )
    true_size = struct.pack("<I", len(head + rows + b"</sheetData></worksheet>"))
    assert true_size in content
    message = refusal(bytes(content).replace(true_size, struct.pack("<I", 5_000)))
    assert "quá lớn" in message or "50.000 dòng" in message or "Không đọc được" in message


def test_two_far_corners_do_not_fill_the_memory() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["XFD1048576"] = "Họ tên", "x"
    assert "quá lớn" in refusal(saved(book))


def test_a_cell_longer_than_excel_allows_is_refused() -> None:
    assert "32.767" in refusal(csv_text((1, "4/2", "", "a" * 40_000, "", "", "")).encode())


def test_more_rows_than_any_school_has_are_refused() -> None:
    assert "50.000" in refusal(("Họ tên;Lớp\n" + "An;4/2\n" * (cells.MOST_ROWS + 1)).encode())


def test_a_huge_file_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "huge.xlsx"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(UnreadableFileError, match="quá lớn"):
        next(iter(sheets_in(path)))


@QUICK
@given(st.binary(max_size=2000), st.sampled_from([b"", cells.ZIP, cells.OLE, b"\xef\xbb\xbf", b"\xff\xfe"]))
def test_any_bytes_are_read_or_refused(content: bytes, head: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read(head + content)


@QUICK
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        roster = read(bytes(whole))
    except UnreadableFileError:
        return
    assert len(roster.pupils) + len(roster.bad) <= 3


def test_hidden_sheets_and_merged_cells_are_reported() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (HEADINGS, AN, (2, None, *BINH[2:])):
        page.append(row)
    page.merge_cells("B2:B3")
    assert [pupil.class_name for pupil in read(saved(book)).pupils] == ["4/2", "4/2"]
    content = xlsx({"Cũ": [HEADINGS, AN], "Mới": [HEADINGS, BINH]}, hidden=["Cũ"])
    roster = read(content)
    assert [pupil.full_name for pupil in roster.pupils] == ["Trần Thị Bình"]
    assert roster.skipped_sheets == ("Cũ",)
