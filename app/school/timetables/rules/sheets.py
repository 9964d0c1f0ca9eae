"""From the sheets of a timetable file to cells with their place: class, weekday, session, period.

Three layouts of classes: days across (a sheet, or a block, for each class), classes across and classes down (one
wide sheet); `teachers` reads the same three with people in the place of classes, `lesson_rows` a row for each lesson,
`days_down` the days down and the periods across.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.i18n import say
from app.intake.rules.class_names import class_of_sheet, class_on_line
from app.intake.rules.rows import UnreadableFileError
from app.school.rules import DaySession, session_named
from app.school.timetables.rules import words
from app.school.timetables.rules.days_down import day_rows
from app.school.timetables.rules.lesson_rows import lesson_rows
from app.school.timetables.rules.places import (
    FileCell,
    class_in,
    is_dash,
    letters,
    slots_below,
    texts_in,
    weeks_beside,
)
from app.school.timetables.rules.teachers import teacher_cells
from app.text import fold, legacy_encoding, natural_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from app.intake.rules.rows import Cell, Sheet, SheetRow

FEWEST_DAYS: Final = 3
FEWEST_CLASSES: Final = 2
MOST_TITLE_CELLS: Final = 4
LONGEST_TEXT: Final = 300
MOST_CELLS: Final = 30_000
"""Sixty classes with sixty periods, told twice, are 7,200."""
_BEHIND_HEAD: Final = re.compile(r"\s*[\n(:]|\s[\-–/]\s|\s(?=gvcn\b)", re.IGNORECASE)
_DAY_HEADS: Final = frozenset({"thu", "ngay", "thu/ngay", "thu ngay"})
_SUBJECT_HEADS: Final = frozenset({"mon", "mon hoc"})
_TEACHER_HEADS: Final = frozenset({"gv", "giao vien", "ten gv", "gvbm"})


def cells_in(sheets: Iterable[Sheet], class_keys: Collection[str]) -> tuple[FileCell, ...]:
    """Return the cells of a file; `class_keys` are the natural keys of the school's classes.

    Raises UnreadableFileError when no sheet holds a timetable, or its texts are in an old encoding.
    """
    cells: list[FileCell] = []
    for sheet in sheets:
        for cell in _cells_of(sheet.with_errors(), frozenset(class_keys)) if not sheet.hidden else ():
            cells.append(cell)
            if len(cells) > MOST_CELLS:
                raise UnreadableFileError(
                    say(
                        "Tệp có quá nhiều ô cho một thời khóa biểu. Hãy xóa các trang không cần rồi nhập lại."
                    )
                )
    if legacy := legacy_encoding({cell.text for cell in cells}):
        raise UnreadableFileError(
            say(
                "Tệp dùng bảng mã cũ (ví dụ “%(example)s”), không phải Unicode. "
                "Hãy chuyển tệp sang Unicode rồi nhập lại.",
                example=legacy[1],
            )
        )
    if not cells:
        raise UnreadableFileError(
            say(
                "Không tìm thấy thời khóa biểu trong tệp. Mỗi lớp một trang với các cột Tiết, Thứ 2, Thứ 3…; "
                "hoặc một trang với các cột Thứ, Tiết và tên từng lớp; hoặc mỗi giáo viên một dòng; "
                "hoặc mỗi tiết một dòng với các cột Lớp, Thứ, Tiết, Môn, Giáo viên."
            )
        )
    return tuple(cells)


def _cells_of(sheet: Sheet, keys: frozenset[str]) -> Iterable[FileCell]:
    return (
        lesson_rows(sheet, keys)
        or teacher_cells(sheet, keys)
        or day_rows(sheet, keys)
        or _read_side_by_side(sheet, keys)
    )


def _read_side_by_side(sheet: Sheet, keys: frozenset[str]) -> Iterator[FileCell]:
    """Yield the cells of the weeks that stand beside each other; one without a class of its own has the first one's."""
    class_above = ""
    for week in weeks_beside(sheet):
        reader = _SheetReader(week, keys, class_above)
        yield from reader.cells()
        class_above = reader.class_above


@dataclass(slots=True)
class _Place:
    """Where the reader stands in the week: what the rows above have said and a row itself does not repeat."""

    day: int | None = None
    day_session: DaySession | None = None
    last: int = 0


@dataclass(slots=True)
class _Block:
    """A table within a sheet. `columns` is {column: weekday or class}."""

    kind: str
    columns: Mapping[int, int | str]
    session_column: int | None = None
    period_column: int | None = None
    day_column: int | None = None
    class_name: str = ""
    pairs: frozenset[int] = frozenset()
    slots: Mapping[int, tuple[int, DaySession | None, int]] = field(default_factory=dict)


class _SheetReader:
    """Reads a sheet from top to bottom; a row of headings begins a new block."""

    def __init__(self, sheet: Sheet, class_keys: frozenset[str], class_above: str) -> None:
        self._sheet = sheet
        self._keys = class_keys
        self._session = words.session_in_title(sheet.name)
        self.class_above = class_above
        self._day_above: int | None = None
        self._place = _Place()

    def cells(self) -> Iterator[FileCell]:
        rows = self._sheet.rows
        block: _Block | None = None
        found: list[FileCell] = []
        skip = 0
        for index, row in enumerate(rows):
            if skip:
                skip -= 1
                continue
            if begun := self._block_at(index):
                yield from self._settled(found)
                (block, skip), found = begun, []
                self._place = _Place(self._day_above if block.kind == "classes" else None, self._session)
            elif block is None or not self._is_line(row, block):
                self._title(row)
            else:
                found += self._line(row, block)
        yield from self._settled(found)

    # --- headings ---

    def _block_at(self, index: int) -> tuple[_Block, int] | None:
        """Return the block that begins with a row, and how many rows of headings follow the first one."""
        row = self._sheet.rows[index]
        days = {
            column: day for column, text in texts_in(row).items() if (day := words.weekday(text)) is not None
        }
        if len(days) >= FEWEST_DAYS:
            return self._classes_down(index, days) or (self._days_across(row, days), 0)
        classes = {
            column: name for column in range(len(row.cells)) if (name := self._headed(row.cells[column]))
        }
        has_period = self._heading(row, "tiet") is not None
        if len(classes) >= FEWEST_CLASSES or (classes and has_period):
            return self._classes_across(index, classes)
        return None

    def _days_across(self, row: SheetRow, days: Mapping[int, int]) -> _Block:
        first = min(days)
        period = self._heading(row, "tiet")
        corner = next((self._class(cell) for cell in row.cells[:first] if self._class(cell)), "")
        on_sheet = self._class(self._sheet.name) or class_of_sheet(self._sheet.name) or ""
        return _Block(
            "days",
            days,
            self._heading(row, "buoi"),
            period if period is not None else max(0, first - 1),
            class_name=corner or self.class_above or on_sheet,
        )

    def _classes_across(self, index: int, classes: Mapping[int, str]) -> tuple[_Block, int]:
        row, below = self._sheet.rows[index], self._sheet.rows[index + 1 : index + 2]
        first = min(classes)
        pairs: set[int] = set()
        if below:
            heads = {column: fold(text) for column, text in texts_in(below[0]).items()}
            pairs = {
                column
                for column in classes
                if heads.get(column) in _SUBJECT_HEADS and heads.get(column + 1) in _TEACHER_HEADS
            }
        period = self._heading(row, "tiet")
        day = next(
            (column for column, text in texts_in(row).items() if fold(text) in _DAY_HEADS and column < first),
            None,
        )
        period_column = period if period is not None else max(0, first - 1)
        usual_day = 0 if period_column else None  # the first column says the periods: "2" is no Monday there
        block = _Block(
            "classes",
            classes,
            self._heading(row, "buoi"),
            period_column,
            day if day is not None else usual_day,
            pairs=frozenset(pairs),
        )
        return block, 1 if pairs else 0

    def _classes_down(self, index: int, days: Mapping[int, int]) -> tuple[_Block, int] | None:
        """Return the block of a sheet with a row for each class: days above, periods below them, sessions between."""
        slots, depth = slots_below(self._sheet.rows, index, days, self._session)
        return (_Block("down", {}, slots=slots), depth) if slots else None

    def _heading(self, row: SheetRow, wanted: str) -> int | None:
        for column, text in texts_in(row).items():
            if fold(text) == wanted or (
                wanted == "tiet" and fold(text) in {"tiet hoc", "tiet thu", "tiet so"}
            ):
                return column
        return None

    # --- lines ---

    def _is_line(self, row: SheetRow, block: _Block) -> bool:
        """Say whether a row belongs to the table: it has a period, or a class in the layout of classes down."""
        if block.kind == "down":
            return any(self._class(cell) for cell in row.cells[: min(block.slots)])
        texts = texts_in(row)
        if len(texts) == 1 and block.kind == "classes":
            only = next(iter(texts.values()))
            if (day := words.weekday(only)) is not None:
                self._day_above, self._place = day, _Place(day, self._session)
                return False
        day = (
            words.weekday(texts.get(block.day_column, ""), bare=True)
            if block.day_column is not None
            else None
        )
        if day is not None and day != self._place.day:
            self._place = _Place(day, self._session)
        if (
            block.session_column is not None and (said := session_named(texts.get(block.session_column, "")))
        ) or (len(texts) == 1 and (said := words.session_in_title(next(iter(texts.values()))))):
            self._say_session(said)
        return words.period(texts.get(block.period_column or 0, "")) is not None

    def _say_session(self, said: DaySession) -> None:
        if said is not self._place.day_session:
            self._place.day_session, self._place.last = said, 0

    def _line(self, row: SheetRow, block: _Block) -> Iterator[FileCell]:
        if block.kind == "down":
            yield from self._class_line(row, block)
            return
        texts, place = texts_in(row), self._place
        below = [texts_in(one) for one in self._rows_below(row, block.period_column)]
        number = words.period(texts.get(block.period_column or 0, "")) or 0
        if number <= place.last and place.day_session in {None, DaySession.MORNING}:
            place.day_session = DaySession.AFTERNOON
        place.last = number
        for column, head in block.columns.items():
            text = "\n".join(filter(None, (one.get(column, "") for one in (texts, *below))))
            if column in block.pairs and (teacher := texts.get(column + 1, "")):
                text = f"{text}\n{teacher}"
            day = head if isinstance(head, int) else place.day
            name = block.class_name if isinstance(head, int) else head
            if text.strip() and day is not None and not is_dash(text):
                yield self._cell(row, column, name, (day, place.day_session, number), text)

    def _rows_below(self, row: SheetRow, period_column: int | None) -> list[SheetRow]:
        """Return the other rows of a period that is one cell over several: the subject above, the teacher below."""
        last = {top: bottom for top, bottom, column in self._sheet.merged if column == period_column}.get(
            row.number, row.number
        )
        return [one for one in self._sheet.rows if row.number < one.number <= last]

    def _class_line(self, row: SheetRow, block: _Block) -> Iterator[FileCell]:
        name = next(filter(None, (self._class(cell) for cell in row.cells[: min(block.slots)])))
        for column, slot in block.slots.items():
            text = texts_in(row).get(column, "")
            if text.strip() and not is_dash(text):
                yield self._cell(row, column, name, slot, text)

    def _cell(
        self, row: SheetRow, column: int, name: str, slot: tuple[int, DaySession | None, int], text: str
    ) -> FileCell:
        address = f"{letters(column)}{row.number}"
        return FileCell(self._sheet.name, address, name, *slot, text[:LONGEST_TEXT])

    def _settled(self, found: list[FileCell]) -> Iterator[FileCell]:
        """Yield the cells of a block; where periods began anew without a word, the first ones were the morning's."""
        began_anew = {
            (cell.class_name, cell.weekday) for cell in found if cell.day_session is DaySession.AFTERNOON
        }
        for cell in found:
            if cell.day_session is None and (cell.class_name, cell.weekday) in began_anew:
                yield FileCell(
                    cell.sheet,
                    cell.address,
                    cell.class_name,
                    cell.weekday,
                    DaySession.MORNING,
                    cell.number,
                    cell.text,
                )
            else:
                yield cell

    # --- cells ---

    def _title(self, row: SheetRow) -> None:
        """Take what a row outside the tables says of the next one: its class, its session."""
        texts = list(texts_in(row).values())
        if not texts or len(texts) > MOST_TITLE_CELLS:
            return
        line = " ".join(texts).replace("\n", " ")
        if named := class_on_line(line):
            self.class_above = named
        if len(texts) == 1 and (day := words.weekday(line)) is not None:
            self._day_above = day
        if said := words.session_in_title(line):
            self._session = said

    def _headed(self, cell: Cell) -> str:
        """Return the class of a heading, whatever is written behind it: "6A1 (Lan)", "6A1 - GVCN: cô Lan"."""
        if found := self._class(cell):
            return found
        first = _BEHIND_HEAD.split(cell, maxsplit=1)[0] if isinstance(cell, str) else ""
        found = self._class(first) if first else ""
        return found if natural_key(found) in self._keys else ""

    def _class(self, cell: Cell) -> str:
        return class_in(cell, self._keys, epoch_1904=self._sheet.epoch_1904)
