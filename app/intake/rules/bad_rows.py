"""The bad rows as a workbook: to be mended in Excel and brought again."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.intake.rules.preview import BadLine

WIDTHS: Final = (10, 70)


def bad_rows_workbook(
    bad: Sequence[BadLine], titles: tuple[str, str, str], tell: Callable[[str], str]
) -> bytes:
    """Return an xlsx of the bad rows under the headings of their own file, with row number, sheet and reasons.

    `titles` are the headings of (row number, sheet, reasons); `tell` turns a message into the reader's language.
    Every cell is written as text: a name that begins with "=" stays a name.
    """
    headings = list(dict.fromkeys(heading for line in bad for heading, _ in line.cells))
    has_sheets = any(line.sheet for line in bad)
    first = [titles[0], titles[1]] if has_sheets else [titles[0]]
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet()
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
    for column, heading in enumerate([*first, *headings, titles[2]]):
        page.write_string(0, column, heading, bold)
    for number, line in enumerate(bad, 1):
        cells = dict(line.cells)
        reasons = "\n".join(f"{remark.column}: {tell(remark.message)}" for remark in line.remarks)
        lead = [str(line.row), line.sheet] if has_sheets else [str(line.row)]
        for column, value in enumerate([*lead, *(cells.get(heading, "") for heading in headings), reasons]):
            page.write_string(number, column, value, text)
    last = len(first) + len(headings)
    page.set_column(0, last - 1, WIDTHS[0] + 8)
    page.set_column(last, last, WIDTHS[1])
    page.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
