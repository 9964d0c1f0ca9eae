"""Periods of a report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class PeriodKind(StrEnum):
    """Periods of a report; `official` ones are as of a day."""

    MONTH = "month"
    SEMESTER = "semester"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """A period [first, after_last) of a school year that begins on `year_first`. As text e.g. "2026-10"."""

    name: str
    kind: PeriodKind
    first: date
    after_last: date
    year_first: date
    year_code: str

    def __str__(self) -> str:
        return self.name
