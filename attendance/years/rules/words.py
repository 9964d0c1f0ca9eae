"""What the columns of a year's sheet are called on paper and in Excel, and what stands in its rows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attendance.years.rules.frame import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attendance.absences.rules import Sums
    from attendance.years.rules.sheet import YearLine, YearSheet


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a sheet in the language of who asked: what stands above and below, the heads, how dates are told.

    `letters` are those of absent with permission, without, reason unknown, late; months have no column for unknown.
    """

    school: str
    title: str
    when: str
    number: str
    name: str
    parts: Mapping[Part, str]
    letters: tuple[str, str, str, str]
    cover: str
    footer: str
    signatures: Sequence[str]
    came: str
    left: str


def groups_of(sheet: YearSheet, words: Words) -> list[tuple[str, list[str]]]:
    """Return the heads in two storeys: what a group is of, and its columns."""
    excused, unexcused, pending, late = words.letters
    short = [excused, unexcused, late]
    months = [(f"{month.first:%m/%y}", short) for month in sheet.months]
    return months + [(words.parts[part], [excused, unexcused, pending, late]) for part in Part]


def numbers_of(line: YearLine) -> list[int]:
    """Return a line's sums in the order of the columns."""
    found = [number for sums in line.months for number in (sums.excused, sums.unexcused, sums.late)]
    return found + [number for part in Part for number in _all(line.parts[part])]


def _all(sums: Sums) -> tuple[int, int, int, int]:
    return sums.excused, sums.unexcused, sums.pending, sums.late


def name_of(line: YearLine, words: Words) -> str:
    """Return a pupil's name with when it came into the class or left it."""
    told = [
        word.replace("{day}", f"{day:%d/%m}")
        for word, day in ((words.came, line.came_on), (words.left, line.left_on))
        if day is not None
    ]
    return f"{line.name} ({', '.join(told)})" if told else line.name


def covers_of(sheet: YearSheet) -> list[str]:
    """Return how many of the registers were taken, "18/20" for each group of columns; empty where none was due."""
    covers = [*sheet.month_covers, *(sheet.covers[part] for part in Part)]
    return [f"{one.taken}/{one.due}" if one.due else "" for one in covers]
