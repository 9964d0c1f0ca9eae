"""Months, and the counts of classes and schools in them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final, Protocol, Self, TypeAlias

from reports.indicators.rules import Counts, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ClassDayKey: TypeAlias = tuple[int, date]
"""A class and a day."""

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
DECEMBER: Final = 12


class Span(Protocol):
    """Days [first, after_last): a month, a semester, a school year."""

    @property
    def first(self) -> date:
        """The first day."""

    @property
    def after_last(self) -> date:
        """The first day after."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A civil month; as text it is e.g. "2026-10"."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the month that a text such as "2026-10" names, None for any other text."""
        found = _MONTH.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month in which a day lies."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def after_last(self) -> date:
        """The first day of the next month."""
        return self.next.first

    @property
    def next(self) -> Self:
        """The month after this one."""
        if self.month == DECEMBER:
            return replace(self, year=self.year + 1, month=1)
        return replace(self, month=self.month + 1)

    @property
    def previous(self) -> Self:
        """The month before this one."""
        if self.month == 1:
            return replace(self, year=self.year - 1, month=DECEMBER)
        return replace(self, month=self.month - 1)


@dataclass(frozen=True, slots=True)
class ClassMonth:
    """The counts of one class in one month."""

    class_id: int
    name: str
    grade: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class SchoolMonth:
    """The counts of one school in one month, class by class in natural order. `code` is the unit's."""

    school_id: int
    code: str
    name: str
    month: Month
    classes: tuple[ClassMonth, ...]

    @property
    def counts(self) -> Counts:
        """The school's counts: the sum of its classes'."""
        return total(row.counts for row in self.classes)

    @property
    def digest(self) -> str:
        """The SHA-256 of all figures, in hex: two states of a month with the same digest are the same figures."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()

    def as_text(self) -> str:
        """Return all figures as canonical JSON: {class id: [name, grade, {count: value}]}."""
        rows = {str(row.class_id): [row.name, row.grade, row.counts.as_dict()] for row in self.classes}
        return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_classes(text: str) -> tuple[ClassMonth, ...]:
    """Return the classes that `SchoolMonth.as_text` wrote."""
    return tuple(
        ClassMonth(int(class_id), name, grade, Counts(**counts))
        for class_id, (name, grade, counts) in json.loads(text).items()
    )


def classes_that_differ(before: Iterable[ClassMonth], now: Iterable[ClassMonth]) -> list[str]:
    """Return the names of classes whose figures are not the same in both, those that came or went too."""
    old, new = ({row.class_id: row for row in rows} for rows in (before, now))
    return [
        (new.get(key) or old[key]).name for key in sorted(old.keys() | new) if old.get(key) != new.get(key)
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """A class and day of which two computations say different things; None means that one has nothing there."""

    class_id: int
    day: date
    stored: Counts | None
    computed: Counts | None


def differences(
    stored: Mapping[ClassDayKey, Counts], computed: Mapping[ClassDayKey, Counts]
) -> list[Difference]:
    """Return where two computations differ, by class and day."""
    return [
        Difference(*key, stored.get(key), computed.get(key))
        for key in sorted(stored.keys() | computed.keys())
        if stored.get(key) != computed.get(key)
    ]
