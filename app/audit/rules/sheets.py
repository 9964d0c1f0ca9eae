"""The audit log as an Excel file. Every cell is text: nothing that somebody typed becomes a formula."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_ROWS: Final = 50_000
_LONGEST_CELL: Final = 32_000


def log_workbook(sheet_name: str, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return the workbook; memory stays flat, for rows go to the disk as they come."""
    output = BytesIO()
    settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(output, settings | {"strings_to_numbers": False})
    sheet = book.add_worksheet(sheet_name[:31])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(titles) - 1, 28)
    bold = book.add_format({"bold": True})
    for place, title in enumerate(titles):
        sheet.write_string(0, place, title, bold)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            sheet.write_string(number, place, value[:_LONGEST_CELL])
    book.close()
    return output.getvalue()
