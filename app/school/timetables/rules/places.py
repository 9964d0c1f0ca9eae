"""Places in the sheets of timetable files: cells with their class and slot, columns that stand for periods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.intake.rules.class_names import class_name, is_class_name
from app.intake.rules.rows import SheetRow
from app.intake.rules.values import BadValueError, text_of
from app.school.rules import DaySession, session_named
from app.school.timetables.rules import words
from app.text import natural_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from app.intake.rules.rows import Cell, Sheet

LEAST_DAYS: Final = 3
Place = tuple[int, DaySession | None, int]
"""Weekday, session (None: the file does not say), period."""


@dataclass(frozen=True, slots=True)
class FileCell:
    """A cell about lessons. `day_session` None: the file does not say; `number` counts within the session."""

    sheet: str
    address: str
    class_name: str
    weekday: int
    day_session: DaySession | None
    number: int
    text: str


def letters(column: int) -> str:
    """Return the name of a column counted from 0, as Excel shows it."""
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def texts_in(row: SheetRow) -> dict[int, str]:
    """Return {column: text} of a row's filled cells."""
    return {column: text for column, cell in enumerate(row.cells) if (text := _text(cell))}


def weeks_beside(sheet: Sheet) -> list[Sheet]:
    """Return a sheet, or a sheet for each week that stands beside another: the same days once more, in one row."""
    for row in sheet.rows:
        found = [(column, day) for column, text in texts_in(row).items() if (day := words.weekday(text))]
        days = [day for _column, day in found]
        length = days.index(days[0], 1) if days and days[0] in days[1:] else 0
        if length >= LEAST_DAYS and days == days[:length] * (len(days) // length):
            lead = found[0][0]
            starts = [0, *(column - lead for column, _day in found[length::length])]
            ends = [*starts[1:], max(len(one.cells) for one in sheet.rows)]
            return [_columns(sheet, start, end) for start, end in zip(starts, ends, strict=True)]
    return [sheet]


def _columns(sheet: Sheet, start: int, end: int) -> Sheet:
    rows = (SheetRow(row.number, ("",) * start + row.cells[start:end]) for row in sheet.rows)
    return replace(
        sheet,
        rows=tuple(row for row in rows if any(cell != "" for cell in row.cells)),
        merged=tuple(one for one in sheet.merged if start <= one[2] < end),
    )


def class_in(cell: Cell, keys: Collection[str], *, epoch_1904: bool = False) -> str:
    """Return the class that a cell names, "" when it names none; `keys` are the natural keys of the school's."""
    if isinstance(cell, bool | int | float) or cell == "":
        return ""
    try:
        name = class_name(cell, epoch_1904=epoch_1904)
    except BadValueError:
        return ""
    return name if natural_key(name) in keys or is_class_name(name) else ""


def slots_below(
    rows: Sequence[SheetRow], index: int, days: Mapping[int, int], usual: DaySession | None
) -> tuple[dict[int, Place], int]:
    """Return ({column: place}, rows of headings below) where periods stand under the days of a row; ({}, 0) if not.

    Between the two a row may say the sessions. `usual` is the session that a title or the sheet's name says.
    """
    sessions: dict[int, DaySession] = {}
    first = min(days)
    for depth, row in enumerate(rows[index + 1 : index + 3], 1):
        texts = texts_in(row)
        numbers = {
            column: number
            for column, text in texts.items()
            if column >= first and (number := words.period(text)) is not None
        }
        if len(numbers) >= 2 * len(days):
            return _slots(days, sessions, numbers, usual), depth
        sessions |= {column: one for column, text in texts.items() if (one := session_named(text))}
    return {}, 0


def _slots(
    days: Mapping[int, int],
    sessions: Mapping[int, DaySession],
    numbers: Mapping[int, int],
    usual: DaySession | None,
) -> dict[int, Place]:
    """Return {column: (weekday, session, period)}; what is merged over columns stands in the first of them."""
    found: dict[int, Place] = {}
    day, said, last = 0, usual, 0
    for column in range(min(days), max(numbers) + 1):
        if column in days:
            day, said, last = days[column], usual, 0
        if column in sessions:
            said, last = sessions[column], 0
        if column in numbers:
            number = numbers[column]
            if number <= last and said is None:
                said = DaySession.AFTERNOON
                found |= {
                    key: (slot[0], DaySession.MORNING, slot[2])
                    for key, slot in found.items()
                    if slot[0] == day and slot[1] is None
                }
            found[column] = (day, said, number)
            last = number
    return found


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return text_of(cell)


def is_dash(text: str) -> bool:
    """Say whether a cell only says that there is nothing."""
    return not any(sign.isalnum() for sign in text)
