"""From a file to its tables: which sheets are lists of pupils, and what is refused where none is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.i18n import N_, say
from app.intake.rules import class_names
from app.intake.rules.blocks import blocks_of
from app.intake.rules.fonts import converted, samples_of
from app.intake.rules.headings import HEADING_ROWS, find_headings, headings_of
from app.intake.rules.judging import judged
from app.intake.rules.lines import lines_of
from app.intake.rules.rows import (
    AS_IT_IS,
    FIELD_NAMES,
    Field,
    LegacyFontError,
    MissingColumnsError,
    UnreadableFileError,
)
from app.intake.rules.values import LONGEST_ECHO, text_of
from app.text import LegacyEncoding, clean_text, fold, legacy_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.intake.rules.headings import Headings
    from app.intake.rules.lines import Line
    from app.intake.rules.rows import Reading, RowError, Sheet

_YEAR: Final = re.compile(r"nam hoc:? ?(20\d\d) ?[-/–] ?(20\d\d)")
_LEGACY_WORDS: Final = {
    LegacyEncoding.MISREAD_UTF8: N_(
        "Chữ trong tệp bị sai bảng mã (ví dụ “%(example)s”). "
        "Hãy mở lại tệp gốc, lưu dạng .xlsx hoặc CSV UTF-8 rồi nhập lại."
    ),
}
_LEGACY_FONT: Final = N_(
    "Tệp dùng bảng mã cũ %(encoding)s (ví dụ “%(example)s”), không phải Unicode. Hãy chuyển tệp sang Unicode "
    "(chẳng hạn bằng UniKey Toolkit) rồi nhập lại."
)
_STAFF: Final = say(
    "Đây là danh sách nhân sự, không phải danh sách học sinh. Hãy nhập tệp này ở trang Nhân sự của trường."
)
_CLASS_SOMEHOW: Final = N_("Lớp (hoặc dòng “LỚP …”, hoặc mỗi lớp một trang)")


@dataclass(slots=True)
class Table:
    """A sheet with headings, before its cells are understood."""

    sheet: Sheet
    headings: Headings
    lines: tuple[Line, ...] = ()
    class_on_sheet: str | None = None
    notes: tuple[RowError, ...] = ()

    @property
    def missing(self) -> list[str]:
        """What a roster cannot do without and this sheet has no heading for."""
        columns = self.headings.columns
        missing = [] if self.headings.has_name else [FIELD_NAMES[Field.NAME]]
        if Field.BIRTH_DATE not in columns:
            missing.append(FIELD_NAMES[Field.BIRTH_DATE])
        if not columns.keys() & {Field.SEX, Field.FEMALE}:
            missing.append(FIELD_NAMES[Field.SEX])
        has_class = (
            Field.CLASS in columns or self.class_on_sheet or any(line.class_above for line in self.lines)
        )
        return missing if has_class else [*missing, _CLASS_SOMEHOW]

    @property
    def is_complete(self) -> bool:
        """Whether everything needed has a heading."""
        return not self.missing

    @property
    def looks_like_pupils(self) -> bool:
        """Whether only the class is not said: beside complete sheets it is part of the list, with an error per row."""
        return self.missing == [_CLASS_SOMEHOW]


@dataclass(frozen=True, slots=True)
class Tables:
    """The sheets that hold pupils, the names of those that do not, and the school year that a title mentions."""

    tables: list[Table]
    skipped_sheets: list[str]
    year: str | None


def usable_tables(sheets: Iterable[Sheet], reading: Reading = AS_IT_IS) -> Tables:
    """Return the tables of pupils in a file; raise UnreadableFileError where it has none, or is in an old encoding."""
    if reading.converts_from is not None:
        sheets = _converted(sheets, reading.converts_from, reading)
    found = _tables(sheets, reading)
    if not any(table.is_complete for table in found.tables):
        raise _no_usable_table(found.tables)
    refuse_legacy([line.written_name for table in found.tables for line in table.lines])
    usable = [table for table in found.tables if table.is_complete or table.looks_like_pupils]
    if not any(table.lines for table in usable):
        raise UnreadableFileError(say("Tệp có tiêu đề nhưng không có dòng học sinh nào. Hãy chọn lại tệp."))
    others = [table.sheet.name for table in found.tables if table not in usable]
    return Tables(usable, found.skipped_sheets + others, found.year)


# --- from sheets to lines -----------------------------------------------------------------------------------------


def _converted(sheets: Iterable[Sheet], encoding: LegacyEncoding, reading: Reading) -> Iterator[Sheet]:
    """Yield the sheets in Unicode. Headings that can be read as they are stay: they were typed in another font."""
    for sheet in sheets:
        top = [row for row in sheet.rows if row.number <= HEADING_ROWS]
        readable = {row.number for row in top if len(headings_of(row, reading).columns) >= 3}  # noqa: PLR2004
        yield converted(sheet, encoding, readable)


def _tables(sheets: Iterable[Sheet], reading: Reading) -> Tables:
    """Sort the sheets. A hidden one counts only where no other has headings: it may hold last year's list."""
    shown: list[Table] = []
    hidden: list[Table] = []
    skipped: list[str] = []
    year: str | None = None
    of_staff = False
    opening: list[str] = []
    for sheet in (block for whole in sheets for block in blocks_of(whole, reading)):
        opening += [cell for row in sheet.rows[:HEADING_ROWS] for cell in row.cells if isinstance(cell, str)]
        year = year or _year_in_titles(sheet)
        headings = find_headings(sheet, reading)
        if headings is None or headings.is_of_staff:
            skipped.append(sheet.name)
            of_staff = of_staff or headings is not None
        else:
            (hidden if sheet.hidden else shown).append(_table(*judged(sheet, headings, reading), reading))
    if not shown and not hidden:
        refuse_legacy(opening)
        if of_staff:
            raise UnreadableFileError(_STAFF)
        raise UnreadableFileError(
            say("Không tìm thấy dòng tiêu đề trong %(rows)s dòng đầu. Tệp cần có các cột Họ và tên, Ngày sinh, "
                "Giới tính, Lớp.", rows=HEADING_ROWS)
        )  # fmt: skip
    unused_hidden = [table.sheet.name for table in hidden] if shown else []
    return Tables(shown or hidden, skipped + unused_hidden, year)


def _table(sheet: Sheet, headings: Headings, notes: tuple[RowError, ...], reading: Reading) -> Table:
    return Table(
        sheet,
        headings,
        lines=tuple(lines_of(sheet, headings, reading)),
        class_on_sheet=class_names.class_of_sheet(sheet.name),
        notes=notes,
    )


def _year_in_titles(sheet: Sheet) -> str | None:
    for row in sheet.rows[:HEADING_ROWS]:
        for cell in row.cells:
            if isinstance(cell, str) and (match := _YEAR.search(fold(cell[:200]))):
                return f"{match[1]}-{match[2]}"
    return None


# --- refusals -----------------------------------------------------------------------------------------------------


def _no_usable_table(tables: list[Table]) -> UnreadableFileError:
    best = min(tables, key=lambda table: len(table.missing))
    found = ", ".join(list(best.headings.written.values())[:12])
    refuse_legacy([*(line.written_name for line in best.lines), *best.headings.written.values()])
    message = say(
        "Tệp thiếu cột bắt buộc: %(missing)s. Các cột tìm thấy ở dòng %(row)s: %(found)s. "
        "Hãy thêm cột còn thiếu rồi nhập lại.",
        missing="; ".join(best.missing),
        row=best.headings.row,
        found=found,
    )
    return MissingColumnsError(message, headings=best.headings.unused()[1])


def refuse_legacy(names: list[str]) -> None:
    """Raise LegacyFontError where texts are of an old encoding."""
    found = legacy_encoding(names)
    if found is None:
        return
    encoding, example = found
    words = _LEGACY_WORDS.get(encoding, _LEGACY_FONT)
    raise LegacyFontError(
        say(words, encoding=str(encoding), example=clean_text(example)[:LONGEST_ECHO]),
        encoding=encoding,
        samples=samples_of(names, encoding),
    )


def separator_of(table: Table) -> str:
    """Return the sign that the sheet's classes are written with, "/" unless the classes that are text all say other."""
    column = table.headings.columns.get(Field.CLASS)
    if column is None:
        return "/"
    signs = Counter(
        sign
        for line in table.lines
        if isinstance(cell := line.row.cell(column), str)
        for sign in class_names.SEPARATORS
        if sign in cell
    )
    return "/" if "/" in signs or not signs else signs.most_common(1)[0][0]


def leaves_out_grade(table: Table) -> bool:
    """Say whether the classes are written without their grade, which has a column: "Khối" 6 and 7, "Lớp" A1 in both."""
    if not {Field.CLASS, Field.GRADE} <= table.headings.columns.keys():
        return False
    grades: dict[str, set[int]] = {}
    for line in table.lines:
        grade = class_names.grade(line.cell(Field.GRADE))
        if grade is not None and (name := fold(text_of(line.class_cell))):
            grades.setdefault(name, set()).add(grade)
    return any(len(found) > 1 for found in grades.values())
