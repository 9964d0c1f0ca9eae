"""Writes pages of cells as files: xlsx, ods, CSV in several encodings, HTML and XML 2003 that call themselves .xls."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time
from html import escape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and what it last showed."""

    value: str | float


Value = str | int | float | date | Formula | None


@dataclass(slots=True)
class Page:
    """A sheet: rows from row 1 and column A on, cells merged as (row, column, last row, last column), from 0."""

    name: str
    rows: list[list[Value]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    hidden: bool = False
    formatted_to: int = 0
    filtered: bool = False


def shown(value: Value) -> str:
    """Return a value as a program writes it into a text file."""
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def xlsx(pages: Sequence[Page], *, from_1904: bool = False) -> bytes:
    """Return a workbook of Excel."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"date_1904": from_1904, "strings_to_numbers": False})
    day, plain = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"border": 1})
    for page in pages:
        sheet = book.add_worksheet(page.name)
        for top, left, bottom, right in page.merged:
            sheet.merge_range(top, left, bottom, right, shown(page.rows[top][left]))
        covered = _covered(page)
        for row, cells in enumerate(page.rows):
            for column, value in enumerate(cells):
                if (row, column) not in covered:
                    _write(sheet, (row, column), value, day, plain)
        _make_up(sheet, page, plain)
    book.get_worksheet_by_name(next(page.name for page in pages if not page.hidden)).activate()
    book.close()
    return out.getvalue()


def _write(sheet: Any, at: tuple[int, int], value: Value, day: object, plain: object) -> None:  # noqa: ANN401 - untyped
    if isinstance(value, Formula):
        sheet.write_formula(*at, '=TRIM("x")', None, value.value)
    elif isinstance(value, date):
        sheet.write_datetime(*at, datetime.combine(value, time()), day)
    elif isinstance(value, str) and value:
        sheet.write_string(*at, value, plain)
    elif value not in {None, ""}:
        sheet.write(*at, value, plain)


def _make_up(sheet: Any, page: Page, plain: object) -> None:  # noqa: ANN401 - untyped
    """Hide, filter and format without writing anything."""
    width = max(map(len, page.rows))
    for row in page.hidden_rows:
        sheet.set_row(row, None, None, {"hidden": True})
    for column in page.hidden_columns:
        sheet.set_column(column, column, None, None, {"hidden": True})
    for column in range(width, page.formatted_to):
        sheet.write_blank(2, column, None, plain)
    if page.filtered:
        sheet.autofilter(0, 0, len(page.rows) - 1, width - 1)
    if page.hidden:
        sheet.hide()


_ODS: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2" '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)


def ods(pages: Sequence[Page]) -> bytes:
    """Return a workbook of OpenDocument."""
    out = BytesIO()
    body = "".join(_ods_page(page) for page in pages)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml", f"{_ODS}{body}</office:spreadsheet></office:body></office:document-content>"
        )
        archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
    return out.getvalue()


_ODS_MANIFEST: Final = (
    '<?xml version="1.0"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)
_ODS_TAIL: Final = (
    '<table:table-row table:number-rows-repeated="1040000">'
    '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
)


def _ods_page(page: Page) -> str:
    spans = {one[:2]: (one[2] - one[0] + 1, one[3] - one[1] + 1) for one in page.merged}
    rows = []
    for row, cells in enumerate(page.rows):
        written = [_ods_cell(value, spans.get((row, column))) for column, value in enumerate(cells)]
        rows.append("<table:table-row>" + ("".join(written) or "<table:table-cell/>") + "</table:table-row>")
    return f'<table:table table:name="{escape(page.name)}">{"".join(rows)}{_ODS_TAIL}</table:table>'


def _ods_cell(value: Value, span: tuple[int, int] | None) -> str:
    merged = (
        f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"' if span else ""
    )
    if isinstance(value, Formula):
        value = value.value
    if value in {None, ""}:
        return f"<table:table-cell{merged}/>"
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, str):
        kind = 'office:value-type="string"'
    else:
        kind = f'office:value-type="float" office:value="{value}"'
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in shown(value).split("\n"))
    return f"<table:table-cell {kind}{merged}>{text}</table:table-cell>"


def csv_text(page: Page, delimiter: str) -> str:
    """Return a page as CSV."""
    out = StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(
        [map(shown, row) for row in page.rows]
    )
    return out.getvalue()


def html(pages: Sequence[Page]) -> str:
    """Return pages as the tables of one web page, as web systems export "Excel" files."""
    style = "<style>td{mso-number-format:'\\@'} .x > b{color:red}</style>"
    tables = "<br/>".join(_html_table(page) for page in pages)
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type" '
        f'content="text/html; charset=utf-8">{style}</head><body>{tables}</body></html>'
    )


def _covered(page: Page) -> set[tuple[int, int]]:
    return {
        (row, column)
        for top, left, bottom, right in page.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }


def _html_table(page: Page) -> str:
    spans = {one[:2]: (one[2] - one[0] + 1, one[3] - one[1] + 1) for one in page.merged}
    covered = _covered(page)
    rows = []
    for row, cells in enumerate(page.rows):
        written = []
        for column, value in enumerate(cells):
            if (row, column) in covered:
                continue
            down, across = spans.get((row, column), (1, 1))
            text = escape(shown(value)).replace("\n", "<br>") or "&nbsp;"
            written.append(f'<td rowspan="{down}" colspan={across}>{text}' + ("</td>" if row % 2 else ""))
        rows.append(f"<tr>{''.join(written)}</tr>\r\n")
    return f"<table border=1>{''.join(rows)}</table>"


def xml_2003(pages: Sequence[Page]) -> str:
    """Return pages as an XML spreadsheet of Excel 2003."""
    return (
        '<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?>\r\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        + "".join(_xml_page(page) for page in pages)
        + "</Workbook>"
    )


def _xml_page(page: Page) -> str:
    spans = {one[:2]: (one[2] - one[0], one[3] - one[1]) for one in page.merged}
    covered = _covered(page)
    rows = []
    for row, cells in enumerate(page.rows):
        written = []
        for column, value in enumerate(cells):
            if (row, column) in covered or value in {None, ""}:
                continue
            down, across = spans.get((row, column), (0, 0))
            if isinstance(value, Formula):
                value = value.value  # noqa: PLW2901
            kind = "DateTime" if isinstance(value, date) else "String" if isinstance(value, str) else "Number"
            text = f"{value.isoformat()}T00:00:00.000" if isinstance(value, date) else escape(str(value))
            merge = f' ss:MergeDown="{down}" ss:MergeAcross="{across}"' if down or across else ""
            data = f'<Data ss:Type="{kind}">{text}</Data>'.replace("\n", "&#10;")
            written.append(f'<Cell ss:Index="{column + 1}"{merge}>{data}</Cell>')
        if written:
            rows.append(f'<Row ss:Index="{row + 1}">{"".join(written)}</Row>')
    visible = "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>" if page.hidden else ""
    return f'<Worksheet ss:Name="{escape(page.name)}"><Table>{"".join(rows)}</Table>{visible}</Worksheet>'
