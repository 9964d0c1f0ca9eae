"""A pivot over extracts: what stands in rows and columns, and what a cell says. Only what may leave is in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app.i18n import N_
from reports.extracts.rules import ExtractRow, Status
from reports.indicators.rules import Unit

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

    @property
    def told(self) -> ToldCell:
        """What is shown of it, and nothing else."""
        is_percent = self.row is not None and self.row.indicator.unit == "percent"
        return ToldCell(self.is_withheld, self.share, is_percent, self.is_provisional)


class ToldCell(NamedTuple):
    """A cell as it is shown: a value, so that what was written of it can be remembered."""

    is_withheld: bool
    share: float | None
    is_percent: bool
    is_provisional: bool


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

    def told(self, row: Head) -> tuple[ToldCell, ...]:
        """Return the cells of a row, as they are shown."""
        return tuple(self.cell(row, column).told for column in self.columns)

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


# --- the picture --------------------------------------------------------------------------------------------------

CHART_ROWS: Final = 30
_LONGEST_WORDS: Final = 34
"""Letters that fit beside a figure on a phone; the table below has the name in full."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A row in the picture; `x` in percent from the left."""

    head: Head
    cell: Cell
    x: float

    @property
    def words(self) -> str:
        """The row's words, cut where they would run into the figure."""
        words = self.head.words
        return words if len(words) <= _LONGEST_WORDS else f"{words[: _LONGEST_WORDS - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class PivotChart:
    """One column of a pivot as dots on lines, the axis from `low` to `high` (before the indicator's factor)."""

    column: Head
    dots: tuple[Dot, ...]
    low: float
    high: float
    left_out: int

    @property
    def lowest(self) -> Dot:
        """The row with the least."""
        return min(self.dots, key=lambda dot: dot.x)

    @property
    def highest(self) -> Dot:
        """The row with the most."""
        return max(self.dots, key=lambda dot: dot.x)


def chart_of(view: PivotView, pivot: Pivot) -> PivotChart | None:
    """Return the newest month of a pivot by places, or one place month by month, as dots.

    None where indicators are spread out, which have no common axis, or with fewer than two figures. Of many rows the
    lowest are shown; months stay in their order.
    """
    if Axis.INDICATOR in view.axes or not pivot.columns:
        return None
    column = pivot.columns[-1] if view.columns is Axis.PERIOD else pivot.columns[0]
    rated = [(row, cell) for row in pivot.rows if (cell := pivot.cell(row, column)).share is not None]
    if len(rated) < 2:  # noqa: PLR2004 - one dot compares nothing
        return None
    if view.rows is Axis.PLACE:
        rated.sort(key=lambda one: one[1].share or 0)
    shown = rated[:CHART_ROWS]
    shares = [cell.share or 0.0 for _row, cell in shown]
    low, high = _axis(min(shares), max(shares), is_percent=_is_percent(shown[0][1]))
    dots = (Dot(row, cell, round(100 * ((cell.share or 0) - low) / (high - low), 2)) for row, cell in shown)
    return PivotChart(column, tuple(dots), low, high, len(rated) - len(shown))


def _is_percent(cell: Cell) -> bool:
    return cell.row is not None and cell.row.indicator.unit is Unit.PERCENT


def _axis(least: float, most: float, *, is_percent: bool) -> tuple[float, float]:
    """Return where the axis begins and ends: dots need no 0; a percentage ends at 100 at most."""
    if is_percent and least > 0.5:  # noqa: PLR2004 - rates of attendance lie near the top
        return int(100 * least - 1) / 100, 1.0
    return 0.0, (min(1.0, math.ceil(most * 20 + 0.01) / 20) if is_percent else most) or 1.0
