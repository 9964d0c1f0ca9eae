"""Rows in memory: whatever is asked, nothing is lost, nothing is twice, and the order is the one of the column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from app import text
from app.lists.rules import Column, Filter, ListSpec, Value, Wanted, choices_of, in_memory
from app.lists.rules.workbook import workbook


@dataclass(frozen=True)
class Child:
    name: str
    group: str
    age: int | None
    born: date | None = None


SPEC: ListSpec[Child] = ListSpec(
    name="children",
    title="Học sinh",
    columns=(
        Column("name", "Họ và tên", lambda row: row.name, order=lambda row: text.sort_key(row.name)),
        Column("group", "Lớp", lambda row: row.group),
        Column("age", "Tuổi", lambda row: row.age, numeric=True),
        Column("born", "Ngày sinh", lambda row: row.born),
        Column("fixed", "Không sắp", lambda row: row.age, sortable=False),
    ),
    filters=(Filter("group", "Lớp", (("6A2", "6A2"), ("6A10", "6A10")), lambda row, it: row.group == it),),
    search=lambda row: f"{row.name} {row.group}",
)
children = st.builds(
    Child,
    name=st.sampled_from(["Nguyễn Văn An", "Trần Thị Ánh", "Đặng Thị Ước", "Điểu K'Rân", "Lê Ân"]),
    group=st.sampled_from(["6A2", "6A10", ""]),
    age=st.none() | st.integers(6, 18),
    born=st.none() | st.dates(date(2008, 1, 1), date(2020, 1, 1)),
)
wishes = st.builds(
    Wanted,
    text=st.sampled_from(["", "an", "ĐẶNG", "ước 6a", "  "]),
    chosen=st.sampled_from([{}, {"group": "6A2"}, {"group": ""}]),
    order=st.sampled_from(["", "name", "group", "age", "born", "fixed", "nothing"]),
    descending=st.booleans(),
    size=st.integers(1, 7),
)


@given(st.lists(children, max_size=20), wishes)
def test_the_pages_together_are_every_row_that_fits_once(rows: list[Child], wanted: Wanted) -> None:
    source = in_memory(SPEC, rows)
    first = source(wanted)
    pages = -(-first.total // wanted.size)
    seen = [
        row
        for page in range(1, pages + 1)
        for row in source(
            Wanted(wanted.text, wanted.chosen, wanted.order, wanted.descending, page, wanted.size)
        ).rows
    ]
    fitting = [row for row in rows if fits(row, wanted)]
    assert sorted(map(repr, seen)) == sorted(map(repr, fitting))
    assert first.total == len(fitting)


def fits(row: Child, wanted: Wanted) -> bool:
    """Say once more, in other words, what a search and a filter mean."""
    there = text.fold(f"{row.name} {row.group}")
    asked = text.fold(wanted.text).split()
    return all(part in there for part in asked) and wanted.chosen.get("group", "") in {"", row.group}


@given(st.lists(children, max_size=20), st.booleans())
def test_empty_cells_come_last_whichever_way(rows: list[Child], descending: bool) -> None:  # noqa: FBT001
    ages = [
        row.age for row in in_memory(SPEC, rows)(Wanted(order="age", descending=descending, size=50)).rows
    ]
    told = [age for age in ages if age is not None]
    assert ages == told + [None] * (len(ages) - len(told))
    assert told == sorted(told, reverse=descending)


def test_names_are_sorted_by_given_name_and_classes_as_people_count() -> None:
    rows = [
        Child("Đặng Thị Ước", "6A10", 11),
        Child("Lê Ân", "6A2", None),
        Child("Trần Thị Ánh", "6A10", 12),
        Child("Nguyễn Văn An", "6A2", 10),
    ]
    by_name = in_memory(SPEC, rows)(Wanted(order="name")).rows
    assert [row.name for row in by_name] == ["Nguyễn Văn An", "Trần Thị Ánh", "Lê Ân", "Đặng Thị Ước"]
    by_class = in_memory(SPEC, rows)(Wanted(order="group")).rows
    assert [row.group for row in by_class] == ["6A2", "6A2", "6A10", "6A10"]
    assert choices_of(rows, lambda row: row.group) == (("6A2", "6A2"), ("6A10", "6A10"))


def test_a_page_beyond_the_last_is_the_last() -> None:
    found = in_memory(SPEC, [Child("Lê Ân", "6A2", 7)] * 5)(Wanted(page=9, size=2))
    assert (found.page, len(found.rows), found.total) == (3, 1, 5)


MADE = datetime(2026, 10, 5, 7, 5)  # noqa: DTZ001 - a workbook's clock has no zone


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40), max_size=8)
)
def test_no_text_is_a_formula(names: list[str]) -> None:
    names = [mark + name for mark in "=+-@" for name in names] + ["=1+1", "+84", "@cmd", "-2", "http://x.vn"]
    book = openpyxl.load_workbook(BytesIO(workbook(["=head"], [*zip(names, strict=True)], MADE)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert [cell.value for cell in cells] == ["=head", *names]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.hyperlink for cell in cells] == [None] * len(cells)


def test_cells_have_their_types_and_the_head_stays() -> None:
    rows: list[list[Value]] = [
        ["Nguyễn Văn An", 12, 0.5, date(2016, 5, 17), datetime(2026, 10, 5, 7, 5), None]  # noqa: DTZ001
    ]
    content = workbook(["Họ và tên", "Số", "Tỉ lệ", "Ngày sinh", "Lúc", "Trống"], rows, MADE)
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[2]] == [
        "Nguyễn Văn An", 12, 0.5, datetime(2016, 5, 17), datetime(2026, 10, 5, 7, 5), None,  # noqa: DTZ001
    ]  # fmt: skip
    assert [cell.number_format for cell in sheet[2]][3:5] == ["dd/mm/yyyy", "dd/mm/yyyy hh:mm"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:F2"
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width
    assert content == workbook(["Họ và tên", "Số", "Tỉ lệ", "Ngày sinh", "Lúc", "Trống"], rows, MADE)
