"""A pivot over extracts: what stands in rows and columns, and what a cell says. Only what may leave is in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.i18n import N_
from reports.extracts.rules import ExtractRow, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.extracts.rules import PlaceCell
    from reports.indicators.rules import Definition

MOST_PERIODS: Final = 12
LONGEST_NAME: Final = 80
LONGEST_QUERY: Final = 500


class Axis(StrEnum):
    """What stands in rows or columns."""

    PLACE = "place"
    PERIOD = "period"
    INDICATOR = "indicator"


AXIS_NAMES: Final = {Axis.PLACE: N_("Đơn vị"), Axis.PERIOD: N_("Tháng"), Axis.INDICATOR: N_("Chỉ tiêu")}


@dataclass(frozen=True, slots=True)
class PivotView:
    """A view as its address says it: what is not an axis is chosen; rows and columns differ."""

    place: int
    period: str
    measure: str
    rows: Axis
    columns: Axis

    def __post_init__(self) -> None:
        """Raise ValueError when rows and columns are the same."""
        if self.rows is self.columns:
            message = "rows and columns are the same"
            raise ValueError(message)

    @property
    def axes(self) -> frozenset[Axis]:
        """What is not chosen but spread out."""
        return frozenset({self.rows, self.columns})

    def arguments(self) -> dict[str, str]:
        """Return the view as it stands in an address."""
        names = ("place", "period", "measure", "rows", "columns")
        return {name: str(getattr(self, name)) for name in names}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, or why there is none: `row` None is nothing known."""

    row: ExtractRow | None

    @property
    def is_withheld(self) -> bool:
        """Whether it may not be told, which is not the same as nothing."""
        return self.row is not None and self.row.status is Status.WITHHELD

    @property
    def is_provisional(self) -> bool:
        """Whether too few registers were taken for it."""
        return self.row is not None and self.row.status is Status.PROVISIONAL

    @property
    def share(self) -> float | None:
        """The figure before its factor, 0 to 1 for a percentage; None when there is none."""
        quotient = self.row.value.quotient if self.row and self.row.value else None
        return None if quotient is None else float(quotient)


@dataclass(frozen=True, slots=True)
class Head:
    """A row or column: its key, its words, and for an indicator its definition."""

    key: str
    words: str
    indicator: Definition | None = None


@dataclass(frozen=True, slots=True)
class Pivot:
    """Rows, columns, and a cell for each pair."""

    rows: tuple[Head, ...]
    columns: tuple[Head, ...]
    cells: Mapping[tuple[str, str], Cell]

    @property
    def withheld(self) -> int:
        """How many cells may not be told."""
        return sum(cell.is_withheld for cell in self.cells.values())

    def cell(self, row: Head, column: Head) -> Cell:
        """Return the cell of a row and a column."""
        return self.cells.get((row.key, column.key), Cell(None))


def pivot_of(view: PivotView, periods: Mapping[str, Sequence[ExtractRow]]) -> Pivot:
    """Spread the rows of each period, in the order given, over the view's axes."""
    heads: dict[Axis, dict[str, Head]] = {axis: {} for axis in Axis}
    cells: dict[tuple[str, str], Cell] = {}
    for period, rows in periods.items():
        for row in rows:
            keys = {
                Axis.PLACE: _place_head(row.place),
                Axis.PERIOD: Head(period, period),
                Axis.INDICATOR: Head(row.indicator.code, row.indicator.name, row.indicator),
            }
            for axis, head in keys.items():
                heads[axis].setdefault(head.key, head)
            cells[keys[view.rows].key, keys[view.columns].key] = Cell(row)
    return Pivot(tuple(heads[view.rows].values()), tuple(heads[view.columns].values()), cells)


def _place_head(place: PlaceCell) -> Head:
    return Head(f"{place.kind}/{place.code}/{place.class_name}", place.class_name or place.name)
