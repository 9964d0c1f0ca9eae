"""A list as an Excel workbook: typed cells, a frozen head, widths that fit. No text is ever a formula or a link."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from app.lists.rules import Value

NARROWEST: Final = 7
WIDEST: Final = 60
LONGEST_CELL: Final = 32_000
A4: Final = 9
TEXT: Final = "@"
DAY: Final = "dd/mm/yyyy"
INSTANT: Final = "dd/mm/yyyy hh:mm"


def workbook(heads: Sequence[str], rows: Sequence[Sequence[Value]], made_at: datetime) -> bytes:
    """Return an .xlsx with a head and rows; `made_at` and other instants are wall-clock time without a zone.

    The same rows at the same time give the same bytes.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": made_at})
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {shape: book.add_format({"num_format": shape}) for shape in (TEXT, DAY, INSTANT)}
    for column, label in enumerate(heads):
        sheet.write_string(0, column, label, head)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, formats)
    _dress(sheet, heads, rows)
    book.close()
    return out.getvalue()


def _write(sheet: Worksheet, row: int, column: int, value: Value, formats: dict[str, Format]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value[:LONGEST_CELL], formats[TEXT])
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime | date):
        shape = formats[INSTANT if isinstance(value, datetime) else DAY]
        sheet.write_datetime(row, column, value, shape)
    else:
        sheet.write_number(row, column, value)


def _dress(sheet: Worksheet, heads: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    """Keep the head in view and on every sheet of paper, let the columns be as wide as what they hold."""
    for column, label in enumerate(heads):
        longest = max([len(label), *(_width(row[column]) for row in rows)])
        sheet.set_column(column, column, min(max(NARROWEST, longest + 2), WIDEST))
    sheet.freeze_panes(1, 1)
    if rows and heads:
        sheet.autofilter(0, 0, len(rows), len(heads) - 1)
    sheet.repeat_rows(0)
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&R&P / &N")


def _width(value: Value) -> int:
    if isinstance(value, datetime):
        return len(INSTANT)
    return len(DAY) if isinstance(value, date) else len(str(value if value is not None else ""))
