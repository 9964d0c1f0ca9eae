"""The log's workbook, written by hand: whatever was typed comes back as text, by two readers."""

from __future__ import annotations

import zipfile
from io import BytesIO

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from app.audit.rules.sheets import log_workbook

TITLES = ("Mục số", "Việc")
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=40)
AWKWARD = ("=1+1", "+84", " hai đầu ", "a\nb", '<b>&"', "Nguyễn Văn Ân", "001", "]]>")


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS | st.sampled_from(AWKWARD)), max_size=6))
def test_what_was_typed_is_read_again(rows: list[tuple[str, str]]) -> None:
    made = log_workbook("Nhật ký", TITLES, rows)
    book = openpyxl.load_workbook(BytesIO(made))
    sheet = book["Nhật ký"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    found = [tuple(cell or "" for cell in row) for row in sheet.iter_rows(values_only=True)]
    assert found == [TITLES, *(tuple(_readable(cell) for cell in row) for row in rows)]


def _readable(text: str) -> str:
    """Return a text without what XML cannot hold; the readers see escapes of Excel's as they stand."""
    return "".join(
        sign for sign in text if sign in "\t\n" or (ord(sign) >= 32 and sign not in "\ufffe\uffff")
    )


def test_other_readers_agree_and_a_thousand_rows_are_whole() -> None:
    rows = [(str(number), AWKWARD[number % len(AWKWARD)]) for number in range(2_500)]
    found = load_workbook(BytesIO(log_workbook("Nhật ký", TITLES, rows))).get_sheet_by_index(0).to_python()
    assert [tuple(row) for row in found] == [TITLES, *rows]


def test_what_looks_like_an_escape_of_excel_stays_what_it_is() -> None:
    with zipfile.ZipFile(BytesIO(log_workbook("a", ("b",), [("_x0041_",)]))) as book:
        assert ">_x005F_x0041_</t>" in book.read("xl/worksheets/sheet1.xml").decode()
