"""A class's month as schools file it: a line for each pupil, a column for each day, sums at the end. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from attendance.months.rules import Month
    from attendance.registers.rules.marks import Code

UNTAKEN: Final = "?"
"""What a cell says of a session that nobody took: never blank, since blank is present."""


@dataclass(frozen=True, slots=True)
class Held:
    """A session register of the month: its day and slot, whether it counts, who was in it with which code."""

    day: date
    slot: int
    is_taken: bool
    marks: Mapping[int, Code] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil of the class, on which days of the month."""

    id: int
    name: str
    days: frozenset[date]


@dataclass(frozen=True, slots=True)
class Line:
    """A pupil's month: a text for each of the sheet's days, and how many sessions of each sort."""

    pupil_id: int
    number: int
    name: str
    cells: tuple[str, ...]
    excused: int
    unexcused: int
    pending: int
    late: int


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """The sheet: the days on which the class had school, the lines, how many of the sessions were taken."""

    month: Month
    days: tuple[date, ...]
    lines: tuple[Line, ...]
    taken: int
    due: int


def month_sheet(month: Month, held: Sequence[Held], pupils: Sequence[Pupil]) -> MonthSheet:
    """Return the sheet of a month from its registers (called-off ones left out) and its pupils, in their order."""
    by_day: dict[date, list[Held]] = {}
    for one in sorted(held, key=lambda one: (one.day, one.slot)):
        by_day.setdefault(one.day, []).append(one)
    lines = tuple(_line(number, pupil, by_day) for number, pupil in enumerate(pupils, start=1))
    return MonthSheet(month, tuple(by_day), lines, sum(one.is_taken for one in held), len(held))


def _line(number: int, pupil: Pupil, by_day: Mapping[date, Sequence[Held]]) -> Line:
    codes = [
        one.marks[pupil.id]
        for day, ones in by_day.items()
        if day in pupil.days
        for one in ones
        if one.is_taken and pupil.id in one.marks
    ]
    absent = [code for code in codes if not code.is_present]
    excused = sum(code.is_authorised for code in absent)
    pending = sum(code.is_pending for code in absent)
    return Line(
        pupil_id=pupil.id,
        number=number,
        name=pupil.name,
        cells=tuple(_cell(pupil, day, ones) for day, ones in by_day.items()),
        excused=excused,
        unexcused=len(absent) - excused - pending,
        pending=pending,
        late=sum(code.is_late for code in codes),
    )


def _cell(pupil: Pupil, day: date, ones: Sequence[Held]) -> str:
    """Return a day's letters by session, such as "K", "P/P", "-/K"; "" is present, "x" is not in the class."""
    if day not in pupil.days:
        return "x"
    said = [_said(pupil, one) for one in ones]
    return "/".join(word or "-" for word in said) if any(said) else ""


def _said(pupil: Pupil, one: Held) -> str:
    if not one.is_taken:
        return UNTAKEN
    code = one.marks.get(pupil.id)
    return code.letter if code else ""
