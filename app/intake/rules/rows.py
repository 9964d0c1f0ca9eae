"""What passes between the steps of the intake: sheets of cells, then pupils' rows and what is wrong with others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.contacts.rules import CONTACT_NAMES, ContactField
from app.errors import InvalidError
from app.i18n import N_, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.school.rules import EnrolmentStatus
    from app.text import LegacyEncoding

Cell = str | int | float | bool | date


class UnreadableFileError(InvalidError):
    """The file as a whole cannot be used; the message says why and what to do. Nothing was written."""


@dataclass
class MissingColumnsError(UnreadableFileError):
    """A column that a roster needs was not recognised; `headings` are those that mean nothing to the reader yet."""

    headings: tuple[str, ...] = ()

    __str__ = InvalidError.__str__


@dataclass
class LegacyFontError(UnreadableFileError):
    """The texts are in an old encoding; `samples` are (as in the file, as they would be converted)."""

    encoding: LegacyEncoding | None = None
    samples: tuple[tuple[str, str], ...] = ()

    __str__ = InvalidError.__str__


@dataclass(frozen=True, slots=True)
class Reading:
    """How a school has its files read.

    `aliases` are headings (folded) that the school taught, `contact` the personal fields that it has switched on,
    `converts_from` the old encoding that a person has seen converted and confirmed. `first_year` is the year in which
    the school year of the import begins, 0 where that does not matter.
    """

    aliases: Mapping[str, Field] = field(default_factory=dict)
    contact: frozenset[Field] = frozenset()
    converts_from: LegacyEncoding | None = None
    first_year: int = 0


AS_IT_IS: Final = Reading()


class Field(StrEnum):
    """What a column can mean to the intake. Everything else in a file is not read (data minimisation)."""

    NUMBER = "number"
    CODE = "code"
    NAME = "name"
    FAMILY = "family"
    MIDDLE = "middle"
    GIVEN = "given"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    FEMALE = "female"
    CLASS = "class"
    GRADE = "grade"
    ETHNICITY = "ethnicity"
    DISABILITY = "disability"
    STATUS = "status"
    STATUS_DATE = "status_date"
    PHONE = "phone"
    FATHER = "father"
    MOTHER = "mother"
    GUARDIAN = "guardian"
    ADDRESS = "address"
    PERSONAL_ID = "personal_id"


CONTACT_FIELDS: Final = frozenset(Field(field.value) for field in ContactField)
"""Read only where the school has switched them on (`app.contacts`)."""


FIELD_NAMES: Final[Mapping[Field, str]] = {
    Field.NUMBER: N_("STT"),
    Field.CODE: N_("Mã học sinh"),
    Field.NAME: N_("Họ và tên"),
    Field.FAMILY: N_("Họ và chữ đệm"),
    Field.MIDDLE: N_("Chữ đệm"),
    Field.GIVEN: N_("Tên"),
    Field.BIRTH_DATE: N_("Ngày sinh"),
    Field.SEX: N_("Giới tính"),
    Field.FEMALE: N_("Nữ"),
    Field.CLASS: N_("Lớp"),
    Field.GRADE: N_("Khối"),
    Field.ETHNICITY: N_("Dân tộc"),
    Field.DISABILITY: N_("Loại khuyết tật"),
    Field.STATUS: N_("Trạng thái"),
    Field.STATUS_DATE: N_("Ngày nhập trạng thái"),
    **{Field(field.value): name for field, name in CONTACT_NAMES.items()},
}


class Sex(StrEnum):
    """As the ministry's files know it; the value is what `pupil.sex` holds."""

    MALE = "M"
    FEMALE = "F"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet: its number as Excel shows it, and its cells from column A on; "" is an empty cell."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """Return the cell of a column counted from 0, "" beyond the row's end."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet without its empty rows; in an `untyped` one (CSV) every cell is text.

    `merged` lists (first row, last row, column) of the cells that are one cell over several rows; `errors` says what
    the cells show whose formula failed, {(row, column): "#N/A"}: among the rows they are empty.
    """

    name: str
    rows: tuple[SheetRow, ...]
    hidden: bool = False
    epoch_1904: bool = False
    untyped: bool = False
    merged: tuple[tuple[int, int, int], ...] = ()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def with_errors(self) -> Sheet:
        """Return the sheet with what such cells show in them, for a reader to whom an empty cell says something."""
        if not self.errors:
            return self
        rows = {row.number: list(row.cells) for row in self.rows}
        for (number, column), text in self.errors.items():
            cells = rows.setdefault(number, [])
            cells += [""] * (column + 1 - len(cells))
            cells[column] = text
        return replace(self, rows=tuple(SheetRow(number, tuple(rows[number])) for number in sorted(rows)))


@dataclass(frozen=True, slots=True)
class Ethnicity:
    """A people of Vietnam by name; the code only has a meaning together with its code set (vietnam.md 5)."""

    name: str
    code: str | None = None
    code_set: str | None = None


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A good row. None means that the file does not say; such a field is never written over what is known.

    `key` is what the file's own system calls the pupil; sheets have none.
    """

    sheet: str
    row: int
    code: str | None
    full_name: str
    birth_date: date | None
    sex: Sex | None
    class_name: str
    grade: int | None = None
    ethnicity: Ethnicity | None = None
    disability: str | None = None
    status: EnrolmentStatus | None = None
    status_date: date | None = None
    contact: Mapping[ContactField, str] = field(default_factory=dict)
    key: str | None = None

    @property
    def is_studying(self) -> bool:
        """Whether the file says, or does not deny, that the pupil is at the school."""
        return self.status is None or self.status.is_studying


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row: its Excel row number, the column's heading as the file writes it, and what to do."""

    row: int
    column: str
    message: Phrase
    sheet: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not used. What is known of its pupil keeps that pupil from counting as missing from the file."""

    sheet: str
    row: int
    errors: tuple[RowError, ...]
    code: str | None = None
    full_name: str = ""
    birth_date: date | None = None
    cells: Mapping[Field, str] = field(default_factory=dict)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """A file as read. `columns` maps what was found to the heading that said so; `year` is what a title mentions.

    `not_imported` are headings of data that the school has not asked for (phones, parents, addresses, personal ids):
    their cells were not looked at. `gone` is None for a whole list, where whoever is missing may have left; a list of
    changes names by their keys who is said to have left, and is silent about everybody else.
    """

    pupils: tuple[PupilRow, ...]
    bad: tuple[BadRow, ...]
    notes: tuple[RowError, ...] = ()
    columns: Mapping[Field, str] = field(default_factory=dict)
    not_imported: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    skipped_sheets: tuple[str, ...] = ()
    year: str | None = None
    gone: frozenset[str] | None = None

    @property
    def errors(self) -> tuple[RowError, ...]:
        """All errors, in the order of the file."""
        return tuple(error for bad in self.bad for error in bad.errors)


def classes_of(pupils: Iterable[PupilRow]) -> frozenset[str]:
    """Return the names of the classes that the rows mention."""
    return frozenset(pupil.class_name for pupil in pupils if pupil.class_name)
