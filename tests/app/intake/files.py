"""Roster files made for tests: workbooks and CSVs with rows of invented pupils."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, Final

import openpyxl

from app.intake.commands.imports import read_content
from app.intake.rules.rows import Roster

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


YEAR: Final = 2026
HEADINGS: Final = ("STT", "Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Dân tộc")
AN: Final = (1, "4/2", "7501000001", "Nguyễn Văn An", "05/09/2017", "Nam", "Kinh")
BINH: Final = (2, "4/2", "7501000002", "Trần Thị Bình", "17/05/2017", "Nữ", "Kinh")
RAN: Final = (3, "4/10", "7501000003", "Điểu K'Rân", "01/12/2016", "Nam", "Xtiêng")


def xlsx(sheets: Mapping[str, Sequence[Any]], hidden: Sequence[str] = ()) -> bytes:
    """Return a workbook with these sheets; rows are lists of what openpyxl takes, None is no cell."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type] # a new workbook has an active sheet
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    cell = sheet.cell(number, column)
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"  # "=1+1" is text here, as in the files of the ministry
        if name in hidden:
            sheet.sheet_state = "hidden"
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(*rows: Sequence[Any], headings: Sequence[Any] = HEADINGS) -> bytes:
    """Return a workbook with one sheet: headings, then rows."""
    return xlsx({"Sheet1": [headings, *rows]})


def csv_text(*rows: Sequence[Any], headings: Sequence[Any] = HEADINGS, delimiter: str = ";") -> str:
    out = StringIO()
    csv.writer(out, delimiter=delimiter).writerows([headings, *rows])
    return out.getvalue()


def read(content: bytes) -> Roster:
    """Return the roster in a file's bytes, for the year 2026-2027."""
    found = read_content(content, YEAR)
    assert isinstance(found, Roster)
    return found
