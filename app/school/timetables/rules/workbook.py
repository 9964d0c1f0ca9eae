"""A timetable as a workbook: a wide sheet of all classes, then a sheet for each class, as `sheets` reads them back."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

import xlsxwriter

from app.school.timetables.rules.grid import Row, Slot
from app.school.timetables.rules.words import SESSION_WORDS, as_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from app.school.timetables.rules.grid import GridLesson

DAY_WORDS: Final = {
    1: "Thứ 2",
    2: "Thứ 3",
    3: "Thứ 4",
    4: "Thứ 5",
    5: "Thứ 6",
    6: "Thứ 7",
    7: "Chủ nhật",
}
WIDE_SHEET: Final = "Toàn trường"
LONGEST_SHEET_NAME: Final = 31
FIRST_ROW: Final = 3


@dataclass(frozen=True, slots=True)
class ClassSheet:
    """The week of a class: its rows, and the text of each cell that is not empty."""

    name: str
    rows: Sequence[Row]
    texts: Mapping[Slot, str]


@dataclass(frozen=True, slots=True)
class SchoolSheets:
    """What a workbook holds; `starts_on` None: a draft.

    `made_at` is wall-clock time without a zone: the same content gives the same bytes.
    """

    school: str
    year: str
    starts_on: date | None
    rows: Sequence[Row]
    weekdays: Sequence[int]
    classes: Sequence[ClassSheet]
    made_at: datetime

    @property
    def title(self) -> str:
        """Whose timetable it is, of which year."""
        return f"Thời khóa biểu {self.school}, năm học {self.year}"

    @property
    def subtitle(self) -> str:
        """From which day it holds."""
        return f"Áp dụng từ {self.starts_on:%d/%m/%Y}" if self.starts_on else "Bản nháp"


def texts_of(
    lessons: Iterable[GridLesson], codes: Mapping[int, tuple[str, str]]
) -> dict[tuple[int, Slot], str]:
    """Return {(class, slot): the text of the cell}.

    `codes` is {teacher: (full name, staff code)}: who shares a name with somebody is written with the code.
    """
    shared = Counter(name for name, _ in codes.values())
    cells: dict[tuple[int, Slot], list[GridLesson]] = {}
    for lesson in lessons:
        cells.setdefault((lesson.class_id, lesson.slot), []).append(lesson)

    def written(staff_id: int, name: str) -> str:
        return f"{name} [{codes[staff_id][1]}]" if shared[name] > 1 else name

    return {
        key: as_cell(
            [
                (
                    one.line.weeks,
                    one.subject,
                    [written(*pair) for pair in zip(one.line.staff_ids, one.teachers, strict=True)],
                    one.line.room,
                )
                for one in sorted(cell, key=lambda one: one.line.weeks == "even")
            ]
        )
        for key, cell in cells.items()
    }


def workbook_of(sheets: SchoolSheets) -> bytes:
    """Return the xlsx. Every cell is text: what begins with "=" stays what it is."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": sheets.made_at})
    head = book.add_format(
        {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
    )
    cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True, "num_format": "@"})
    title = book.add_format({"bold": True, "font_size": 14})
    _wide(book.add_worksheet(WIDE_SHEET), sheets, head, cell, title)
    taken = {WIDE_SHEET.lower()}
    for one in sheets.classes:
        name = _sheet_name(one.name, taken)
        _class(book.add_worksheet(name), sheets, one, head, cell, title)
    book.close()
    return out.getvalue()


def _wide(page: Worksheet, sheets: SchoolSheets, head: Format, cell: Format, title: Format) -> None:
    page.write_string(0, 0, sheets.title, title)
    page.write_string(1, 0, sheets.subtitle)
    for column, word in enumerate(["Thứ", "Buổi", "Tiết", *(one.name for one in sheets.classes)]):
        page.write_string(FIRST_ROW, column, word, head)
    places = [(weekday, row) for weekday in sheets.weekdays for row in sheets.rows]
    for at, (weekday, row) in enumerate(places, FIRST_ROW + 1):
        page.write_string(at, 0, DAY_WORDS[weekday], head)
        page.write_string(at, 1, SESSION_WORDS[row.day_session], head)
        page.write_string(at, 2, str(row.number), head)
        for column, one in enumerate(sheets.classes, 3):
            page.write_string(at, column, one.texts.get(Slot(weekday, row.day_session, row.number), ""), cell)
    page.set_column(0, 2, 9)
    page.set_column(3, 3 + len(sheets.classes), 20)
    page.freeze_panes(FIRST_ROW + 1, 3)
    _paper(page)


def _class(
    page: Worksheet, sheets: SchoolSheets, one: ClassSheet, head: Format, cell: Format, title: Format
) -> None:
    page.write_string(0, 0, f"LỚP {one.name}", title)
    page.write_string(1, 0, f"{sheets.title}. {sheets.subtitle}")
    for column, word in enumerate(["Buổi", "Tiết", *(DAY_WORDS[day] for day in sheets.weekdays)]):
        page.write_string(FIRST_ROW, column, word, head)
    for at, row in enumerate(one.rows, FIRST_ROW + 1):
        page.write_string(at, 0, SESSION_WORDS[row.day_session], head)
        page.write_string(at, 1, str(row.number), head)
        for column, weekday in enumerate(sheets.weekdays, 2):
            page.write_string(at, column, one.texts.get(Slot(weekday, row.day_session, row.number), ""), cell)
    page.set_column(0, 1, 9)
    page.set_column(2, 1 + len(sheets.weekdays), 22)
    page.freeze_panes(FIRST_ROW + 1, 2)
    _paper(page)


def _paper(page: Worksheet) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _sheet_name(class_name: str, taken: set[str]) -> str:
    """Return a name that Excel takes ("Lớp 4-2") and no other sheet has."""
    base = re.sub(r"[\[\]:*?/\\']", "-", f"Lớp {class_name}")[:LONGEST_SHEET_NAME]
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base[: LONGEST_SHEET_NAME - 4]} ({number})"
    taken.add(name.lower())
    return name
