"""Before and after something was done: weeks, what the other places did meanwhile, and how much chance moves weeks.

The difference in differences: by how much the place's rate changed, less by how much the others' did. It is called a
change only beyond what the weeks before and after differ among themselves (Student's t of two groups with a pooled
variance, two-sided, 5 %). That is no proof of a cause, and the page says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from reports.questions.rules import Place, Week, together

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

WEEKS: Final = 8
"""So many weeks before the day, and after it, are looked at: about half a semester."""
LEAST_BEFORE: Final = 4
LEAST_AFTER: Final = 2
_T: Final = (2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145)
"""Student's t, 97.5 %, of 4 to 14 degrees of freedom."""


class Stage(StrEnum):
    """Where a week lies; the week in whose middle the day lies is neither before nor after."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Verdict(StrEnum):
    """What the weeks allow to say."""

    TOO_FEW = "too_few"
    WITHIN = "within"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Line:
    """A week of the place and of the places beside it."""

    week: Week
    stage: Stage
    place: Place
    others: Place

    @property
    def gap(self) -> float | None:
        """The place's rate less the others'; its rate alone where there are no others; None when nothing was taken."""
        if self.place.rate is None:
            return None
        return self.place.rate - (self.others.rate or 0.0)


@dataclass(frozen=True, slots=True)
class Change:
    """All weeks, and the two stages of the place and of the others, each as one."""

    lines: tuple[Line, ...]
    before: Place
    after: Place
    others_before: Place
    others_after: Place
    limit: float | None

    @property
    def has_others(self) -> bool:
        """Whether there is anything to compare with, before and after."""
        return bool(self.others_before.expected and self.others_after.expected)

    @property
    def own(self) -> float | None:
        """By how much the place's rate changed."""
        return _difference(self.before, self.after)

    @property
    def of_others(self) -> float | None:
        """By how much the others' rate changed meanwhile."""
        return _difference(self.others_before, self.others_after)

    @property
    def beyond_others(self) -> float | None:
        """The change that is the place's own: less that of the others, where there are any."""
        return None if self.own is None else self.own - (self.of_others or 0.0)

    @property
    def verdict(self) -> Verdict:
        """Whether the change is more than weeks differ anyway."""
        if self.limit is None or self.beyond_others is None:
            return Verdict.TOO_FEW
        if abs(self.beyond_others) <= self.limit:
            return Verdict.WITHIN
        return Verdict.UP if self.beyond_others > 0 else Verdict.DOWN


def _difference(before: Place, after: Place) -> float | None:
    return None if before.rate is None or after.rate is None else after.rate - before.rate


def weeks_around(day: date) -> tuple[tuple[Week, Stage], ...]:
    """Return the weeks before and after a day, and its own; a Monday's own week is the first one after."""
    own = Week.of(day)
    first_after = own if own.monday == day else Week(own.after_last)
    before = [(Week(own.monday - timedelta(weeks=back)), Stage.BEFORE) for back in range(WEEKS, 0, -1)]
    during = [] if first_after == own else [(own, Stage.DURING)]
    after = [(Week(first_after.monday + timedelta(weeks=on)), Stage.AFTER) for on in range(WEEKS)]
    return (*before, *during, *after)


def change_of(lines: Sequence[Line]) -> Change:
    """Compare the two stages; a week in which the place, or the others if there are any, took nothing is left out."""
    has_others = any(line.others.expected for line in lines)
    told = [line for line in lines if line.place.expected and (line.others.expected or not has_others)]
    before = [line for line in told if line.stage is Stage.BEFORE]
    after = [line for line in told if line.stage is Stage.AFTER]
    return Change(
        tuple(told),
        together(line.place for line in before),
        together(line.place for line in after),
        together(line.others for line in before),
        together(line.others for line in after),
        _limit([line.gap or 0.0 for line in before], [line.gap or 0.0 for line in after]),
    )


def _limit(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Return how far apart two groups of weeks may lie by chance; None with too few weeks to tell."""
    if len(before) < LEAST_BEFORE or len(after) < LEAST_AFTER:
        return None
    freedom = len(before) + len(after) - 2
    variance = sum(_squares(group) for group in (before, after)) / freedom
    return _T[min(freedom, 14) - 4] * math.sqrt(variance * (1 / len(before) + 1 / len(after)))


def _squares(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values)


# --- the picture --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dot:
    """A week's rate: percent from the left and from the top."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Two lines of dots, where the day stands (percent from the left), and the lowest rate of the axis."""

    place: tuple[Dot, ...]
    others: tuple[Dot, ...]
    day: float
    low: float


def picture_of(change: Change, day: date) -> Picture | None:
    """Return where everything stands; None with nothing to draw. The axis ends at 1."""
    if not change.lines:
        return None
    rates = [
        rate for line in change.lines for rate in (line.place.rate, line.others.rate) if rate is not None
    ]
    low = max(0.0, math.floor(100 * min(rates) - 0.5) / 100)
    first = change.lines[0].week.monday
    span = max(7, (change.lines[-1].week.after_last - first).days)

    def across(to: date) -> float:
        return round(min(96.0, max(0.0, 96 * (to - first).days / span)), 2)

    def dots(of: str) -> tuple[Dot, ...]:
        found = [(line.week.monday + timedelta(days=3), getattr(line, of).rate) for line in change.lines]
        return tuple(
            Dot(across(middle), round(100 * (1 - rate) / (1 - low), 2))
            for middle, rate in found
            if rate is not None
        )

    return Picture(dots("place"), dots("others"), across(day), low)
