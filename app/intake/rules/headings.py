"""Finds the heading row of a sheet, wherever it stands in the first rows, and says which column means what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.intake.rules.meanings import ALIASES, folded_heading, is_personal, meanings
from app.intake.rules.rows import AS_IT_IS, Field, SheetRow
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.intake.rules.rows import Cell, Reading, Sheet

HEADING_ROWS: Final = 15
LONGEST_HEADING: Final = 200

# What only a list of staff has a column for, and what two of tell as well: "Chức vụ" alone may be the lớp trưởng's.
_STAFF_ALONE: Final = frozenset(
    {"mon day", "mon giang day", "day mon", "vi tri viec lam", "trinh do chuyen mon", "trinh do dao tao",
     "chuyen mon dao tao", "hinh thuc hop dong", "hop dong", "bien che", "ngay vao nganh", "ngay tuyen dung", "ngach",
     "he so luong", "ma can bo", "ma giao vien", "to chuyen mon"}
)  # fmt: skip
_STAFF_TOGETHER: Final = frozenset(
    {"chuc vu", "chuc danh", "trinh do", "chuyen mon", "nhiem vu", "phan cong", "mon"}
)

_COLUMN_NUMBER: Final = re.compile(r"\s*\(?\s*(\d{1,2}(\.0)?|[A-Za-z])\s*\)?\s*")


@dataclass(frozen=True, slots=True)
class Headings:
    """What a heading row says: the column of each field, and every heading as the file writes it, by column."""

    row: int
    columns: Mapping[Field, int]
    written: Mapping[int, str]
    birth_parts: tuple[int, int, int] | None = None
    """The columns of day, month and year where a second heading row splits the date of birth."""
    male: int | None = None
    """The column "Nam" beside "Nữ", where one of the two is crossed."""
    births_by_sex: tuple[int, int] | None = None
    """The columns "Nam" and "Nữ" where the date of birth stands under the pupil's sex."""

    def written_for(self, *fields: Field) -> str:
        """Return the file's heading of the first of these fields that has a column, "" when none has."""
        return next((self.written[self.columns[field]] for field in fields if field in self.columns), "")

    @property
    def has_name(self) -> bool:
        """Whether people's names have a column, or two."""
        return Field.NAME in self.columns or {Field.FAMILY, Field.GIVEN} <= set(self.columns)

    @property
    def is_of_staff(self) -> bool:
        """Whether the columns are those of a list of teachers, who have names, birth dates and classes too."""
        folded = {folded_heading(heading) for heading in self.written.values()}
        return bool(folded & _STAFF_ALONE) or len(folded & _STAFF_TOGETHER) > 1

    def unused(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return (personal data that is left out, headings that mean nothing here)."""
        used = set(self.columns.values())
        others = [heading for column, heading in sorted(self.written.items()) if column not in used]
        personal = tuple(heading for heading in others if is_personal(heading))
        return personal, tuple(heading for heading in others if heading not in personal)


def find_headings(sheet: Sheet, reading: Reading = AS_IT_IS) -> Headings | None:
    """Return the headings of a sheet: the first row among the first 15 that names the pupils and something else.

    Where no row does, the one with most known headings (at least two) is returned, so that the refusal can name what
    was found; None where nothing looks like headings at all.
    """
    candidates = [headings_of(row, reading) for row in sheet.rows if row.number <= HEADING_ROWS]
    for place, found in enumerate(candidates):
        if found.has_name and len(found.columns) >= 3:  # noqa: PLR2004 - a title row never names three fields
            below = [row for row in sheet.rows[place + 1 : place + 2] if row.number == found.row + 1]
            return next((both for row in below if (both := with_second_row(found, row, reading))), found)
    best = max(candidates, key=lambda found: len(found.columns), default=None)
    return best if best is not None and len(best.columns) >= 2 else None  # noqa: PLR2004


def headings_of(row: SheetRow, reading: Reading = AS_IT_IS) -> Headings:
    """Return what the cells of one row mean as headings."""
    written = _without_sums(
        {
            column: clean_text(cell)
            for column, cell in enumerate(row.cells)
            if isinstance(cell, str) and cell.strip() and len(cell) <= LONGEST_HEADING
        }
    )
    ranks: dict[Field, tuple[int, int]] = {}
    for column, heading in written.items():
        for field, rank in meanings(heading, reading):
            if field not in ranks or rank < ranks[field][0]:
                ranks[field] = (rank, column)
    columns = _whole_names({field: column for field, (_, column) in ranks.items()}, written)
    if Field.SEX in columns:
        columns.pop(Field.FEMALE, None)
    male = _column_of_boys(written)
    parts = _birth_parts({column: folded_heading(heading) for column, heading in written.items()})
    if parts is not None:
        columns[Field.BIRTH_DATE] = parts[0]
    return Headings(row.number, columns, written, parts, male if Field.FEMALE in columns else None)


def _whole_names(columns: dict[Field, int], written: Mapping[int, str]) -> dict[Field, int]:
    """Return the columns with a name whole or in parts, never both.

    "Tên" beside "Họ và tên", or alone, is no part of a name; "Tên học sinh" beside "Họ đệm" is one.
    """
    name = columns.get(Field.NAME)
    if {Field.FAMILY, Field.NAME} <= columns.keys() and folded_heading(
        written[columns[Field.NAME]]
    ).startswith("ten"):
        columns.setdefault(Field.GIVEN, columns.pop(Field.NAME))
        name = None
    if name is not None or Field.FAMILY not in columns:
        columns.pop(Field.FAMILY, None)
        columns.pop(Field.MIDDLE, None)
        given = columns.pop(Field.GIVEN, None)
        if name is None and given is not None:
            columns[Field.NAME] = given
    return columns


def _without_sums(written: dict[int, str]) -> dict[int, str]:
    """Leave out the headings of a table of sums beside the pupils ("Lớp | Sĩ số | Nữ"), an empty column between."""
    groups: list[dict[int, str]] = []
    for column, heading in written.items():
        if not groups or column - 1 not in groups[-1]:
            groups.append({})
        groups[-1][column] = heading
    return {column: heading for group in groups if not _are_sums(group) for column, heading in group.items()}


def _are_sums(group: Mapping[int, str]) -> bool:
    folded = {folded_heading(heading) for heading in group.values()}
    fields = {field for heading in group.values() for field, _ in meanings(heading, AS_IT_IS)}
    return bool(folded & _OF_SUMS) and not fields & {Field.NAME, Field.GIVEN, Field.BIRTH_DATE, Field.CODE}


_OF_SUMS: Final = frozenset(
    {"si so", "so luong", "tong so", "tong", "tong cong", "sl", "ts", "so hs", "so hoc sinh", "ty le", "ti le", "%",
     "ss", "gvcn", "giao vien chu nhiem", "gv chu nhiem", "gvcn lop", "ts hs", "tong so hs", "tong so hoc sinh"}
)  # fmt: skip
"""What stands over the columns of a table of classes, never over those of pupils."""


def with_second_row(headings: Headings, row: SheetRow, reading: Reading = AS_IT_IS) -> Headings | None:
    """Return the headings completed by a second heading row, None if the row is none.

    Such a row divides what stands above it: "Giới tính" into "Nam | Nữ", "Họ và tên" into "Họ và chữ lót | Tên",
    "Ngày sinh" into "Ngày | Tháng | Năm", or into "Nam | Nữ" with each date under the pupil's sex. Every cell of it is
    a heading; one unknown word makes it a row of its own.
    """
    row = SheetRow(row.number, row.cells[: end_of(headings, row)])
    below = headings_of(row, reading)
    folded = {column: folded_heading(heading) for column, heading in below.written.items()}
    if not folded or len(folded) != sum(cell != "" for cell in row.cells):
        return None
    if not all(
        text in _DIVISIONS or meanings(below.written[column], reading) for column, text in folded.items()
    ):
        return None
    by_sex = _births_by_sex(headings, folded)
    columns = {**headings.columns, **_divided(headings, folded)}
    columns |= {field: column for field, column in below.columns.items() if field not in columns}
    if Field.FEMALE in columns:
        columns.pop(Field.SEX, None)
    if Field.FAMILY in columns:
        columns.pop(Field.NAME, None)
    else:
        columns.pop(Field.MIDDLE, None)
    parts = _birth_parts(folded) or headings.birth_parts
    written = {**headings.written, **below.written}
    if parts is not None and parts != headings.birth_parts:
        columns[Field.BIRTH_DATE] = parts[0]
        written[parts[0]] = headings.written_for(Field.BIRTH_DATE) or written[parts[0]]
    if by_sex is not None:
        written |= {
            column: f"{headings.written_for(Field.BIRTH_DATE)} {written[column]}" for column in by_sex
        }
    male = _column_of_boys(below.written) or headings.male
    is_crossed = Field.FEMALE in columns and by_sex is None
    return Headings(row.number, columns, written, parts, male if is_crossed else None, by_sex)


def end_of(headings: Headings, row: SheetRow) -> int:
    """Return the column where a row below the headings ends: behind the last heading, at the first empty cell."""
    end = max(headings.written) + 1
    while row.cell(end) != "":
        end += 1
    return end


_DIVISIONS: Final = frozenset({"nam", "nu", "ngay", "thang"})
_BOYS: Final = frozenset({"nam", "hs nam", "học sinh nam"})
"""With its accents: a year folds to the same."""


def _column_of_boys(written: Mapping[int, str]) -> int | None:
    return next(
        (column for column, heading in written.items() if heading.strip(" .*:").lower() in _BOYS), None
    )


def _divided(headings: Headings, folded: Mapping[int, str]) -> dict[Field, int]:
    """Return the columns of the halves of a name and of "Nữ", where the second row divides them."""
    names = {text: column for column, text in folded.items()}
    divided = {Field.FEMALE: names["nu"]} if "nu" in names else {}
    family = next((names[text] for text in ALIASES[Field.FAMILY] if text in names), None)
    if family is not None and "ten" in names and headings.has_name:
        divided |= {Field.FAMILY: family, Field.GIVEN: names["ten"]}
    return divided


def _birth_parts(folded: Mapping[int, str]) -> tuple[int, int, int] | None:
    """Return the columns of "Ngày | Tháng | Năm", however much of "sinh" is written behind each."""
    for column in folded:
        three = [folded.get(column + place, "").removesuffix(" sinh") for place in range(3)]
        if three == ["ngay", "thang", "nam"]:
            return column, column + 1, column + 2
    return None


def _births_by_sex(headings: Headings, folded: Mapping[int, str]) -> tuple[int, int] | None:
    """Return the columns where "Ngày sinh" stands over "Nam | Nữ": each date is in the column of the pupil's sex."""
    born = headings.columns.get(Field.BIRTH_DATE)
    if born is None or (folded.get(born), folded.get(born + 1)) != ("nam", "nu"):
        return None
    return born, born + 1


def is_numbering(cells: Iterable[Cell]) -> bool:
    """Say whether a row only numbers the columns, as official forms do under the headings: (1) (2) (3), A B 1 2."""
    texts = [str(cell) for cell in cells if cell != ""]
    return len(texts) > 2 and all(_COLUMN_NUMBER.fullmatch(text) for text in texts)  # noqa: PLR2004
