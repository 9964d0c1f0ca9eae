"""The month sheet as an Excel workbook, in the layout schools file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from attendance.months.rules.sheet import MonthSheet

TEXT_ONLY = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
A4 = 9


def month_workbook(
    sheet: MonthSheet, title: str, heads: Sequence[str], footer: str, made_at: datetime
) -> bytes:
    """Return an .xlsx of one page across: title, head, a row for each pupil, a line that explains the letters.

    `heads` are the words for number, name, then excused, unexcused, pending and late. The same sheet at the same time
    gives the same bytes.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(out, TEXT_ONLY)
    book.set_properties({"created": made_at})
    page = book.add_worksheet(f"{sheet.month.first:%m-%Y}")
    bold, head = book.add_format({"bold": True, "font_size": 14}), _bordered(book, bold=True, align="center")
    cell, centred = _bordered(book), _bordered(book, align="center")
    last = 1 + len(sheet.days)
    page.write_string(0, 0, title, bold)
    labels = [*heads[:2], *(f"{day:%d}" for day in sheet.days), *heads[2:]]
    for column, label in enumerate(labels):
        page.write_string(2, column, label, head)
    for row, line in enumerate(sheet.lines, start=3):
        page.write_number(row, 0, line.number, centred)
        page.write_string(row, 1, line.name, cell)
        for column, text in enumerate(line.cells, start=2):
            page.write_string(row, column, text, centred)
        for column, number in enumerate(
            (line.excused, line.unexcused, line.pending, line.late), start=last + 1
        ):
            page.write_number(row, column, number, centred)
    page.write_string(len(sheet.lines) + 4, 0, footer)
    page.set_column(0, 0, 5)
    page.set_column(1, 1, 28)
    page.set_column(2, last, 5)
    page.set_column(last + 1, last + 4, 9)
    page.freeze_panes(3, 2)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    book.close()
    return out.getvalue()


def _bordered(book: Any, **more: object) -> Any:  # noqa: ANN401 - xlsxwriter's own objects
    return book.add_format({"border": 1, **more})
