"""From a sheet to its lines: which of its rows are about pupils, under which headings and class they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.intake.rules import class_names
from app.intake.rules.headings import end_of, headings_of, is_numbering, with_second_row
from app.intake.rules.rows import Field
from app.intake.rules.values import text_of
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.intake.rules.headings import Headings
    from app.intake.rules.rows import Cell, Reading, Sheet, SheetRow

MOST_CLASS_LINE_CELLS: Final = 3
LONGEST_SEX: Final = 3
"""Nam, Nữ, Gái: "Nam/Nữ" and "Bắt buộc" explain the column."""
LEAST_DIGITS: Final = 4
"""Of a day, a serial or a code: fewer are a sum."""
_FOOTER: Final = re.compile(
    r"(tong( cong| so)?|cong|si so|an dinh)\b.{0,40}|(nguoi|can bo) (lap|ghi|nhap|kiem tra).{0,40}|"
    r"(pho |p\.? ?)?hieu truong.{0,40}|"
    r"k[ty]\.? ?hieu truong.*|giao vien( chu nhiem)?.{0,40}|gvcn\b.*|thu truong.*|(da )?ky ten.*|\(ky.*|xac nhan.*|"
    r"(.{1,40}, )?ngay[ .…\d]+thang[ .…\d]+nam[ .…\d]*|(ghi chu|luu y)\b.*|danh sach (nay|tren|gom|co)\b.*|"
    r"ban giam hieu.*|(hoc sinh|hs)( nu| nam| dan toc)?[ :]*\d*"
)
_EXAMPLE: Final = re.compile(r"(vi du|vd|mau|dong mau|example)\b.{0,20}")


@dataclass(frozen=True, slots=True)
class Line:
    """A row about a pupil, with the headings that hold for it, its name, its class cell and the class above it."""

    row: SheetRow
    headings: Headings
    name: str
    class_cell: Cell
    class_above: str | None

    @property
    def written_name(self) -> str:
        """The name as the file has it: an old encoding uses signs that cleaning takes away."""
        wanted = (Field.NAME, Field.FAMILY, Field.MIDDLE, Field.GIVEN)
        cells = [self.row.cell(self.headings.columns[one]) for one in wanted if one in self.headings.columns]
        return " ".join(cell for cell in cells if isinstance(cell, str))

    def cell(self, wanted: Field) -> Cell:
        """Return the row's cell in the column of a field, "" when there is no such column."""
        return _cell(self.row, self.headings, wanted)


def lines_of(sheet: Sheet, headings: Headings, reading: Reading) -> Iterator[Line]:
    """Yield the rows about pupils; titles, class lines, repeated headings, totals and signatures are passed over."""
    joins_next = _name_spans_two(sheet, headings)
    merged = _class_cells_above(sheet, headings)
    class_above: str | None = None
    in_footer = False
    only_named: list[Line] = []
    for row in sheet.rows:
        if named := _class_line(row):
            class_above, in_footer, only_named = named, False, []
        elif row.number <= headings.row or is_numbering(row.cells[: end_of(headings, row)]):
            continue
        elif new_headings := _headings_again(row, headings, reading):
            headings, in_footer, only_named = new_headings, False, []
        elif not headings.is_of_staff and not _explains_columns(row, headings):
            name = _name_in(row, headings, joins_next=joins_next)
            is_pupil = _is_about_a_pupil(row, headings, name, in_footer=in_footer)
            in_footer = in_footer or (not is_pupil and _is_footer(row))
            if is_pupil:
                class_cell = _cell(row, headings, Field.CLASS) or merged.get(row.number, "")
                line = Line(row, headings, name, class_cell, class_above)
                if _says_more_than_a_name(row, headings):
                    yield from (*only_named, line)
                    only_named = []
                else:
                    only_named.append(line)


def _headings_again(row: SheetRow, headings: Headings, reading: Reading) -> Headings | None:
    """Return the headings that a row repeats (one list per class below each other) or completes, None for a pupil."""
    born = _cell(row, headings, Field.BIRTH_DATE)
    if not isinstance(born, str) or born[:1].isdigit():
        return None  # where a birth date stands, no heading does; looking closer at every row takes long
    if row.number == headings.row + 1 and (both := with_second_row(headings, row, reading)):
        return both
    again = headings_of(row, reading)
    if again.has_name and len(again.columns) >= 3:  # noqa: PLR2004 - as for the first headings
        return again
    return None


def _explains_columns(row: SheetRow, headings: Headings) -> bool:
    """Say whether a row is an example ("Ví dụ"), or says right below the headings how to fill in ("dd/mm/yyyy")."""
    columns = headings.columns
    names = {columns[one] for one in (Field.NAME, Field.FAMILY) if one in columns}
    column, first = next(((at, cell) for at, cell in enumerate(row.cells) if cell != ""), (0, ""))
    says_example = isinstance(first, str) and _EXAMPLE.fullmatch(fold(first[:40]).strip(" :."))
    if says_example and column not in names:  # there it is a name: Vi is a family, and Mẫu too
        return True
    born, sex = _cell(row, headings, Field.BIRTH_DATE), _cell(row, headings, Field.SEX)
    says_how = isinstance(born, str) and born != "" and not any(sign.isdigit() for sign in born)
    return (
        says_how and row.number == headings.row + 1 and isinstance(sex, str) and len(fold(sex)) > LONGEST_SEX
    )


def _class_cells_above(sheet: Sheet, headings: Headings) -> dict[int, Cell]:
    """Return {row number: class} of the rows that the class above holds for.

    Below the first row of a class cell that is merged over several, and where the class is written at the first pupil
    of each class only: then most of the cells are empty, the first is not.
    """
    column = headings.columns.get(Field.CLASS)
    if column is None:
        return {}
    cells = {row.number: row.cell(column) for row in sheet.rows}
    below = {number: cell for number, cell in cells.items() if number > headings.row}
    if below and next(iter(below.values())) != "" and _is_mostly_empty(sheet, headings, below):
        return _filled_down(below)
    spans = [(top, last) for top, last, merged in sheet.merged if merged == column]
    return {
        number: cells.get(top, "")
        for top, last in spans
        for number in range(top + 1, last + 1)
        if number in cells
    }


def _is_mostly_empty(sheet: Sheet, headings: Headings, below: Mapping[int, Cell]) -> bool:
    """Say whether at least half of the pupils have no class of their own, and each class is written once, in no line.

    A class that stands twice is written for each: then an empty cell is one that was forgotten.
    """
    cells = [
        below[row.number] for row in sheet.rows if row.number in below and _has_birth_or_code(row, headings)
    ]
    said = [text_of(cell) for cell in cells if cell != ""]
    empty = len(cells) - len(said)
    is_style = empty * 2 >= len(cells) > 1 and empty > 0 and len(set(said)) == len(said)
    return is_style and not any(_class_line(row) for row in sheet.rows)


def _filled_down(cells: Mapping[int, Cell]) -> dict[int, Cell]:
    found: dict[int, Cell] = {}
    last: Cell = ""
    for number, cell in cells.items():
        last = cell if cell != "" else last
        found[number] = last
    return found


def _class_line(row: SheetRow) -> str | None:
    filled = [cell for cell in row.cells if cell != ""]
    if len(filled) > MOST_CLASS_LINE_CELLS:
        return None
    return class_names.class_on_line(" ".join(text_of(cell) for cell in filled))


def _is_about_a_pupil(row: SheetRow, headings: Headings, name: str, *, in_footer: bool) -> bool:
    """Say whether a row has a birth date or a code, or else a name that is no total, note or signature.

    A sum ("Cộng | 4") has a small number under the birth dates; a signature below it has a name there.
    """
    if _has_birth_or_code(row, headings):
        is_sure = (
            bool(name)
            and not in_footer
            and not _is_footer(row, beside=headings.columns.get(Field.BIRTH_DATE))
        )
        return is_sure or _is_born(row, headings)
    return bool(name) and not in_footer and not _is_footer(row)


def _is_born(row: SheetRow, headings: Headings) -> bool:
    """Say whether what stands under the birth dates or the codes could be one."""
    cells = (_cell(row, headings, wanted) for wanted in (Field.BIRTH_DATE, Field.CODE))
    return any(len(re.findall(r"\d", text_of(cell))) >= LEAST_DIGITS for cell in cells)


def _has_birth_or_code(row: SheetRow, headings: Headings) -> bool:
    """Say whether a row has a birth date or a code; "Bù Đăng, ngày 5 tháng 9 năm 2026" above a signature is neither."""
    cells = [_cell(row, headings, wanted) for wanted in (Field.BIRTH_DATE, Field.CODE)]
    return any(
        cell not in {"", False}
        and not (
            isinstance(cell, str)
            and not cell[:1].isdigit()
            and not (_WRITTEN_OUT.fullmatch(fold(cell[:40]).strip(" .,")) and _names_somebody(row, headings))
            and _FOOTER.fullmatch(fold(cell[:120]).strip("/"))
        )
        for cell in cells
    )


_WRITTEN_OUT: Final = re.compile(r"(ngay )?\d{1,2} thang \d{1,2},? (nam )?\d{4}")


def _names_somebody(row: SheetRow, headings: Headings) -> bool:
    """Say whether somebody's name stands under the names: then "ngày 5 tháng 9 năm 2017" is no signature's."""
    names = [_cell(row, headings, one) for one in (Field.NAME, Field.FAMILY)]
    return any(text_of(cell) and not _FOOTER.fullmatch(fold(text_of(cell)[:120])) for cell in names)


def _says_more_than_a_name(row: SheetRow, headings: Headings) -> bool:
    """Say whether a row is a pupil's wherever it stands.

    A row of a name alone is one where such a row follows; behind the last it is a sum or a signature, however worded.
    """
    names = {Field.NAME, Field.FAMILY, Field.MIDDLE, Field.GIVEN}
    return any(_cell(row, headings, one) not in {"", False} for one in headings.columns if one not in names)


def _is_footer(row: SheetRow, beside: int | None = None) -> bool:
    """Say whether a cell, but for the one in the column `beside`, is a sum, a note or a signature."""
    return any(
        isinstance(cell, str) and column != beside and _FOOTER.fullmatch(fold(cell[:120]))
        for column, cell in enumerate(row.cells)
    )


def _name_spans_two(sheet: Sheet, headings: Headings) -> bool:
    """Say whether "Họ và tên" is one heading over two columns, the given name standing in the second."""
    column = headings.columns.get(Field.NAME)
    if column is None or column + 1 in headings.written or column + 1 in headings.columns.values():
        return False
    rows = [row for row in sheet.rows if row.number > headings.row and text_of(row.cell(column))]
    rows = [row for row in rows if not is_numbering(row.cells) and _is_born(row, headings)]
    beside = [re.sub(r"['’\-]", "", text_of(row.cell(column + 1))) for row in rows]
    return bool(rows) and sum(text.isalpha() for text in beside) * 10 >= len(rows) * 8


def _name_in(row: SheetRow, headings: Headings, *, joins_next: bool) -> str:
    columns = headings.columns
    if Field.NAME in columns:
        first = columns[Field.NAME]
        parts = [row.cell(first), row.cell(first + 1) if joins_next else ""]
    else:
        halves = (Field.FAMILY, Field.MIDDLE, Field.GIVEN)
        parts = [row.cell(columns[wanted]) for wanted in halves if wanted in columns]
    return " ".join(text for part in parts if (text := text_of(part)))


def _cell(row: SheetRow, headings: Headings, wanted: Field) -> Cell:
    if wanted is Field.BIRTH_DATE and headings.birth_parts is not None:
        parts = [text_of(row.cell(column)) for column in headings.birth_parts]
        return "/".join(parts) if any(parts) else ""
    if headings.births_by_sex is not None and wanted in {Field.BIRTH_DATE, Field.FEMALE}:
        of_boy, of_girl = (row.cell(column) for column in headings.births_by_sex)
        if wanted is Field.FEMALE:
            return "x" if of_girl != "" else ""
        return f"{text_of(of_boy)} {text_of(of_girl)}" if of_boy != "" != of_girl else of_boy or of_girl
    column = headings.columns.get(wanted)
    return "" if column is None else row.cell(column)
