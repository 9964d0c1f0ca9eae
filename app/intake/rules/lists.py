"""Short lists that schools keep in a sheet (bells, days off, homeroom teachers): rows under headings that are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.i18n import say
from app.intake.rules.headings import HEADING_ROWS
from app.intake.rules.meanings import folded_heading
from app.intake.rules.rows import UnreadableFileError
from app.intake.rules.values import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from app.intake.rules.rows import Cell, Sheet, SheetRow


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a list: its number as Excel shows it, and its cells by field; a field without a column is absent."""

    row: int
    cells: Mapping[str, Cell]

    def cell(self, field: str) -> Cell:
        """Return a field's cell, "" when there is none."""
        return self.cells.get(field, "")

    def text(self, field: str) -> str:
        """Return a field's cell as a person reads it."""
        return text_of(self.cell(field))


def records_in(
    sheets: Iterable[Sheet], headings: Mapping[str, Sequence[str]], needed: Collection[str]
) -> list[Record]:
    """Return the rows of the first sheet that has the needed headings among its first 15 rows.

    `headings` are {field: folded spellings}. Raises UnreadableFileError, naming the first spelling of each.
    """
    for sheet in sheets:
        for row in sheet.rows:
            columns = _columns(row, headings) if row.number <= HEADING_ROWS else {}
            if columns and set(needed) <= set(columns):
                return [
                    Record(line.number, {field: line.cell(at) for field, at in columns.items()})
                    for line in sheet.rows
                    if line.number > row.number and any(text_of(line.cell(at)) for at in columns.values())
                ]
    raise UnreadableFileError(
        say(
            "Không tìm thấy dòng tiêu đề có đủ các cột: %(columns)s.",
            columns=", ".join(headings[field][0] for field in needed),
        )
    )


def _columns(row: SheetRow, headings: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return {field: column}; a heading may be spelled with accents, as the first spelling of a field is."""
    written = {folded_heading(cell): at for at, cell in enumerate(row.cells) if isinstance(cell, str)}
    found = {
        field: next((written[name] for one in spellings if (name := folded_heading(one)) in written), None)
        for field, spellings in headings.items()
    }
    return {field: at for field, at in found.items() if at is not None}
