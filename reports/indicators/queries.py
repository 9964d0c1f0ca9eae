"""The attendance report: lines of schools or classes with their rate and coverage, and what stands out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reports.indicators.rules import Counts, Order, Value, definition, evaluate, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.school.models import OrgUnit
    from app.school.queries import UnitRow
    from reports.cubes.rules import Month, SchoolMonth

CHART_ROWS: Final = 30
LEAST_AXIS: Final = 0.95
"""The axis shows at least the last five percent: closer, and noise would look like news."""


@dataclass(frozen=True, slots=True)
class Line:
    """A ward, a school or a class: `id` to drill into, its counts, and what they amount to."""

    id: int
    name: str
    counts: Counts
    rate: Value
    coverage: Value

    @property
    def share(self) -> float | None:
        """The attendance rate from 0 to 1."""
        return _share(self.rate)

    @property
    def covered(self) -> float | None:
        """The register coverage from 0 to 1."""
        return _share(self.coverage)


def _share(value: Value) -> float | None:
    """Return the quotient as a float: the nearest one, as of the exact fraction, without making one."""
    return value.numerator / value.denominator if value.denominator else None


@dataclass(frozen=True, slots=True)
class Chart:
    """Rates on an axis from `low` to 1; positions are percent of the width."""

    low: float
    lines: tuple[Line, ...]
    left_out: int

    def position(self, line: Line) -> float:
        """Return where a line's dot stands."""
        return 100 * ((line.share or 0) - self.low) / (1 - self.low)


@dataclass(frozen=True, slots=True)
class Report:
    """The lines of a report in their order, their total, and the lowest and highest rate among them."""

    month: Month
    lines: tuple[Line, ...]
    whole: Line

    @property
    def lowest(self) -> Line | None:
        """The line with the lowest rate, None when no line has one."""
        return min(_rated(self.lines), key=lambda line: line.share or 0, default=None)

    @property
    def highest(self) -> Line | None:
        """The line with the highest rate."""
        return max(_rated(self.lines), key=lambda line: line.share or 0, default=None)

    @property
    def chart(self) -> Chart | None:
        """The rates as a chart, the lowest ones when there are too many; None when there is nothing to draw."""
        rated = sorted(_rated(self.lines), key=lambda line: line.share or 0)
        if not rated:
            return None
        shown = {line.id for line in rated[:CHART_ROWS]}
        low = max(0, int(100 * (rated[0].share or 0)) - 1) / 100
        lines = tuple(line for line in self.lines if line.id in shown)
        return Chart(min(low, LEAST_AXIS), lines, len(rated) - len(lines))


def report_on_schools(
    schools: Sequence[OrgUnit | UnitRow], counts: Mapping[int, Counts], month: Month, order: Order
) -> Report:
    """Return the report with a line for each of these schools that has any class."""
    lines = [line_of(unit.id, unit.name, counts[unit.id], month) for unit in schools if unit.id in counts]
    return _report(month, lines, order)


def report_on_wards(
    wards: Sequence[UnitRow],
    schools: Iterable[OrgUnit | UnitRow],
    counts: Mapping[int, Counts],
    month: Month,
    order: Order,
) -> Report:
    """Return the report with a line for each ward: the sum of its schools."""
    below: dict[int | None, list[Counts]] = defaultdict(list)
    for unit in schools:
        if unit.id in counts:
            below[unit.parent_id].append(counts[unit.id])
    sums = {ward.id: total(below[ward.id]) for ward in wards}
    lines = [line_of(ward.id, ward.name, sums[ward.id], month) for ward in wards if sums[ward.id] != Counts()]
    return _report(month, lines, order)


def report_on_classes(school: SchoolMonth, order: Order) -> Report:
    """Return the report with a line for each class of a school."""
    lines = [line_of(row.class_id, row.name, row.counts, school.month) for row in school.classes]
    return _report(school.month, lines, order)


@lru_cache(maxsize=4096)
def line_of(key: int, name: str, counts: Counts, month: Month) -> Line:
    """Work out the line of some counts by the definitions that are valid in the month; once for the same counts."""
    rate, coverage = (definition(code, month.first) for code in ("attendance_rate", "register_coverage"))
    return Line(key, name, counts, evaluate(rate, counts), evaluate(coverage, counts))


def _report(month: Month, lines: list[Line], order: Order) -> Report:
    if order is Order.RATE:
        lines.sort(key=lambda line: line.rate.quotient if line.rate.quotient is not None else Fraction(2))
    elif order is Order.COVERAGE:
        lines.sort(
            key=lambda line: line.coverage.quotient if line.coverage.quotient is not None else Fraction(2)
        )
    return Report(month, tuple(lines), line_of(0, "", total(line.counts for line in lines), month))


def _rated(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.share is not None]
