"""From lines to pupils: makes a pupil or an error of each row, and notices who is in the file twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from app.contacts.rules import ContactField, contact_value
from app.i18n import N_, Phrase, say
from app.intake.rules import catalogues, class_names, values
from app.intake.rules.lost_noughts import Found, lost_noughts
from app.intake.rules.meanings import folded_heading
from app.intake.rules.rows import (
    AS_IT_IS,
    CONTACT_FIELDS,
    FIELD_NAMES,
    BadRow,
    Field,
    PupilRow,
    Roster,
    RowError,
    Sex,
)
from app.intake.rules.tables import Table, leaves_out_grade, separator_of, usable_tables
from app.intake.rules.values import BadValueError, text_of
from app.text import fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from app.intake.rules.lines import Line
    from app.intake.rules.rows import Cell, Ethnicity, Reading, Sheet
    from app.school.rules import EnrolmentStatus

T = TypeVar("T")
LONGEST_KEPT: Final = 200

# Said of a repeated row: of one on the same sheet, and of one on another sheet.
_SAME_CODE: Final = (
    N_("Mã học sinh trùng với dòng %(row)s (%(name)s). Mỗi mã chỉ dùng cho một học sinh."),
    N_(
        "Mã học sinh trùng với dòng %(row)s của trang “%(sheet)s” (%(name)s). Mỗi mã chỉ dùng cho một học sinh."
    ),
)
_SAME_PERSON: Final = (
    N_(
        "Trùng họ tên, ngày sinh và giới tính với dòng %(row)s. "
        "Hãy bỏ bớt một dòng, hoặc ghi mã học sinh cho cả hai nếu là hai em."
    ),
    N_(
        "Trùng họ tên, ngày sinh và giới tính với dòng %(row)s của trang “%(sheet)s”. "
        "Hãy bỏ bớt một dòng, hoặc ghi mã học sinh cho cả hai nếu là hai em."
    ),
)

_NOT_WRITTEN: Final = CONTACT_FIELDS | {Field.FAMILY, Field.MIDDLE, Field.GIVEN, Field.FEMALE}
"""Of a bad row these are not given back: a name and a sex have one column there, and contact data are not kept."""
SEX_TEXTS: Final = {Sex.MALE: "Nam", Sex.FEMALE: "Nữ"}
_FAILED_FORMULA: Final = N_(
    "Công thức của ô này bị lỗi (%(error)s). Hãy sửa công thức hoặc ghi giá trị vào ô rồi nhập lại."
)
_NOT_NEEDED: Final = frozenset({Field.GRADE, Field.ETHNICITY, Field.DISABILITY})
"""Where a formula failed in one of these, it is told and the pupil is taken without it."""
_OF_BAD_ROWS: Final = frozenset({"dong trong tep", "can sua", "row in the file", "to mend"})
"""The first and the last heading of the workbook of bad rows (`bad_rows`), in both languages."""
_UNUSABLE_CONTACT: Final = N_(
    "Ô ở cột này không dùng được nên không lấy; các mục khác của học sinh vẫn được nhập."
)


def read_roster(sheets: Iterable[Sheet], first_year: int, reading: Reading = AS_IT_IS) -> Roster:
    """Return the pupils and the bad rows of a file's sheets; raise UnreadableFileError when the file will not do.

    `first_year` is the year in which the school year begins (2026 of 2026-2027).
    """
    found = usable_tables(sheets, replace(reading, first_year=first_year))
    reader = _Reader(first_year)
    for table in found.tables:
        reader.read(table)
    is_mended = any(_is_of_bad_rows(table) for table in found.tables)
    return Roster(
        pupils=tuple(reader.pupils),
        bad=tuple(reader.bad),
        notes=tuple(reader.notes),
        columns=_written_columns(found.tables),
        not_imported=_distinct(heading for table in found.tables for heading in table.headings.unused()[0]),
        unknown=_distinct(
            heading
            for table in found.tables
            for heading in table.headings.unused()[1]
            if not is_mended or folded_heading(heading) not in _OF_BAD_ROWS | {"trang", "sheet"}
        ),
        skipped_sheets=tuple(name for name in found.skipped_sheets if name),
        year=found.year,
        gone=frozenset() if is_mended else None,
    )


def _is_of_bad_rows(table: Table) -> bool:
    """Say whether a sheet is our own list of bad rows, brought again: whoever is not on it has not left."""
    headings = {folded_heading(heading) for heading in table.headings.written.values()}
    return len(headings & _OF_BAD_ROWS) > 1


class _Reader:
    """Makes pupils and bad rows of lines; remembers who was seen, to tell a repeated row from a new one."""

    def __init__(self, first_year: int) -> None:
        self.first_year = first_year
        self.pupils: list[PupilRow] = []
        self.bad: list[BadRow] = []
        self.notes: list[RowError] = []
        self._by_code: dict[str, PupilRow] = {}
        self._by_person: dict[tuple[str, date | None, Sex | None], list[PupilRow]] = {}

    def read(self, table: Table) -> None:
        """Read every line of a sheet."""
        separator, adds_grade = separator_of(table), leaves_out_grade(table)
        self.notes += table.notes
        classes = [(line.row.number, line.class_cell) for line in table.lines]
        lost = lost_noughts(classes, untyped=table.sheet.untyped)
        for line in table.lines:
            parsed = _ParsedLine(table, line, self.first_year, separator, adds_grade=adds_grade)
            parsed.heal_class(lost)
            pupil = parsed.pupil()
            if pupil is not None:
                self._add(parsed, pupil)
            if parsed.errors:
                self.bad.append(parsed.bad_row())
            self.notes += parsed.notes

    def _add(self, parsed: _ParsedLine, pupil: PupilRow) -> None:
        person = (fold(pupil.full_name), pupil.birth_date, pupil.sex)
        if earlier := self._by_code.get(pupil.code or ""):
            parsed.refuse_repeat(pupil, earlier, Field.CODE)
        elif namesake := _who_may_be_the_same(pupil, self._by_person.get(person, [])):
            parsed.refuse_repeat(pupil, namesake, Field.NAME)
        else:
            self.pupils.append(pupil)
            self._by_person.setdefault(person, []).append(pupil)
            if pupil.code:
                self._by_code[pupil.code] = pupil


def _who_may_be_the_same(pupil: PupilRow, namesakes: list[PupilRow]) -> PupilRow | None:
    """Two codes are two children; without a code on one side, same name, birth date and sex are taken for one."""
    return next((other for other in namesakes if not (pupil.code and other.code)), None)


class _ParsedLine:
    """One line being understood, with what is wrong with it."""

    def __init__(
        self, table: Table, line: Line, first_year: int, separator: str, *, adds_grade: bool = False
    ) -> None:
        self.table = table
        self.line = line
        self.first_year = first_year
        self.separator = separator
        self.adds_grade = adds_grade
        self.class_cell = line.class_cell
        self.errors: list[RowError] = []
        self.notes: list[RowError] = []

    def heal_class(self, lost: Found) -> None:
        """Take the class as it was before Excel made a number of it, and tell so."""
        row = self.line.row.number
        self.class_cell = lost.names.get(row, self.class_cell)
        if said := lost.told.get(row):
            self._note(Field.CLASS, said, text_of(self.line.class_cell))

    def pupil(self) -> PupilRow | None:
        """Return the pupil, or None with the reasons in `errors`."""
        epoch = self.table.sheet.epoch_1904
        status = self._value(Field.STATUS, catalogues.status)
        code = self._value(Field.CODE, lambda cell: values.pupil_code(cell, untyped=self.table.sheet.untyped))
        name = self._checked(Field.NAME, self.line.name, values.full_name)
        born = self._value(
            Field.BIRTH_DATE, lambda cell: values.birth_date(cell, self.first_year, epoch_1904=epoch)
        )
        sex = self._sex()
        class_name, grade = self._class(status)
        self._kept = (code, name or "", born)
        self._class_name, self._known_sex = class_name, sex
        if self.errors or name is None or born is None or sex is None or class_name is None:
            return None
        return PupilRow(
            sheet=self.table.sheet.name,
            row=self.line.row.number,
            code=code,
            full_name=name,
            birth_date=born,
            sex=sex,
            class_name=class_name,
            grade=grade,
            ethnicity=self._ethnicity(),
            disability=self._value(Field.DISABILITY, catalogues.disability),
            status=status,
            status_date=self._status_date(),
            contact=self._contact(),
        )

    def bad_row(self) -> BadRow:
        """Return the row as bad, with what is known of its pupil."""
        code, name, born = self._kept
        return BadRow(
            self.table.sheet.name,
            self.line.row.number,
            tuple(self.errors),
            code=code,
            full_name=name,
            birth_date=born,
            cells=self._cells_as_written(),
        )

    def _cells_as_written(self) -> Mapping[Field, str]:
        """Return the row's own texts, so that it can be mended outside and brought again.

        What was understood is written as it was understood: as text a number has no lost zero to find again, and a
        date no calendar that counts from 1904.
        """
        columns = [wanted for wanted in self.line.headings.columns if wanted not in _NOT_WRITTEN]
        texts = {wanted: text_of(self.line.cell(wanted)) for wanted in columns}
        code, _, born = self._kept
        texts[Field.NAME] = self.line.name
        texts[Field.CLASS] = self._class_name or (
            text_of(self.class_cell) or self.line.class_above or self.table.class_on_sheet or ""
        )
        texts[Field.SEX] = self._sex_as_written()
        if code:
            texts[Field.CODE] = code
        if born:
            texts[Field.BIRTH_DATE] = f"{born:%d/%m/%Y}"
        return {wanted: text[:LONGEST_KEPT] for wanted, text in texts.items() if text}

    def _sex_as_written(self) -> str:
        if self._known_sex is not None:
            return SEX_TEXTS[self._known_sex]
        columns = self.line.headings.columns
        return text_of(self.line.cell(Field.SEX if Field.SEX in columns else Field.FEMALE))

    def refuse_repeat(self, pupil: PupilRow, earlier: PupilRow, wanted: Field) -> None:
        """Add the error of a pupil who is in the file already; the same row on another sheet is no error at all."""
        if pupil.sheet != earlier.sheet and _same_but_for_place(pupil, earlier):
            return
        same, other_sheet = _SAME_CODE if wanted is Field.CODE else _SAME_PERSON
        self._error(
            wanted,
            say(
                same if earlier.sheet == pupil.sheet else other_sheet,
                row=earlier.row,
                sheet=earlier.sheet,
                name=earlier.full_name,
            ),
            pupil.code if wanted is Field.CODE and pupil.code else pupil.full_name,
        )

    def _sex(self) -> Sex | None:
        if Field.SEX in self.line.headings.columns:
            return self._value(Field.SEX, values.sex)
        boy = self.line.headings.male
        if boy is not None and (text_of(self.line.row.cell(boy)) == "") == (
            text_of(self.line.cell(Field.FEMALE)) == ""
        ):
            self._error(Field.FEMALE, say("Cần đánh dấu đúng một trong hai ô Nam và Nữ."), "")
            return None
        return self._value(Field.FEMALE, values.sex_by_cross)

    def _class(self, status: EnrolmentStatus | None) -> tuple[str | None, int | None]:
        """Return (class, grade): from the column, else the class line above, else the sheet's name."""
        grade = values_grade = self._value(Field.GRADE, class_names.grade)
        cell = self.class_cell
        if failed := self._failed(Field.CLASS):
            self._error(Field.CLASS, say(_FAILED_FORMULA, error=failed), failed)
            return None, grade
        if text_of(cell) == "":
            cell = self.line.class_above or self.table.class_on_sheet or ""
        if text_of(cell) == "" and status is not None and not status.is_studying:
            return "", grade
        name = self._checked(Field.CLASS, cell, lambda found: class_names.class_name(
            found, values_grade, separator=self.separator, epoch_1904=self.table.sheet.epoch_1904))  # fmt: skip
        if name and grade and self.adds_grade:
            name = class_names.with_grade(name, grade, self.separator)
        if name is not None and grade is None:
            grade = self._checked(Field.CLASS, name, lambda found: class_names.grade_of_class(text_of(found)))
        return name, grade

    def _ethnicity(self) -> Ethnicity | None:
        found = self._value(Field.ETHNICITY, catalogues.ethnicity)
        if found is not None and not catalogues.is_known_people(found):
            self._note(Field.ETHNICITY, say("Dân tộc “%(value)s” không có trong danh mục; giữ nguyên như trong tệp.",
                                            value=found.name), found.name)  # fmt: skip
        return found

    def _status_date(self) -> date | None:
        cell = self.line.cell(Field.STATUS_DATE)
        if text_of(cell) == "":
            return None
        try:
            return values.any_date(cell, self.first_year + 1, epoch_1904=self.table.sheet.epoch_1904)
        except BadValueError as error:
            self._note(Field.STATUS_DATE, error.phrase, values.echo(cell))
            return None

    def _contact(self) -> Mapping[ContactField, str]:
        """Return the contact data that the school asked for; what cannot be used is told, and no pupil waits for it."""
        found: dict[ContactField, str] = {}
        for kind in ContactField:
            if (wanted := Field(kind.value)) not in self.line.headings.columns:
                continue
            cell = self.line.cell(wanted)
            lost_zero = self.table.sheet.untyped or not isinstance(cell, str)
            value = contact_value(kind, text_of(cell), lost_zero=lost_zero)
            if value is None:
                self._note(wanted, say(_UNUSABLE_CONTACT), "")
            elif value:
                found[kind] = value
        return found

    def _value(self, wanted: Field, parse: Callable[[Cell], T]) -> T | None:
        if wanted not in self.line.headings.columns:
            return None
        if (failed := self._failed(wanted)) and wanted in _NOT_NEEDED:
            self._note(wanted, say(_FAILED_FORMULA, error=failed), failed)
            return None
        return self._checked(wanted, self.line.cell(wanted), parse)

    def _failed(self, wanted: Field) -> str:
        """Return what the cell shows when its formula failed, "" for any other."""
        column = self.line.headings.columns.get(wanted)
        return "" if column is None else self.table.sheet.errors.get((self.line.row.number, column), "")

    def _checked(self, wanted: Field, cell: Cell, parse: Callable[[Cell], T]) -> T | None:
        if text_of(cell) == "" and (failed := self._failed(wanted)):
            self._error(wanted, say(_FAILED_FORMULA, error=failed), failed)
            return None
        try:
            return parse(cell)
        except BadValueError as error:
            self._error(wanted, error.phrase, values.echo(cell))
            return None

    def _error(self, wanted: Field, message: Phrase, value: str) -> None:
        self.errors.append(self._remark(wanted, message, value))

    def _note(self, wanted: Field, message: Phrase, value: str) -> None:
        self.notes.append(self._remark(wanted, message, value))

    def _remark(self, wanted: Field, message: Phrase, value: str) -> RowError:
        heading = self.line.headings.written_for(wanted, *((Field.GIVEN,) if wanted is Field.NAME else ()))
        return RowError(
            row=self.line.row.number,
            column=heading or FIELD_NAMES[wanted],
            message=message,
            sheet=self.table.sheet.name,
            value=value,
        )


def _same_but_for_place(one: PupilRow, other: PupilRow) -> bool:
    return (one.code, one.full_name, one.birth_date, natural_key(one.class_name)) == (
        other.code,
        other.full_name,
        other.birth_date,
        natural_key(other.class_name),
    )


def _written_columns(tables: list[Table]) -> Mapping[Field, str]:
    found: dict[Field, str] = {}
    for table in tables:
        for wanted, column in table.headings.columns.items():
            found.setdefault(wanted, table.headings.written.get(column, ""))
    return found


def _distinct(headings: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(headings))
