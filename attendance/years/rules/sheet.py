"""A class's year as schools file it: a line for each pupil, P, K and T of each month, semester and the year. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attendance.absences.rules import Session, Sums, sums_of
from attendance.years.rules.frame import Cover, Part, cover_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from attendance.months.rules import Month
    from attendance.years.rules.frame import Frame


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil of the class and the times [from, to) in it; the last one may be open."""

    id: int
    name: str
    spans: tuple[tuple[date, date | None], ...]

    def came_after(self, first: date) -> date | None:
        """Return the day on which the pupil came into the class, None when it was there on its first school day."""
        came = min(since for since, _ in self.spans)
        return came if came > first else None

    def left_before(self, after_last: date) -> date | None:
        """Return the first day on which the pupil was not in the class any more, None when it stayed."""
        ends = [until for _, until in self.spans]
        left = None if None in ends else max(until for until in ends if until is not None)
        return left if left is not None and left < after_last else None


@dataclass(frozen=True, slots=True)
class YearLine:
    """A pupil's year in the class: sums of each month and part, when it came or left."""

    pupil_id: int
    number: int
    name: str
    months: tuple[Sums, ...]
    parts: Mapping[Part, Sums]
    came_on: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class YearSheet:
    """The sheet: its months, its lines, and how far the registers of each month and part are taken."""

    frame: Frame
    months: tuple[Month, ...]
    lines: tuple[YearLine, ...]
    month_covers: tuple[Cover, ...]
    covers: Mapping[Part, Cover]


def year_sheet(
    frame: Frame,
    pupils: Sequence[Pupil],
    marked: Mapping[int, Sequence[Session]],
    registers: Sequence[tuple[date, bool]],
) -> YearSheet:
    """Return the sheet of a year from its pupils in their order, {pupil: sessions with a mark}, (day, taken)."""
    months, began = frame.months, min((day for day, _ in registers), default=frame.first)
    return YearSheet(
        frame=frame,
        months=months,
        lines=tuple(
            _line(frame, began, number, pupil, marked.get(pupil.id, ()))
            for number, pupil in enumerate(pupils, start=1)
        ),
        month_covers=tuple(cover_of(registers, _is_in(month)) for month in months),
        covers={part: cover_of(registers, frame.part_has(part)) for part in Part},
    )


def _line(frame: Frame, began: date, number: int, pupil: Pupil, sessions: Sequence[Session]) -> YearLine:
    return YearLine(
        pupil_id=pupil.id,
        number=number,
        name=pupil.name,
        months=tuple(_sums(sessions, _is_in(month)) for month in frame.months),
        parts=parts_of(frame, sessions),
        came_on=pupil.came_after(began),
        left_on=pupil.left_before(frame.after_last),
    )


def parts_of(frame: Frame, sessions: Sequence[Session]) -> dict[Part, Sums]:
    """Return the sums of each semester and of the year."""
    return {part: _sums(sessions, frame.part_has(part)) for part in Part}


def _sums(sessions: Iterable[Session], has: Callable[[date], bool]) -> Sums:
    return sums_of(one for one in sessions if has(one.day))


def _is_in(month: Month) -> Callable[[date], bool]:
    return lambda day: month.first <= day < month.after_last
