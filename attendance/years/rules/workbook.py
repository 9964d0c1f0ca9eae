"""A class's year as an Excel workbook, in the layout schools file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from attendance.months.rules.workbook import A4, TEXT_ONLY
from attendance.years.rules.words import covers_of, groups_of, name_of, numbers_of

if TYPE_CHECKING:
    from datetime import datetime

    from attendance.years.rules.sheet import YearSheet
    from attendance.years.rules.words import Words

HEAD: Final = 2
FIRST_ROW: Final = HEAD + 2


def year_workbook(sheet: YearSheet, words: Words, made_at: datetime) -> bytes:
    """Return an .xlsx of one page across: title, a head of two storeys, a row for each pupil, the taken registers.

    The same sheet at the same time gives the same bytes.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(out, TEXT_ONLY)
    book.set_properties({"created": made_at})
    page = book.add_worksheet(sheet.frame.code)
    page.write_string(0, 0, words.title, book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, f"{words.school}. {words.when}")
    widths = _heads(book, page, sheet, words)
    cell, centred = book.add_format({"border": 1}), book.add_format({"border": 1, "align": "center"})
    for row, line in enumerate(sheet.lines, start=FIRST_ROW):
        page.write_number(row, 0, line.number, centred)
        page.write_string(row, 1, name_of(line, words), cell)
        for column, number in enumerate(numbers_of(line), start=2):
            page.write_number(row, column, number, centred)
    last = FIRST_ROW + len(sheet.lines)
    page.write_string(last, 1, words.cover, cell)
    for column, width, said in zip(_starts(widths), widths, covers_of(sheet), strict=True):
        page.merge_range(last, column, last, column + width - 1, said, centred)
    page.write_string(last + 2, 0, words.footer)
    _paper(page, sum(widths))
    book.close()
    return out.getvalue()


def _heads(book: Any, page: Any, sheet: YearSheet, words: Words) -> list[int]:  # noqa: ANN401 - xlsxwriter's own
    """Write both storeys of the head; return how many columns each group has."""
    head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter"})
    for column, word in enumerate((words.number, words.name)):
        page.merge_range(HEAD, column, HEAD + 1, column, word, head)
    groups = groups_of(sheet, words)
    widths = [len(columns) for _, columns in groups]
    for start, (group, columns) in zip(_starts(widths), groups, strict=True):
        page.merge_range(HEAD, start, HEAD, start + len(columns) - 1, group, head)
        for column, letter in enumerate(columns, start=start):
            page.write_string(HEAD + 1, column, letter, head)
    return widths


def _starts(widths: list[int]) -> list[int]:
    return [2 + sum(widths[:at]) for at in range(len(widths))]


def _paper(page: Any, columns: int) -> None:  # noqa: ANN401 - xlsxwriter's own
    page.set_column(0, 0, 5)
    page.set_column(1, 1, 30)
    page.set_column(2, columns + 1, 4)
    page.freeze_panes(FIRST_ROW, 2)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD, HEAD + 1)
