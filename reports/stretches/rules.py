"""Stretches of days, and the sums of a pupil or a class in one of them.

A stretch is a month, or the part of a month that lies in one semester: months, semesters and school years are all made
of whole stretches, so that one cube serves them all. It is named by its first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

PupilKey: TypeAlias = "tuple[int, date, int]"
"""A class, a stretch and a pupil."""
ClassKey: TypeAlias = "tuple[int, date]"
"""A class and a stretch."""


@dataclass(slots=True)
class PupilSums:
    """What the taken session registers say of a pupil in a stretch."""

    expected: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0


@dataclass(slots=True)
class ClassSums:
    """What is counted of a class in a stretch besides its days.

    `sessions_on_time`: registers taken on the very day. `answers` are those that stand, `attempts` every answer that
    was stored, `answers_possible` rounds x pupils who joined.
    """

    sessions_on_time: int = 0
    answers: int = 0
    answers_possible: int = 0
    attempts: int = 0


def stretch_of(day: date, semester_starts: Iterable[date]) -> date:
    """Return the first day of the stretch in which a day lies; `semester_starts` are those of second semesters."""
    first = day.replace(day=1)
    return max([first, *(start for start in semester_starts if first < start <= day)])


def after_stretch(start: date, semester_starts: Iterable[date]) -> date:
    """Return the first day after the stretch that begins on a day."""
    after = date_of_next_month(start)
    return min([after, *(day for day in semester_starts if start < day < after)])


def date_of_next_month(day: date) -> date:
    """Return the first day of the month after that of a day."""
    if day.month == 12:  # noqa: PLR2004 - December
        return day.replace(year=day.year + 1, month=1, day=1)
    return day.replace(month=day.month + 1, day=1)
