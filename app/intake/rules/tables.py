"""From sheets to lines: which rows of which sheets are about pupils, and under which headings and class they stand."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.i18n import N_, say
from app.intake.rules import class_names
from app.intake.rules.fonts import converted, samples_of
from app.intake.rules.headings import HEADING_ROWS, find_headings, headings_of, is_numbering, with_second_row
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
    from app.intake.rules.rows import Cell, Reading, Sheet, SheetRow

MOST_CLASS_LINE_CELLS: Final = 3
_FOOTER: Final = re.compile(
    r"(tong( cong| so)?|cong|si so|an dinh)\b.{0,40}|(nguoi|can bo) (lap|ghi|nhap|kiem tra).{0,40}|"
    r"(pho |p\.? ?)?hieu truong.{0,40}|"
    r"k[ty]\.? ?hieu truong.*|giao vien( chu nhiem)?.{0,40}|gvcn\b.*|thu truong.*|(da )?ky ten.*|\(ky.*|xac nhan.*|"
    r"(.{1,40}, )?ngay[ .…\d]+thang[ .…\d]+nam[ .…\d]*|(ghi chu|luu y)\b.*|danh sach (nay|tren|gom|co)\b.*|"
    r"ban giam hieu.*"
)
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
_CLASS_SOMEHOW: Final = N_("Lớp (hoặc dòng “LỚP …”, hoặc mỗi lớp một trang)")


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
        wanted = (Field.NAME, Field.FAMILY, Field.GIVEN)
        cells = [self.row.cell(self.headings.columns[one]) for one in wanted if one in self.headings.columns]
        return " ".join(cell for cell in cells if isinstance(cell, str))

    def cell(self, wanted: Field) -> Cell:
        """Return the row's cell in the column of a field, "" when there is no such column."""
        return _cell(self.row, self.headings, wanted)


@dataclass(slots=True)
class Table:
    """A sheet with headings, before its cells are understood."""

    sheet: Sheet
    headings: Headings
    lines: tuple[Line, ...] = ()
    class_on_sheet: str | None = None

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
    _refuse_legacy([line.written_name for table in found.tables for line in table.lines])
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
    opening: list[str] = []
    for sheet in sheets:
        opening += [cell for row in sheet.rows[:HEADING_ROWS] for cell in row.cells if isinstance(cell, str)]
        year = year or _year_in_titles(sheet)
        headings = find_headings(sheet, reading)
        if headings is None:
            skipped.append(sheet.name)
        else:
            (hidden if sheet.hidden else shown).append(_table(sheet, headings, reading))
    if not shown and not hidden:
        _refuse_legacy(opening)
        raise UnreadableFileError(
            say("Không tìm thấy dòng tiêu đề trong %(rows)s dòng đầu. Tệp cần có các cột Họ và tên, Ngày sinh, "
                "Giới tính, Lớp.", rows=HEADING_ROWS)
        )  # fmt: skip
    unused_hidden = [table.sheet.name for table in hidden] if shown else []
    return Tables(shown or hidden, skipped + unused_hidden, year)


def _table(sheet: Sheet, headings: Headings, reading: Reading) -> Table:
    named_after = re.sub(r"^l[oớơ]p\s*", "", sheet.name.strip(), flags=re.IGNORECASE)
    return Table(
        sheet,
        headings,
        lines=tuple(_lines(sheet, headings, reading)),
        class_on_sheet=class_names.class_name(named_after)
        if class_names.is_class_name(named_after)
        else None,
    )


def _lines(sheet: Sheet, headings: Headings, reading: Reading) -> Iterator[Line]:
    """Yield the rows about pupils; titles, class lines, repeated headings, totals and signatures are passed over."""
    joins_next = _name_spans_two(sheet, headings)
    merged = _merged_class_cells(sheet, headings)
    class_above: str | None = None
    in_footer = False
    only_named: list[Line] = []
    for row in sheet.rows:
        if named := _class_line(row):
            class_above, in_footer, only_named = named, False, []
        elif row.number <= headings.row or is_numbering(row.cells):
            continue
        elif new_headings := _headings_again(row, headings, reading):
            headings, in_footer, only_named = new_headings, False, []
        else:
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


def _merged_class_cells(sheet: Sheet, headings: Headings) -> dict[int, Cell]:
    """Return {row number: class} below the first row of each class cell that is merged over several rows."""
    column = headings.columns.get(Field.CLASS)
    spans = [(top, last) for top, last, merged in sheet.merged if merged == column]
    if column is None or not spans:
        return {}
    cells = {row.number: row.cell(column) for row in sheet.rows}
    return {
        number: cells.get(top, "")
        for top, last in spans
        for number in range(top + 1, last + 1)
        if number in cells
    }


def _class_line(row: SheetRow) -> str | None:
    filled = [cell for cell in row.cells if cell != ""]
    if len(filled) > MOST_CLASS_LINE_CELLS:
        return None
    return class_names.class_on_line(" ".join(text_of(cell) for cell in filled))


def _is_about_a_pupil(row: SheetRow, headings: Headings, name: str, *, in_footer: bool) -> bool:
    """Say whether a row has a birth date or a code, or else a name that is no total, note or signature."""
    if _has_birth_or_code(row, headings):
        return True
    return bool(name) and not in_footer and not _is_footer(row)


def _has_birth_or_code(row: SheetRow, headings: Headings) -> bool:
    """Say whether a row has a birth date or a code; "Bù Đăng, ngày 5 tháng 9 năm 2026" above a signature is neither."""
    cells = [_cell(row, headings, wanted) for wanted in (Field.BIRTH_DATE, Field.CODE)]
    return any(
        cell not in {"", False}
        and not (
            isinstance(cell, str)
            and not cell[:1].isdigit()
            and _FOOTER.fullmatch(fold(cell[:120]).strip("/"))
        )
        for cell in cells
    )


def _says_more_than_a_name(row: SheetRow, headings: Headings) -> bool:
    """Say whether a row is a pupil's wherever it stands.

    A row of a name alone is one where such a row follows; behind the last it is a sum or a signature, however worded.
    """
    names = {Field.NAME, Field.FAMILY, Field.GIVEN}
    return any(_cell(row, headings, one) not in {"", False} for one in headings.columns if one not in names)


def _is_footer(row: SheetRow) -> bool:
    return any(isinstance(cell, str) and _FOOTER.fullmatch(fold(cell[:120])) for cell in row.cells)


def _name_spans_two(sheet: Sheet, headings: Headings) -> bool:
    """Say whether "Họ và tên" is one heading over two columns, the given name standing in the second."""
    column = headings.columns.get(Field.NAME)
    if column is None or column + 1 in headings.written or column + 1 in headings.columns.values():
        return False
    rows = [row for row in sheet.rows if row.number > headings.row and text_of(row.cell(column))]
    rows = [row for row in rows if not is_numbering(row.cells) and _has_birth_or_code(row, headings)]
    beside = [re.sub(r"['’\-]", "", text_of(row.cell(column + 1))) for row in rows]
    return bool(rows) and sum(text.isalpha() for text in beside) * 10 >= len(rows) * 8


def _name_in(row: SheetRow, headings: Headings, *, joins_next: bool) -> str:
    columns = headings.columns
    if Field.NAME in columns:
        first = columns[Field.NAME]
        parts = [row.cell(first), row.cell(first + 1) if joins_next else ""]
    else:
        parts = [row.cell(columns[wanted]) for wanted in (Field.FAMILY, Field.GIVEN) if wanted in columns]
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
    _refuse_legacy([*(line.written_name for line in best.lines), *best.headings.written.values()])
    message = say(
        "Tệp thiếu cột bắt buộc: %(missing)s. Các cột tìm thấy ở dòng %(row)s: %(found)s. "
        "Hãy thêm cột còn thiếu rồi nhập lại.",
        missing="; ".join(best.missing),
        row=best.headings.row,
        found=found,
    )
    return MissingColumnsError(message, headings=best.headings.unused()[1])


def _refuse_legacy(names: list[str]) -> None:
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
