"""Excel workbooks of released figures: every text is a text, whatever it begins with, and no number stands alone.

A workbook holds releases only (reports.releases): it leaves the house, so it shows what may leave. The same releases
give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Final

import xlsxwriter

from reports.indicators.rules import Counts, definition, evaluate, total

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from reports.cubes.rules import Month
    from reports.indicators.rules import Definition
    from reports.releases.rules import Release, ReleasedRow

HEAD_ROW: Final = 4
COUNT_COLUMNS: Final = (
    "sessions_due", "sessions_taken", "pupils", "expected", "excused", "unexcused", "pending", "late", "lessons_held",
)  # fmt: skip
WIDTHS: Final = (34, 12, 14, 14, 16, *(13,) * len(COUNT_COLUMNS))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a workbook in the reader's language; `heads` are those of the columns, in order."""

    title: str
    subtitle: str
    note: str
    heads: Sequence[str]
    whole: str
    withheld: str
    provisional: str
    final: str
    sheet_figures: str
    sheet_definitions: str
    definition_heads: Sequence[str]
    translate: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Formats:
    title: Format
    muted: Format
    head: Format
    text: Format
    whole: Format
    number: Format
    percent: Format


def workbook(
    releases: Sequence[Release], month: Month, as_of: date, definitions: Sequence[Definition], words: Words
) -> bytes:
    """Return an .xlsx with the figures of these schools and their classes, and a sheet with what they mean."""
    output = BytesIO()
    book = xlsxwriter.Workbook(
        output,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "dd/mm/yyyy",
        },
    )
    book.set_properties({"title": words.title, "created": datetime.combine(as_of, time())})
    formats = _formats(book)
    _figures(book.add_worksheet(words.sheet_figures), releases, month, words, formats)
    _meanings(book.add_worksheet(words.sheet_definitions), definitions, words, formats)
    book.close()
    return output.getvalue()


def counts_of_row(counts: Mapping[str, int]) -> Counts:
    """Return released counts as counts: absences that are neither excused nor unexcused are still pending."""
    known = {name: value for name, value in counts.items() if name != "absent"}
    return Counts(pending=counts["absent"] - counts["excused"] - counts["unexcused"], **known)


def _formats(book: xlsxwriter.Workbook) -> _Formats:
    return _Formats(
        title=book.add_format({"bold": True, "font_size": 14}),
        muted=book.add_format({"italic": True, "font_color": "#475A51", "text_wrap": True, "valign": "top"}),
        head=book.add_format(
            {"bold": True, "bg_color": "#DFE8E2", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        ),
        text=book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        whole=book.add_format({"bold": True, "text_wrap": True, "num_format": "@"}),
        number=book.add_format({"num_format": "#,##0"}),
        percent=book.add_format({"num_format": "0.0%"}),
    )


def _figures(
    sheet: Worksheet, releases: Sequence[Release], month: Month, words: Words, formats: _Formats
) -> None:
    sheet.write_string(0, 0, words.title, formats.title)
    sheet.write_string(1, 0, words.subtitle)
    sheet.merge_range(2, 0, 2, len(words.heads) - 1, "")
    sheet.write_string(2, 0, words.note, formats.muted)
    sheet.set_row(2, 48)
    for column, head in enumerate(words.heads):
        sheet.write_string(HEAD_ROW, column, head, formats.head)
        sheet.set_column(column, column, WIDTHS[column])
    row = HEAD_ROW + 1
    for release in releases:
        for line in release.rows:
            _line(sheet, row, release, line, month, words, formats)
            row += 1
    sheet.freeze_panes(HEAD_ROW + 1, 2)
    sheet.autofilter(HEAD_ROW, 0, max(row - 1, HEAD_ROW), len(words.heads) - 1)
    if len(releases) > 1:
        _whole(sheet, row, releases, month, words, formats)


def _line(
    sheet: Worksheet,
    row: int,
    release: Release,
    line: ReleasedRow,
    month: Month,
    words: Words,
    formats: _Formats,
) -> None:
    text = formats.text if line.key else formats.whole
    sheet.write_string(row, 0, release.name, text)
    sheet.write_string(row, 1, line.name if line.key else words.whole, text)
    if line.counts is None:
        sheet.write_string(row, 2, words.withheld, text)
        return
    _values(sheet, row, counts_of_row(line.counts), month, words, formats)


def _whole(
    sheet: Worksheet, row: int, releases: Sequence[Release], month: Month, words: Words, formats: _Formats
) -> None:
    """Write the sum of the schools that are published; a sum with others in it would give them away."""
    published = [counts_of_row(release.school.counts) for release in releases if release.school.counts]
    sheet.write_string(row, 0, words.whole, formats.whole)
    sheet.write_string(row, 1, f"{len(published)}/{len(releases)}", formats.whole)
    _values(sheet, row, total(published), month, words, formats)


def _values(
    sheet: Worksheet, row: int, counts: Counts, month: Month, words: Words, formats: _Formats
) -> None:
    rate = evaluate(definition("attendance_rate", month.first), counts)
    coverage = evaluate(definition("register_coverage", month.first), counts)
    for column, value in ((2, rate.quotient), (3, coverage.quotient)):
        if value is not None:
            sheet.write_number(row, column, float(value), formats.percent)
    if rate.quotient is not None:
        sheet.write_string(row, 4, words.provisional if rate.is_provisional else words.final, formats.text)
    for column, name in enumerate(COUNT_COLUMNS, 5):
        sheet.write_number(row, column, getattr(counts, name), formats.number)


def _meanings(sheet: Worksheet, definitions: Sequence[Definition], words: Words, formats: _Formats) -> None:
    for column, (head, width) in enumerate(zip(words.definition_heads, (30, 70, 50, 12), strict=True)):
        sheet.write_string(0, column, head, formats.head)
        sheet.set_column(column, column, width)
    for row, item in enumerate(definitions, 1):
        for column, text in enumerate((item.name, item.explanation, item.source)):
            sheet.write_string(row, column, words.translate(text), formats.text)
        sheet.write_number(row, 3, item.version, formats.number)
    sheet.freeze_panes(1, 1)
