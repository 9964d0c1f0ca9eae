"""An extract as an Excel workbook: figures by place, how much was taken, and what every indicator means.

The same extract and words give the same bytes. Every text is a text, whatever it begins with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Final

import xlsxwriter

from reports.extracts.rules import Status
from reports.indicators.rules import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from reports.extracts.rules import Extract, ExtractRow, PlaceCell

MOST_ROWS: Final = 1_048_576
_HEAD_ROW: Final = 4


@dataclass(frozen=True, slots=True)
class ExtractWords:
    """The words of the workbook in the reader's language; `translate` is for texts of the catalogue."""

    title: str
    subtitle: str
    note: str
    digest: str
    place_heads: Sequence[str]
    withheld: str
    provisional: str
    sheets: Sequence[str]
    coverage_heads: Sequence[str]
    definition_heads: Sequence[str]
    kinds: Mapping[str, str]
    translate: Callable[[str], str]


class TooLongError(ValueError):
    """A sheet would need more rows than Excel has. Nothing is cut: the file is not made."""


def extract_workbook(extract: Extract, words: ExtractWords) -> bytes:
    """Return the .xlsx; raises TooLongError rather than leaving rows out."""
    output = BytesIO()
    book = xlsxwriter.Workbook(
        output,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": words.title, "created": datetime.combine(extract.as_of, time())})
    formats = _formats(book)
    figures, coverage, meanings = (book.add_worksheet(name) for name in words.sheets)
    _figures(figures, extract, words, formats)
    _coverage(coverage, extract, words, formats)
    _meanings(meanings, extract, words, formats)
    book.close()
    return output.getvalue()


def _formats(book: Workbook) -> dict[str, Format]:
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "muted": book.add_format(
            {"italic": True, "font_color": "#475A51", "text_wrap": True, "valign": "top"}
        ),
        "head": book.add_format(
            {"bold": True, "bg_color": "#DFE8E2", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        ),
        "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "withheld": book.add_format({"font_color": "#475A51", "align": "right"}),
        Unit.NUMBER: book.add_format({"num_format": "#,##0"}),
        Unit.PER_UNIT: book.add_format({"num_format": "#,##0.0"}),
        Unit.PERCENT: book.add_format({"num_format": "0.0%"}),
        f"{Unit.PERCENT}?": book.add_format({"num_format": "0.0%", "italic": True, "font_color": "#8A5A00"}),
        f"{Unit.NUMBER}?": book.add_format({"num_format": "#,##0", "italic": True, "font_color": "#8A5A00"}),
    }


def _figures(sheet: Worksheet, extract: Extract, words: ExtractWords, formats: Mapping[str, Format]) -> None:
    """Write one row per place (and level) and one column per indicator, heads and place names frozen."""
    for row, text in enumerate((words.title, words.subtitle)):
        sheet.write_string(row, 0, text, formats["title" if row == 0 else "text"])
    sheet.merge_range(2, 0, 2, 9, "")
    sheet.write_string(2, 0, words.note, formats["muted"])
    sheet.set_row(2, 48)
    sheet.write_string(3, 0, words.digest, formats["muted"])
    columns = {one.code: place for place, one in enumerate(extract.definitions, len(words.place_heads))}
    heads = [*words.place_heads, *(words.translate(one.name) for one in extract.definitions)]
    for column, head in enumerate(heads):
        sheet.write_string(_HEAD_ROW, column, head, formats["head"])
        sheet.set_column(column, column, 26 if column == 1 else 14)
    lines = _by_place(extract)
    if _HEAD_ROW + 1 + len(lines) > MOST_ROWS:
        raise TooLongError(len(lines))
    for number, ((place, level), rows) in enumerate(lines.items(), _HEAD_ROW + 1):
        texts = (words.kinds.get(place.kind, place.kind), place.name, place.code, place.class_name, level)
        for column, text in enumerate(texts):
            sheet.write_string(number, column, text, formats["text"])
        for one in rows:
            _value(sheet, number, columns[one.indicator.code], one, words, formats)
    sheet.freeze_panes(_HEAD_ROW + 1, 2)
    sheet.autofilter(_HEAD_ROW, 0, max(_HEAD_ROW + len(lines), _HEAD_ROW), len(heads) - 1)


def _by_place(extract: Extract) -> dict[tuple[PlaceCell, str], list[ExtractRow]]:
    found: dict[tuple[PlaceCell, str], list[ExtractRow]] = {}
    for row in extract.rows:
        found.setdefault((row.place, row.level or ""), []).append(row)
    return found


def _value(
    sheet: Worksheet,
    number: int,
    column: int,
    row: ExtractRow,
    words: ExtractWords,
    formats: Mapping[str, Format],
) -> None:
    if row.value is None:
        sheet.write_string(number, column, words.withheld, formats["withheld"])
    elif row.value.quotient is not None:
        unit = row.indicator.unit
        mark = "?" if row.status is Status.PROVISIONAL and f"{unit}?" in formats else ""
        sheet.write_number(number, column, float(row.value.quotient), formats[f"{unit}{mark}"])


def _coverage(sheet: Worksheet, extract: Extract, words: ExtractWords, formats: Mapping[str, Format]) -> None:
    """Write, place by place, how much of what was due was taken, and over how many schools it was counted."""
    for column, head in enumerate(words.coverage_heads):
        sheet.write_string(0, column, head, formats["head"])
        sheet.set_column(column, column, 26 if column == 0 else 16)
    told = [row for row in extract.rows if row.indicator.code == "register_coverage"]
    for number, row in enumerate(told, 1):
        sheet.write_string(number, 0, row.place.name, formats["text"])
        sheet.write_string(number, 1, row.place.class_name, formats["text"])
        _value(sheet, number, 2, row, words, formats)
        if row.value:
            sheet.write_number(number, 3, row.value.numerator, formats[Unit.NUMBER])
            sheet.write_number(number, 4, row.value.denominator or 0, formats[Unit.NUMBER])
        sheet.write_number(number, 5, row.schools[0], formats[Unit.NUMBER])
        sheet.write_number(number, 6, row.schools[1], formats[Unit.NUMBER])
    sheet.freeze_panes(1, 2)


def _meanings(sheet: Worksheet, extract: Extract, words: ExtractWords, formats: Mapping[str, Format]) -> None:
    for column, (head, width) in enumerate(zip(words.definition_heads, (30, 70, 50, 12, 14), strict=True)):
        sheet.write_string(0, column, head, formats["head"])
        sheet.set_column(column, column, width)
    for number, one in enumerate(extract.definitions, 1):
        for column, text in enumerate((one.name, one.explanation, one.source)):
            sheet.write_string(number, column, words.translate(text), formats["text"])
        sheet.write_number(number, 3, one.version, formats[Unit.NUMBER])
        sheet.write_string(number, 4, one.valid_from.strftime("%d/%m/%Y"), formats["text"])
    sheet.freeze_panes(1, 1)
