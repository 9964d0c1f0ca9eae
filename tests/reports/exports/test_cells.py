"""No text of ours is a formula in anybody's spreadsheet, and no row is missing: tables are generated and reopened."""

from __future__ import annotations

import csv
import io
import os
from datetime import date

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.exports.rules import ExtractWords, csv_table, extract_workbook, sdmx_csv
from reports.exports.rules.flat import FORMULA_STARTS, safe_text
from reports.extracts.rules import Extract, ExtractRow, PlaceCell, Status
from reports.indicators.rules import Counts, definitions_of_classes, evaluate
from reports.tallies.rules import Period, PeriodKind

TABLES = int(os.environ.get("TABLES", "25"))
"""Generated tables; `make attack` takes 10,000."""
DAY = date(2026, 10, 1)
OCTOBER = Period("2026-10", PeriodKind.MONTH, DAY, date(2026, 11, 1), date(2026, 9, 5), "2026-2027")
INDICATORS = definitions_of_classes(DAY)
WORDS = ExtractWords(
    "=1+1", "@SUM(A1)", "+1", "-1", ("a", "b", "c", "d", "e"), "Không công bố", "Tạm tính", ("S", "P", "D"),
    tuple("abcdefg"), tuple("abcde"), {}, lambda text: text,
)  # fmt: skip
hostile = st.builds(
    lambda start, rest: start + rest,
    st.sampled_from(["", *FORMULA_STARTS, "=cmd|' /C calc'!A0", "http://", "1e5", "{=1}"]),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12),
)


@st.composite
def extracts(draw: st.DrawFn) -> Extract:
    rows = []
    for number in range(draw(st.integers(1, 6))):
        place = PlaceCell("class", draw(hostile), draw(hostile), f"{draw(hostile)}{number}")
        for indicator in INDICATORS:
            value = evaluate(
                indicator, Counts(1, draw(st.integers(0, 50)), 20, draw(st.integers(0, 20)), 400)
            )
            is_told = draw(st.booleans())
            status = Status.FINAL if is_told else Status.WITHHELD
            rows.append(ExtractRow(place, indicator, status, (1, 1), value if is_told else None))
    return Extract(PlaceCell("school", "THA", draw(hostile)), OCTOBER, DAY, tuple(rows))


@settings(max_examples=TABLES, deadline=None)
@given(extracts())
def test_reopened_tables_have_every_row_and_no_formula(extract: Extract) -> None:
    book = openpyxl.load_workbook(io.BytesIO(extract_workbook(extract, WORDS)))
    for sheet in book.worksheets:
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    places = {row.place for row in extract.rows}
    assert book.worksheets[0].max_row == 5 + len(places)
    for written in (csv_table(extract), sdmx_csv(extract)):
        table = list(csv.reader(io.StringIO(written.decode(), newline="")))
        assert len(table) == len(extract.rows) + 1
        for row in table[1:]:
            texts = [cell for cell in row if not _is_number(cell)]
            assert not [cell for cell in texts if cell.startswith(FORMULA_STARTS)]


@given(hostile)
def test_a_safe_text_is_the_text_or_stands_behind_an_apostrophe(text: str) -> None:
    assert safe_text(text) in {text, f"'{text}"}
    assert not safe_text(text).startswith(FORMULA_STARTS)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
