"""Weeks, comparable places, and the funnel that keeps small places from being shamed by noise.

The funnel: around the rate of all places together lie limits that narrow as a place has more pupil-sessions. Absences
of one pupil on several days hang together, so the limits are widened by how much the places really differ
(D. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24, 2005: limits of a
proportion, and multiplicative over-dispersion after winsorising a tenth at each end).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WARNING: Final = 1.96
ALARM: Final = 3.09
"""Standard deviations of the limits: about 1 place in 20, and 1 in 500, lies outside by chance alone."""
LEAST_PLACES: Final = 5
"""With fewer places there is nothing to compare with: no limits are drawn."""
MOST_WEEKS: Final = 74
"""The same week of the year before is among them, and the term before that."""
MOST_NAMED: Final = 3
LINE_HEIGHT: Final = 7.0
"""Percent of the drawing's height that a name takes."""
_WINSOR: Final = 0.1


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week from Monday on; as text "2026-W41" (ISO 8601)."""

    monday: date

    def __str__(self) -> str:
        year, week, _day = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the week in which a day lies."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the week that a text such as "2026-W41" names, None for any other text."""
        try:
            return cls.of(date.fromisoformat(f"{text}-1")) if "W" in text else None
        except ValueError:
            return None

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def after_last(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=7)

    @property
    def previous(self) -> Self:
        """The week before."""
        return type(self)(self.monday - timedelta(days=7))

    @property
    def next(self) -> Self:
        """The week after."""
        return type(self)(self.after_last)

    @property
    def a_year_ago(self) -> Self:
        """The same week of the year before, 52 weeks back: the same weekdays of about the same season."""
        return type(self)(self.monday - timedelta(weeks=52))


def weeks_to_choose(last: Week, chosen: Week) -> tuple[tuple[str, tuple[Week, ...]], ...]:
    """Return (month as "2026-10", its weeks by their Mondays), the newest first, the chosen one among them."""
    weeks = {Week(last.monday - timedelta(weeks=back)) for back in range(MOST_WEEKS)} | {chosen}
    found: dict[str, list[Week]] = {}
    for one in sorted(weeks, reverse=True):
        found.setdefault(f"{one.monday:%Y-%m}", []).append(one)
    return tuple((month, tuple(listed)) for month, listed in found.items())


@dataclass(frozen=True, slots=True)
class Place:
    """A school or class in a week: sessions of pupils, absences, registers due and taken."""

    id: int
    name: str
    expected: int = 0
    absent: int = 0
    due: int = 0
    taken: int = 0

    @property
    def rate(self) -> float | None:
        """The attendance rate from 0 to 1; None when nothing was taken."""
        return 1 - self.absent / self.expected if self.expected else None

    @property
    def coverage(self) -> float | None:
        """The share of due registers that was taken."""
        return self.taken / self.due if self.due else None


def together(places: Iterable[Place]) -> Place:
    """Return all places as one."""
    listed = list(places)
    sums = (sum(getattr(one, name) for one in listed) for name in ("expected", "absent", "due", "taken"))
    return Place(0, "", *sums)


class Zone(StrEnum):
    """Where a place lies in the funnel."""

    WITHIN = "within"
    LOW = "low"
    VERY_LOW = "very_low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Funnel:
    """Places with a rate, the rate of all together, and how much wider than chance their limits are (1 or more)."""

    places: tuple[Place, ...]
    centre: float
    spread: float

    @property
    def is_comparable(self) -> bool:
        """Whether there are enough places to compare one with the others."""
        return len(self.places) >= LEAST_PLACES

    def limits(self, expected: float, deviations: float) -> tuple[float, float]:
        """Return the rates between which a place with so many pupil-sessions lies by chance, cut to 0 and 1."""
        wide = deviations * self.spread * math.sqrt(self.centre * (1 - self.centre) / expected)
        return max(0.0, self.centre - wide), min(1.0, self.centre + wide)

    def zone(self, place: Place) -> Zone:
        """Return where a place lies; within, when there is nothing to compare it with."""
        if place.rate is None or not self.is_comparable:
            return Zone.WITHIN
        if place.rate < self.limits(place.expected, ALARM)[0]:
            return Zone.VERY_LOW
        low, high = self.limits(place.expected, WARNING)
        return Zone.LOW if place.rate < low else Zone.HIGH if place.rate > high else Zone.WITHIN


def funnel(places: Iterable[Place]) -> Funnel | None:
    """Return the funnel of places; None when no register was taken anywhere."""
    rated = tuple(one for one in places if one.expected)
    whole = together(rated)
    if whole.rate is None:
        return None
    return Funnel(rated, whole.rate, _spread(rated, whole.rate))


def _spread(places: Sequence[Place], centre: float) -> float:
    """Return the square root of the over-dispersion of winsorised z-scores, at least 1."""
    if not 0 < centre < 1 or len(places) < LEAST_PLACES:
        return 1.0
    scores = sorted(
        ((one.rate or 0) - centre) / math.sqrt(centre * (1 - centre) / one.expected) for one in places
    )
    cut = int(len(scores) * _WINSOR)
    low, high = scores[cut], scores[-1 - cut]
    return max(1.0, math.sqrt(sum(min(max(score, low), high) ** 2 for score in scores) / len(scores)))


@dataclass(frozen=True, slots=True)
class Growth:
    """How many of a place's pupils were absent a tenth of the time or more, in a month and the one before."""

    id: int
    name: str
    chronic: int
    pupils: int
    chronic_before: int
    pupils_before: int

    @property
    def change(self) -> float:
        """By how much the share grew, in shares (0.02: two percentage points)."""
        now = self.chronic / self.pupils if self.pupils else 0.0
        return now - (self.chronic_before / self.pupils_before if self.pupils_before else 0.0)


@dataclass(frozen=True, slots=True)
class Lessons:
    """How many classes of a place had a live lesson in a week, of how many, and how many lessons were held."""

    id: int
    name: str
    classes: int
    with_lesson: int
    held: int

    @property
    def share(self) -> float | None:
        """The share of classes with a live lesson; None without classes."""
        return self.with_lesson / self.classes if self.classes else None


def lessons_together(places: Iterable[Lessons]) -> Lessons:
    """Return all places as one."""
    listed = list(places)
    return Lessons(
        0, "", *(sum(getattr(one, name) for one in listed) for name in ("classes", "with_lesson", "held"))
    )


# --- the picture --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dot:
    """A place in the picture: percent from the left, percent from the top."""

    place: Place
    x: float
    y: float
    zone: Zone


@dataclass(frozen=True, slots=True)
class Picture:
    """The funnel drawn: dots, the centre line, and the limits as points; all in percent of width and height."""

    dots: tuple[Dot, ...]
    centre: float
    limits: tuple[tuple[tuple[float, float], ...], ...]
    low: float
    most: int

    @property
    def striking(self) -> list[Place]:
        """The places that chance does not explain, the lowest first."""
        found = [dot.place for dot in self.dots if dot.zone in {Zone.LOW, Zone.VERY_LOW}]
        return sorted(found, key=lambda one: one.rate or 0)

    @property
    def named(self) -> frozenset[int]:
        """The ids of the few striking places whose names fit into the drawing: no name stands on another."""
        heights = {dot.place.id: dot.y for dot in self.dots}
        chosen: list[int] = []
        for place in self.striking:
            if all(abs(heights[place.id] - heights[other]) >= LINE_HEIGHT for other in chosen):
                chosen.append(place.id)
        return frozenset(chosen[:MOST_NAMED])


def picture(found: Funnel) -> Picture:
    """Return where everything stands. The axis of rates begins below the lowest dot, that of sizes at 0."""
    most = max(one.expected for one in found.places)
    low = max(
        0.0, min([*((one.rate or 0) for one in found.places), found.limits(most / 10, ALARM)[0]]) - 0.005
    )

    def height(rate: float) -> float:
        return round(100 * (1 - rate) / (1 - low), 2) if low < 1 else 50.0

    curves = []
    for deviations, side in (
        ((WARNING, 0), (WARNING, 1), (ALARM, 0), (ALARM, 1)) if found.is_comparable else ()
    ):
        sizes = [most * step / 40 for step in range(1, 41)]
        curves.append(
            tuple(
                (round(96 * size / most, 2), height(max(low, found.limits(size, deviations)[side])))
                for size in sizes
            )
        )
    dots = tuple(
        Dot(one, round(96 * one.expected / most, 2), height(one.rate or 0), found.zone(one))
        for one in found.places
    )
    return Picture(dots, height(found.centre), tuple(curves), low, most)
