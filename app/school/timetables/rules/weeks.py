"""School weeks: the number of a date's week, and which lessons odd and even weeks have."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


class WeekPattern(StrEnum):
    """In which weeks a lesson of the timetable is held."""

    EVERY = "every"
    ODD = "odd"
    EVEN = "even"


PATTERN_NAMES: Final = {
    WeekPattern.EVERY: N_("Mọi tuần"),
    WeekPattern.ODD: N_("Tuần lẻ"),
    WeekPattern.EVEN: N_("Tuần chẵn"),
}


def week_numbers(teaching_days: Iterable[date]) -> dict[date, int]:
    """Return {Monday: number} of the weeks (Monday to Sunday) with a day of teaching, counted from 1.

    Weeks without any, such as Tết, have no number: schools count the 35 weeks of real teaching, and so do the
    programme (tiết theo PPCT) and the class book.
    """
    mondays = sorted({monday_of(day) for day in teaching_days})
    return {monday: number for number, monday in enumerate(mondays, 1)}


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_number(day: date, teaching_days: Iterable[date]) -> int | None:
    """Return the number of a day's school week, None in a week without teaching, from the year's teaching days."""
    return week_numbers(teaching_days).get(monday_of(day))


def is_held_in(pattern: WeekPattern, week: int | None) -> bool:
    """Say whether a lesson of this pattern is held in a week of this number."""
    if pattern is WeekPattern.EVERY:
        return True
    return week is not None and (week % 2 == 1) == (pattern is WeekPattern.ODD)


def overlap(one: WeekPattern, other: WeekPattern) -> bool:
    """Say whether two lessons of these patterns ever meet in a week."""
    return one == other or WeekPattern.EVERY in {one, other}


def is_cell(patterns: Sequence[WeekPattern]) -> bool:
    """Say whether lessons of these patterns fit into one cell of the timetable: every week has one of them at most."""
    return not any(
        overlap(one, other) for place, one in enumerate(patterns) for other in patterns[place + 1 :]
    )
