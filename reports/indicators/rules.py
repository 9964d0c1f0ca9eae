"""Indicators as data: what is divided by what, since when, by whose definition, and when a figure is provisional.

A figure keeps its numerator and its denominator; the rate is worked out where it is shown, and sums are sums of
counts, never means of rates.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Self

from app.access import Permission, Role, everywhere
from app.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VIEW_REPORT: Final = Permission("report.view", everywhere(Role.PRINCIPAL, Role.DEPARTMENT_OFFICER))


class Count(StrEnum):
    """The additive counts that cubes hold; each is a field of `Counts`."""

    CLASSES = "classes"
    PUPILS = "pupils"
    SESSIONS_DUE = "sessions_due"
    SESSIONS_TAKEN = "sessions_taken"
    EXPECTED = "expected"
    EXCUSED = "excused"
    UNEXCUSED = "unexcused"
    PENDING = "pending"
    LATE = "late"
    LESSONS_HELD = "lessons_held"


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of some classes over some days; they add up over classes.

    `pupils` are on the roll at the end of the period. `sessions_due` are registers that the calendar, the timetable
    and a non-empty roll ask for; `sessions_taken` those submitted. `expected` counts pupils x sessions of taken
    registers only; `excused`, `unexcused` and `pending` (reason not yet known) are absences among them, `late` are
    present. `lessons_held` are live lessons that were ended.
    """

    classes: int = 0
    pupils: int = 0
    sessions_due: int = 0
    sessions_taken: int = 0
    expected: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0
    lessons_held: int = 0

    def __add__(self, other: Self) -> Self:
        """Add count by count."""
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def absent(self) -> int:
        """All absences, whatever the reason."""
        return self.excused + self.unexcused + self.pending

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def total(counts: Iterable[Counts]) -> Counts:
    """Return the sum of counts; nothing adds up to nothing."""
    return sum(counts, start=Counts())


class Unit(StrEnum):
    """How a value is read."""

    PERCENT = "percent"
    NUMBER = "number"
    PER_UNIT = "per_unit"


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of one indicator, valid on [valid_from, valid_to).

    `numerator` and `denominator` are sums of counts with whole weights; without a denominator the value is a number.
    `factor` is what the quotient is multiplied by. With a `coverage_threshold` a value is provisional while fewer
    than that share of the sessions due has been taken.
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
    dimensions: tuple[str, ...] = ("school", "class", "month")
    official_code: str | None = None

    def is_valid_on(self, day: date) -> bool:
        """Say whether this version defines the indicator on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


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


COVERAGE_THRESHOLD: Final = Fraction(90, 100)
_FIRST_DAY: Final = date(2020, 9, 1)
_OURS: Final = N_("Định nghĩa của hệ thống này; thông tư 03/2024/TT-BGDĐT không quy định chỉ tiêu này.")

CATALOGUE: Final = (
    Definition(
        "attendance_rate", 1, _FIRST_DAY, None,
        name=N_("Tỷ lệ chuyên cần"),
        explanation=N_(
            "1 trừ (tổng lượt vắng) / (tổng sĩ số × số buổi đã điểm danh). Buổi chưa điểm danh không tính vào tử số, "
            "cũng không tính vào mẫu số. Đi trễ được tính là có mặt."
        ),
        source=_OURS,
        unit=Unit.PERCENT,
        numerator={Count.EXPECTED: 1, Count.EXCUSED: -1, Count.UNEXCUSED: -1, Count.PENDING: -1},
        denominator={Count.EXPECTED: 1},
        factor=100,
        coverage_threshold=COVERAGE_THRESHOLD,
    ),
    Definition(
        "register_coverage", 1, _FIRST_DAY, None,
        name=N_("Tỷ lệ lớp đã điểm danh"),
        explanation=N_("Số buổi đã nộp sổ điểm danh / số buổi phải điểm danh theo lịch học và thời khóa biểu."),
        source=_OURS,
        unit=Unit.PERCENT,
        numerator={Count.SESSIONS_TAKEN: 1},
        denominator={Count.SESSIONS_DUE: 1},
        factor=100,
    ),
    Definition(
        "classes", 1, _FIRST_DAY, None,
        name=N_("Số lớp"),
        explanation=N_("Số lớp đang hoạt động ở cuối kỳ."),
        source=N_("Thông tư 03/2024/TT-BGDĐT: số lớp."),
        unit=Unit.NUMBER,
        numerator={Count.CLASSES: 1},
    ),
    Definition(
        "pupils", 1, _FIRST_DAY, None,
        name=N_("Số học sinh"),
        explanation=N_("Số học sinh có tên trong danh sách lớp ở cuối kỳ."),
        source=N_("Thông tư 03/2024/TT-BGDĐT: số học sinh."),
        unit=Unit.NUMBER,
        numerator={Count.PUPILS: 1},
    ),
    Definition(
        "pupils_per_class", 1, _FIRST_DAY, None,
        name=N_("Số HS bình quân một lớp"),
        explanation=N_("Số học sinh đang học / số lớp."),
        source=N_("Siêu dữ liệu thống kê của Tổng cục Thống kê (2019)."),
        unit=Unit.PER_UNIT,
        numerator={Count.PUPILS: 1},
        denominator={Count.CLASSES: 1},
    ),
    Definition(
        "sessions_due", 1, _FIRST_DAY, None,
        name=N_("Số buổi phải điểm danh"),
        explanation=N_("Số buổi học của các lớp có học sinh, theo lịch năm học và thời khóa biểu."),
        source=_OURS,
        unit=Unit.NUMBER,
        numerator={Count.SESSIONS_DUE: 1},
    ),
    Definition(
        "sessions_taken", 1, _FIRST_DAY, None,
        name=N_("Số buổi đã điểm danh"),
        explanation=N_("Số buổi học có sổ điểm danh đã nộp."),
        source=_OURS,
        unit=Unit.NUMBER,
        numerator={Count.SESSIONS_TAKEN: 1},
    ),
    Definition(
        "absences_excused", 1, _FIRST_DAY, None,
        name=N_("Lượt vắng có phép (P)"),
        explanation=N_("Số lượt học sinh vắng có phép trong các buổi đã điểm danh."),
        source=_OURS,
        unit=Unit.NUMBER,
        numerator={Count.EXCUSED: 1},
    ),
    Definition(
        "absences_unexcused", 1, _FIRST_DAY, None,
        name=N_("Lượt vắng không phép (K)"),
        explanation=N_("Số lượt học sinh vắng không phép trong các buổi đã điểm danh."),
        source=_OURS,
        unit=Unit.NUMBER,
        numerator={Count.UNEXCUSED: 1},
    ),
    Definition(
        "late", 1, _FIRST_DAY, None,
        name=N_("Lượt đi trễ (T)"),
        explanation=N_("Số lượt học sinh đi trễ trong các buổi đã điểm danh; các em này có mặt."),
        source=_OURS,
        unit=Unit.NUMBER,
        numerator={Count.LATE: 1},
    ),
    Definition(
        "lessons_held", 1, _FIRST_DAY, None,
        name=N_("Số tiết học tương tác"),
        explanation=N_("Số tiết học tương tác đã dạy và đã kết thúc trong kỳ."),
        source=_OURS,
        unit=Unit.NUMBER,
        numerator={Count.LESSONS_HELD: 1},
    ),
)  # fmt: skip


def definition(code: str, day: date, catalogue: Iterable[Definition] = CATALOGUE) -> Definition:
    """Return the version of an indicator that is valid on a day. Raises KeyError when there is none."""
    for candidate in catalogue:
        if candidate.code == code and candidate.is_valid_on(day):
            return candidate
    raise KeyError(code)


def definitions(day: date, catalogue: Iterable[Definition] = CATALOGUE) -> tuple[Definition, ...]:
    """Return every indicator's version that is valid on a day, in the order of the catalogue."""
    return tuple(candidate for candidate in catalogue if candidate.is_valid_on(day))


def evaluate(indicator: Definition, counts: Counts) -> Value:
    """Work an indicator out from counts that have already been added up."""
    coverage = Fraction(counts.sessions_taken, counts.sessions_due) if counts.sessions_due else None
    threshold = indicator.coverage_threshold
    return Value(
        indicator,
        numerator=_weighted(indicator.numerator, counts),
        denominator=None if indicator.denominator is None else _weighted(indicator.denominator, counts),
        coverage=coverage,
        is_provisional=threshold is not None and coverage is not None and coverage < threshold,
    )


def _weighted(weights: Mapping[Count, int], counts: Counts) -> int:
    return sum(weight * int(getattr(counts, count)) for count, weight in weights.items())


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
