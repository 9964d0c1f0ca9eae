"""Timetable files with the days down and the periods across: a table for each class, or one for all with its class."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from app.intake.rules.class_names import class_of_sheet, class_on_line
from app.school.rules import DaySession, session_named
from app.school.timetables.rules import words
from app.school.timetables.rules.places import FileCell, class_in, is_dash, letters, texts_in
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.intake.rules.rows import Sheet, SheetRow

FEWEST_PERIODS: Final = 3
FEWEST_DAYS: Final = 3
LOOKED_AT: Final = 24
"""So many rows below a heading are searched for days: four rows for each of six days."""
_DAY_HEADS: Final = frozenset(
    {"thu", "ngay", "thu/ngay", "thu ngay", "thu / tiet", "thu/tiet", "thu \\ tiet", "thu\\tiet"}
)
_CLASS_HEADS: Final = frozenset({"lop", "lop hoc", "ten lop"})
_WITH_SESSION: Final = re.compile(r"(sang|chieu|toi|s|c)[ .:\-–]*(?:tiet )?(\d{1,2})", re.ASCII)


@dataclass(slots=True)
class _Table:
    """Where things stand: `periods` is {column: (session, number)}."""

    periods: Mapping[int, tuple[DaySession | None, int]]
    day_column: int
    class_column: int | None
    class_name: str
    cells: dict[tuple[str, int, DaySession | None, int], FileCell] = field(default_factory=dict)


def day_rows(sheet: Sheet, keys: frozenset[str]) -> list[FileCell]:
    """Return the cells of a sheet whose days go down and whose periods go across; nothing of any other sheet.

    `keys` are the natural keys of the school's classes. Sessions may stand above the periods, beside the days or in the
    title; periods that begin anew without a word are the afternoon's. A row without a day goes on with the one above:
    the subject there, the teacher here.
    """
    return list(_DayRows(sheet, keys).cells())


class _DayRows:
    """Reads a sheet from top to bottom; a row of periods begins a new table."""

    def __init__(self, sheet: Sheet, keys: frozenset[str]) -> None:
        self._sheet = sheet
        self._keys = keys
        self._session = words.session_in_title(sheet.name)
        self._class_above = ""

    def cells(self) -> Iterator[FileCell]:
        table: _Table | None = None
        day, name, said = 0, "", None
        for index, row in enumerate(self._sheet.rows):
            if begun := self._table_at(index):
                yield from table.cells.values() if table else ()
                table = begun
                day, name, said = 0, table.class_name, None
                continue
            texts = texts_in(row)
            if table is None or not self._belongs(texts, table, day):
                day = 0 if self._title(texts) else day
                continue
            first = min(table.periods)
            if table.class_column is not None and (found := self._class(row, table.class_column)):
                name, day, said = found, 0, None
            if (new := words.weekday(texts.get(table.day_column, ""), bare=True)) is not None and new != day:
                day, said = new, None
            lead = [text for column, text in texts.items() if column < first]
            said = next((one for text in lead if (one := session_named(text))), None) or said
            self._take(row, table, (name, day, said or None))
        yield from table.cells.values() if table else ()

    def _table_at(self, index: int) -> _Table | None:
        rows = self._sheet.rows
        texts = texts_in(rows[index])
        heads = {column: found for column, text in texts.items() if (found := _period_head(text)) is not None}
        lead = {
            column: fold(text.replace("\n", " ")) for column, text in texts.items() if column not in heads
        }
        above = texts_in(rows[index - 1]) if index else {}
        if len(heads) < FEWEST_PERIODS or any(column > min(heads) for column in lead):
            return None
        first = min(heads)
        named = {column: fold(text) for column, text in above.items() if column < first} | lead
        days = self._day_column(index, first)
        if days is None:
            return None
        sessions = {
            column: one for column, text in above.items() if column >= first and (one := session_named(text))
        }
        corner = next(
            (self._class(rows[index], column) for column in lead if self._class(rows[index], column)), ""
        )
        class_at = next((column for column, text in named.items() if text in _CLASS_HEADS), None)
        on_sheet = self._class_named(self._sheet.name) or class_of_sheet(self._sheet.name) or ""
        return _Table(
            _numbered(heads, sessions, self._session), days, class_at, corner or self._class_above or on_sheet
        )

    def _day_column(self, index: int, first: int) -> int | None:
        """Return the column before the periods in which days stand below a heading."""
        found: dict[int, set[int]] = {}
        for row in self._sheet.rows[index + 1 : index + 1 + LOOKED_AT]:
            for column, text in texts_in(row).items():
                if column < first and (day := words.weekday(text, bare=column == self._headed(index, first))):
                    found.setdefault(column, set()).add(day)
        return next((column for column, days in found.items() if len(days) >= FEWEST_DAYS), None)

    def _headed(self, index: int, first: int) -> int | None:
        """Return the column that a heading calls the days': a bare "2" is a Monday there and nowhere else."""
        for row in self._sheet.rows[max(0, index - 1) : index + 1]:
            for column, text in texts_in(row).items():
                if column < first and fold(text.replace("\n", " ")) in _DAY_HEADS:
                    return column
        return None

    def _belongs(self, texts: Mapping[int, str], table: _Table, day: int) -> bool:
        if all(session_named(text) for text in texts.values()):
            return False  # above the periods of the next table
        if words.weekday(texts.get(table.day_column, ""), bare=True) is not None:
            return True
        is_title = class_on_line(" ".join(texts.values())) or len(texts) == 1
        return bool(day) and not (is_title and max(texts) < min(table.periods))

    def _take(self, row: SheetRow, table: _Table, where: tuple[str, int, DaySession | None]) -> None:
        name, day, said = where
        texts = texts_in(row)
        for column, (session, number) in table.periods.items():
            text = texts.get(column, "")
            if not text or is_dash(text):
                continue
            key = (name, day, said or session, number)
            if before := table.cells.get(key):
                table.cells[key] = replace(before, text=f"{before.text}\n{text}")
            else:
                table.cells[key] = FileCell(self._sheet.name, f"{letters(column)}{row.number}", *key, text)

    def _title(self, texts: Mapping[int, str]) -> bool:
        """Take what a row outside the tables says of the next one; return whether it begins another class."""
        line = " ".join(texts.values()).replace("\n", " ")
        named = class_on_line(line)
        self._class_above = named or self._class_above
        self._session = words.session_in_title(line) or self._session
        return named is not None

    def _class(self, row: SheetRow, column: int) -> str:
        cell = row.cells[column] if column < len(row.cells) else ""
        return class_in(cell, self._keys, epoch_1904=self._sheet.epoch_1904)

    def _class_named(self, text: str) -> str:
        return class_in(text, self._keys)


def _period_head(text: str) -> tuple[DaySession | None, int] | None:
    """Return the session and the period of a heading: "Tiết 1", "1", "S1", "Chiều 2"."""
    if match := _WITH_SESSION.fullmatch(fold(text.replace("\n", " "))):
        number = words.period(match[2])
        return (session_named(match[1]), number) if number else None
    return (None, number) if (number := words.period(text)) else None


def _numbered(
    heads: Mapping[int, tuple[DaySession | None, int]],
    sessions: Mapping[int, DaySession],
    usual: DaySession | None,
) -> dict[int, tuple[DaySession | None, int]]:
    """Return {column: (session, period)}; a session that is merged over its periods stands above the first of them."""
    found: dict[int, tuple[DaySession | None, int]] = {}
    said, last = usual, 0
    for column, (own, number) in sorted(heads.items()):
        above = next((sessions[one] for one in sorted(sessions, reverse=True) if one <= column), None)
        if (own or above) and (own or above) is not said:
            said, last = own or above, 0
        if number <= last and said is None:
            said = DaySession.AFTERNOON
            found = {at: (DaySession.MORNING, one) for at, (_, one) in found.items()}
        found[column], last = (said, number), number
    return found
