"""By what figures are broken down, and what the counts of a part amount to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.i18n import N_, say
from reports.indicators.rules import Count, definition, evaluate
from reports.tallies.rules import Ethnicity, Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from reports.indicators.rules import Value

CHART_ROWS: Final = 30
LEAST_AXIS: Final = 0.95
"""As in the attendance report: closer than the last five percent, and noise would look like news."""


class By(StrEnum):
    """What the parts of the second table are."""

    GRADE = "grade"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    DISABILITY = "disability"


BY_NAMES: Final = {
    By.GRADE: N_("khối"),
    By.SEX: N_("giới tính"),
    By.ETHNICITY: N_("dân tộc"),
    By.DISABILITY: N_("khuyết tật"),
}
SEX_NAMES: Final = {"M": N_("Nam"), "F": N_("Nữ")}
ETHNICITY_NAMES: Final = {Ethnicity.KINH: N_("Kinh"), Ethnicity.OTHER: N_("Dân tộc khác")}
DISABILITY_NAMES: Final = {"yes": N_("Có khuyết tật"), "no": N_("Không khuyết tật")}
NOT_KNOWN: Final = N_("Không ghi trong hồ sơ")


class Measure(StrEnum):
    """What is shown of each part."""

    ATTENDANCE = "attendance_rate"
    CHRONIC = "chronic_absence"


@dataclass(frozen=True, slots=True)
class Sums:
    """What taken registers say of some pupils in a period; `pupils` had a session, `chronic` of them missed a tenth."""

    pupils: int = 0
    chronic: int = 0
    expected: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0

    @property
    def absent(self) -> int:
        """All absences."""
        return self.excused + self.unexcused + self.pending


@dataclass(frozen=True, slots=True)
class Part:
    """A place or a group with its sums; `coverage` are sessions (taken, due) of its classes, None for a group."""

    key: str
    name: str
    sums: Sums
    rate: Value
    coverage: tuple[int, int] | None = None

    @property
    def share(self) -> float | None:
        """The measure from 0 to 1; None when nothing was counted."""
        return None if self.rate.quotient is None else float(self.rate.quotient)

    @property
    def covered(self) -> float | None:
        """The share of due sessions that was taken."""
        return self.coverage[0] / self.coverage[1] if self.coverage and self.coverage[1] else None


def part_of(
    key: str, name: str, sums: Sums, coverage: tuple[int, int] | None, measure: Measure, day: date
) -> Part:
    """Work the measure of a part out by the definition that is valid on a day."""
    values = {
        Count.EXPECTED: sums.expected,
        Count.EXCUSED: sums.excused,
        Count.UNEXCUSED: sums.unexcused,
        Count.PENDING: sums.pending,
        Count.MEASURED: sums.pupils,
        Count.CHRONIC: sums.chronic,
    }
    if coverage:
        values |= {Count.SESSIONS_TAKEN: coverage[0], Count.SESSIONS_DUE: coverage[1]}
    return Part(key, name, sums, evaluate(definition(measure, day), Tally(values)), coverage)


@dataclass(frozen=True, slots=True)
class Chart:
    """Parts on an axis from `low` to `high`; positions are percent of the width."""

    low: float
    high: float
    lines: tuple[Part, ...]
    left_out: int

    def position(self, line: Part) -> float:
        """Return where a part's dot stands."""
        return 100 * ((line.share or 0) - self.low) / (self.high - self.low)


def chart_of(parts: Sequence[Part], measure: Measure) -> Chart | None:
    """Return the chart: attendance ends at 1, frequent absence begins at 0. None when there is nothing to draw."""
    rated = [part for part in parts if part.share is not None]
    if not rated:
        return None
    worst = sorted(rated, key=lambda part: (part.share or 0) * (-1 if measure is Measure.CHRONIC else 1))
    shown = {part.key for part in worst[:CHART_ROWS]}
    lines = tuple(part for part in parts if part.key in shown)
    if measure is Measure.CHRONIC:
        most = max(part.share or 0 for part in rated)
        return Chart(0.0, max(0.1, float(Fraction(int(most * 20) + 1, 20))), lines, len(rated) - len(lines))
    lowest = worst[0].share or 0
    return Chart(min(max(0, int(100 * lowest) - 1) / 100, LEAST_AXIS), 1.0, lines, len(rated) - len(lines))


def name_of_group(by: By, key: str | None) -> str:
    """Return what a group is called."""
    if by is By.GRADE and key is not None:
        return say("Khối %(grade)s", grade=key)
    known: dict[By, Mapping[str, str]] = {
        By.SEX: SEX_NAMES,
        By.ETHNICITY: {one.value: name for one, name in ETHNICITY_NAMES.items()},
        By.DISABILITY: DISABILITY_NAMES,
    }
    return NOT_KNOWN if key is None else known.get(by, {}).get(key, key)
