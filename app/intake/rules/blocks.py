"""Lists side by side on one sheet: each becomes a sheet of its own, with the rows and columns where they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.intake.rules.class_names import class_on_line
from app.intake.rules.headings import find_headings
from app.intake.rules.meanings import folded_heading
from app.intake.rules.rows import SheetRow
from app.intake.rules.values import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.intake.rules.headings import Headings
    from app.intake.rules.rows import Cell, Reading, Sheet

LEAST_COLUMNS: Final = 3


def blocks_of(sheet: Sheet, reading: Reading) -> list[Sheet]:
    """Return the lists of a sheet: the sheet itself, or one for each time that the same headings begin anew."""
    headings = find_headings(sheet, reading)
    starts = _starts(headings) if headings is not None else []
    if headings is None or len(starts) < 2:  # noqa: PLR2004 - one list
        return [sheet]
    ends = [*starts[1:], max(len(row.cells) for row in sheet.rows)]
    return [
        _block(sheet, headings.row, 0 if place == 0 else start, end)
        for place, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _starts(headings: Headings) -> list[int]:
    """Return the columns where the headings begin anew, all of them in the same order each time."""
    columns = sorted(headings.written)
    folded = [folded_heading(headings.written[column]) for column in columns]
    for length in range(LEAST_COLUMNS, len(folded) // 2 + 1):
        repeats = len(folded) % length == 0 and folded == folded[:length] * (len(folded) // length)
        if repeats and len(set(folded[:length])) == length and headings.has_name:
            return columns[::length]
    return []


def _block(sheet: Sheet, heading_row: int, start: int, end: int) -> Sheet:
    """Return the columns [start, end) of a sheet. A title over all of them says the class where none is over these."""
    rows = [_cut(row, start, end) for row in sheet.rows]
    if not any(_names_class(row.cells) for row in rows if row.number < heading_row):
        above = [row for row in sheet.rows if row.number < heading_row]
        rows = [*above, *(row for row in rows if row.number >= heading_row)]
    return replace(
        sheet,
        rows=tuple(row for row in rows if any(cell != "" for cell in row.cells)),
        merged=tuple(one for one in sheet.merged if start <= one[2] < end),
    )


def _cut(row: SheetRow, start: int, end: int) -> SheetRow:
    return SheetRow(row.number, ("",) * start + row.cells[start:end])


def _names_class(cells: Sequence[Cell]) -> bool:
    return class_on_line(" ".join(text_of(cell) for cell in cells if cell != "")) is not None
