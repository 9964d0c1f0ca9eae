"""What an indicator is: what is divided by what, since when, by whose definition, and when a figure is provisional.

A figure keeps its numerator and its denominator; the rate is worked out where it is shown. Sums are sums of counts,
never means of rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.i18n import N_
from reports.indicators.rules.counts import Count

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from reports.indicators.rules.counts import Countable

VIEW_REPORT: Final = Permission("report.view", everywhere(Role.PRINCIPAL, Role.DEPARTMENT_OFFICER))


class Unit(StrEnum):
    """How a value is read."""

    PERCENT = "percent"
    NUMBER = "number"
    PER_UNIT = "per_unit"


class Family(StrEnum):
    """Whose definition it is. Definitions of one thing by several families stand side by side."""

    OURS = "ours"
    MINISTRY = "ministry"
    UIS = "uis"


FAMILY_NAMES: Final = {
    Family.OURS: N_("Định nghĩa của hệ thống"),
    Family.MINISTRY: N_("Bộ GD&ĐT, Tổng cục Thống kê"),
    Family.UIS: N_("Viện Thống kê UNESCO (UIS)"),
}


class Dimension(StrEnum):
    """By what a figure can be broken down."""

    PLACE = "place"
    LEVEL = "level"
    GRADE = "grade"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    DISABILITY = "disability"


DIMENSION_NAMES: Final = {
    Dimension.PLACE: N_("tỉnh, xã phường, trường, lớp"),
    Dimension.LEVEL: N_("cấp học"),
    Dimension.GRADE: N_("khối"),
    Dimension.SEX: N_("giới tính"),
    Dimension.ETHNICITY: N_("dân tộc Kinh hay dân tộc khác"),
    Dimension.DISABILITY: N_("khuyết tật"),
}
OF_PUPILS: Final = tuple(Dimension)
OF_CLASSES: Final = (Dimension.PLACE, Dimension.LEVEL, Dimension.GRADE)
OF_PLACES: Final = (Dimension.PLACE,)


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of one indicator, valid on [valid_from, valid_to).

    `numerator` and `denominator` are sums of counts with whole weights; without a denominator the value is a number.
    `factor` is what the quotient is multiplied by. With a `coverage_threshold` a value is provisional while fewer
    than that share of the sessions due has been taken. `is_additive`: whether a whole is the sum of its parts.
    `changed` says, in a version after the first, what is different. `kept_inside` is the reason for which an indicator
    never leaves (no file, no API, no hub) and is shown to those on duty alone; "" for the others.
    """

    code: str
    version: int
    valid_from: date
    valid_to: date | None
    name: str
    explanation: str
    source: str
    unit: Unit
    numerator: Mapping[Count, int]
    denominator: Mapping[Count, int] | None = None
    factor: int = 1
    coverage_threshold: Fraction | None = None
    is_additive: bool = True
    dimensions: tuple[Dimension, ...] = OF_PUPILS
    family: Family = Family.OURS
    is_entered: bool = False
    changed: str = ""
    kept_inside: str = ""
    official_code: str | None = None

    def is_valid_on(self, day: date) -> bool:
        """Say whether this version defines the indicator on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def needs(self) -> frozenset[Count]:
        """The counts of which it is made."""
        return frozenset(self.numerator) | frozenset(self.denominator or ())


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with what it was made of. `quotient` is numerator / denominator, before the factor."""

    definition: Definition
    numerator: int
    denominator: int | None
    coverage: Fraction | None
    is_provisional: bool

    @property
    def quotient(self) -> Fraction | None:
        """The exact quotient; None when nothing was counted, for that is neither 0 nor 100 %."""
        if self.denominator is None:
            return Fraction(self.numerator)
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def shown(self) -> Fraction | None:
        """The quotient times the factor of the definition, as it is shown."""
        return None if self.quotient is None else self.quotient * self.definition.factor


def evaluate(indicator: Definition, counts: Countable) -> Value:
    """Work an indicator out from counts of the whole in question.

    A count that is not known makes numerator and denominator 0, and so gives no quotient: see `is_known`.
    """
    due, taken = counts.count(Count.SESSIONS_DUE), counts.count(Count.SESSIONS_TAKEN)
    coverage = Fraction(taken or 0, due) if due else None
    threshold = indicator.coverage_threshold
    return Value(
        indicator,
        numerator=_weighted(indicator.numerator, counts),
        denominator=None if indicator.denominator is None else _weighted(indicator.denominator, counts),
        coverage=coverage,
        is_provisional=threshold is not None and coverage is not None and coverage < threshold,
    )


def is_known(indicator: Definition, counts: Countable) -> bool:
    """Say whether everything that an indicator is made of is known here."""
    return all(counts.count(what) is not None for what in indicator.needs)


def _weighted(weights: Mapping[Count, int], counts: Countable) -> int:
    return sum(weight * (counts.count(what) or 0) for what, weight in weights.items())


class Order(StrEnum):
    """In what order rows stand."""

    NAME = "name"
    RATE = "rate"
    COVERAGE = "coverage"


ORDER_NAMES: Final = {
    Order.NAME: N_("Theo tên"),
    Order.RATE: N_("Tỷ lệ chuyên cần thấp trước"),
    Order.COVERAGE: N_("Tỷ lệ lớp đã điểm danh thấp trước"),
}
