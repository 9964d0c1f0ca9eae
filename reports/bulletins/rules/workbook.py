"""A bulletin as a workbook: the sentences, the month's figures beside the others, every part, and the definitions.

The same content gives the same bytes. Every text is a text, whatever it begins with.
"""

from __future__ import annotations

from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter

from app.i18n import say
from reports.bulletins.rules.content import COLUMNS
from reports.bulletins.rules.paper import HEADS
from reports.bulletins.rules.wording import is_provisional, is_withheld, month_words, over_schools, value_of
from reports.indicators.rules import Unit, definition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from reports.bulletins.rules.content import Content

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def bulletin_workbook(content: Content) -> bytes:
    """Return the .xlsx."""
    values = content.values
    output = BytesIO()
    book = xlsxwriter.Workbook(output, _OPTIONS)
    title = str(say("Báo cáo chuyên cần %(month)s", month=month_words(values["period"])))
    made = date.fromisoformat(values["as_of"])
    book.set_properties({"title": title, "created": datetime.combine(made, time())})
    formats = _formats(book)
    _report(book.add_worksheet(str(say("Báo cáo"))), content, title, formats)
    _parts(book.add_worksheet(str(say("Từng đơn vị"))), values, formats)
    _definitions(book.add_worksheet(str(say("Định nghĩa"))), values, formats)
    book.close()
    return output.getvalue()


def _formats(book: Workbook) -> dict[str, Format]:
    soft = {"italic": True, "font_color": "#8A5A00"}
    patterns = {Unit.NUMBER: "#,##0", Unit.PER_UNIT: "#,##0.0", Unit.PERCENT: "0.0%"}
    found = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bg_color": "#DFE8E2", "bottom": 1, "text_wrap": True}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "muted": book.add_format(
            {"italic": True, "font_color": "#475A51", "text_wrap": True, "valign": "top"}
        ),
        "right": book.add_format({"font_color": "#475A51", "align": "right"}),
    }
    for unit, pattern in patterns.items():
        found[unit.value] = book.add_format({"num_format": pattern})
        found[f"{unit.value}?"] = book.add_format({"num_format": pattern, **soft})
    return found


def _report(sheet: Worksheet, content: Content, title: str, formats: Mapping[str, Format]) -> None:
    values = content.values
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 3, 18)
    sheet.write_string(0, 0, title, formats["title"])
    sheet.write_string(1, 0, values["place_name"], formats["text"])
    row = 3
    for sentence in values["sentences"]:
        sheet.merge_range(row, 0, row, 3, "")
        sheet.write_string(row, 0, sentence, formats["text"])
        sheet.set_row(row, 32 if len(sentence) > 90 else 16)  # noqa: PLR2004 - what fits into the four columns
        row += 1
    row += 1
    names = [name for name in ("now", "before", "year_ago") if name == "now" or values[name]]
    months = [values["period"] if name == "now" else values[name] for name in names]
    _heads(sheet, row, [str(say("Chỉ tiêu")), *(month_words(one) for one in months)], formats)
    for line, one in enumerate(values["figures"], row + 1):
        sheet.write_string(line, 0, one["name"] + over_schools(one), formats["text"])
        for column, name in enumerate(names, 1):
            _cell(sheet, (line, column), one[name], one["unit"], formats)
    sheet.write_string(row + len(values["figures"]) + 2, 0, f"SHA-256: {content.digest}", formats["muted"])


def _parts(sheet: Worksheet, values: Mapping[str, Any], formats: Mapping[str, Format]) -> None:
    first = date.fromisoformat(f"{values['period']}-01")
    known = [definition(code, first) for code in COLUMNS]
    _heads(sheet, 0, [str(say("Loại")), str(say("Đơn vị")), *(one.name for one in known)], formats)
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, 1 + len(known), 16)
    for row, part in enumerate(values["parts"], 1):
        sheet.write_string(row, 0, HEADS.get(part["kind"], ""), formats["text"])
        sheet.write_string(row, 1, part["name"], formats["text"])
        for column, one in enumerate(known, 2):
            _cell(sheet, (row, column), part["cells"].get(one.code), one.unit.value, formats)
    sheet.freeze_panes(1, 2)


def _definitions(sheet: Worksheet, values: Mapping[str, Any], formats: Mapping[str, Format]) -> None:
    heads = [
        str(say("Chỉ tiêu")),
        str(say("Công thức tính")),
        str(say("Nguồn số liệu")),
        str(say("Phiên bản")),
    ]
    _heads(sheet, 0, heads, formats)
    for column, width in enumerate((30, 70, 50, 12)):
        sheet.set_column(column, column, width)
    for row, one in enumerate(values["definitions"], 1):
        for column, name in enumerate(("name", "explanation", "source")):
            sheet.write_string(row, column, one[name], formats["text"])
        sheet.write_number(row, 3, one["version"], formats[Unit.NUMBER.value])
    sheet.freeze_panes(1, 1)


def _heads(sheet: Worksheet, row: int, heads: Sequence[str], formats: Mapping[str, Format]) -> None:
    for column, head in enumerate(heads):
        sheet.write_string(row, column, head, formats["head"])


def _cell(
    sheet: Worksheet,
    where: tuple[int, int],
    cell: Mapping[str, Any] | None,
    unit: str,
    formats: Mapping[str, Format],
) -> None:
    value = value_of(cell)
    if is_withheld(cell):
        sheet.write_string(*where, str(say("không công bố")), formats["right"])
    elif value is not None:
        shown = value / 100 if unit == Unit.PERCENT else value
        sheet.write_number(*where, shown, formats[f"{unit}?" if is_provisional(cell) else unit])
