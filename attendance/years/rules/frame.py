"""A school year in months and semesters, and how far its registers are taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere, own_class
from app.i18n import N_
from attendance.months.rules import Month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

COPY_ABSENCES: Final = Permission(
    "years.copy", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.HOMEROOM_TEACHER)
)
"""Who writes the school record: the homeroom teacher, and the office that checks it."""


class Part(StrEnum):
    """A part of the school year that has sums of its own."""

    FIRST = "first"
    SECOND = "second"
    WHOLE = "whole"


PART_NAMES: Final = {Part.FIRST: N_("Học kỳ 1"), Part.SECOND: N_("Học kỳ 2"), Part.WHOLE: N_("Cả năm")}


@dataclass(frozen=True, slots=True)
class Frame:
    """A school year [first, after_last); its second semester begins on `second`."""

    code: str
    first: date
    second: date
    after_last: date

    @property
    def months(self) -> tuple[Month, ...]:
        """Its months from the first to the last, those to come too: a filed sheet has a column for each."""
        found = [Month.of(self.first)]
        while found[-1].after_last < self.after_last:
            found.append(found[-1].next)
        return tuple(found)

    def part_has(self, part: Part) -> Callable[[date], bool]:
        """Return the test whether a day is in a part of the year."""
        if part is Part.WHOLE:
            return lambda day: self.first <= day < self.after_last
        if part is Part.FIRST:
            return lambda day: self.first <= day < self.second
        return lambda day: self.second <= day < self.after_last


@dataclass(frozen=True, slots=True)
class Cover:
    """How many session registers of some days were due up to today, and how many of them were taken."""

    due: int = 0
    taken: int = 0

    @property
    def missing(self) -> int:
        """How many nobody took: what they would have said is in no sum."""
        return self.due - self.taken


def cover_of(registers: Iterable[tuple[date, bool]], has: Callable[[date], bool]) -> Cover:
    """Count registers (day, taken) of the days that `has` accepts."""
    found = [is_taken for day, is_taken in registers if has(day)]
    return Cover(len(found), sum(found))
