"""Who is away and who comes late: illness in spells, a wave of influenza, a few who are away again and again.

The shapes are invented, the sizes believable: about 97 of 100 are there, two thirds of absences are excused, and one
pupil in forty is chronically absent (a tenth of the sessions or more).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.school.rules import DaySession

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

EXCUSED, UNEXCUSED, LATE = "P", "K", "T"
ILLNESS: Final = ("Bệnh", "Sốt", "Đau bụng", "Khám bệnh")
OTHER_REASONS: Final = ("Việc gia đình", "Đám giỗ", "Về quê")
INFLUENZA: Final = "Cúm"
LONGEST_SPELL: Final = 6
HALF_DAYS: Final = 0.15
REASON_WRITTEN: Final = 0.7


@dataclass(frozen=True, slots=True)
class Season:
    """How a school year goes. `spells` scales how often anybody is away; `wave` is the day of a wave's peak."""

    spells: float = 1.0
    late: float = 1.0
    wave: int | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """One pupil's exception on one day (its number from 0): in one session only, or all day (`session` None).

    Who is late is late for the first session of the day.
    """

    pupil: int
    day: int
    letter: str
    session: DaySession | None = None
    minutes: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Habit:
    """A kind of pupil: share, spells a day, longest usual spell, share of unexcused absences, times late a day."""

    share: float
    spells: float
    length: float
    unexcused: float
    late: float


_HABITS: Final = (
    _Habit(0.025, 0.065, 1.6, 0.5, 0.03),
    _Habit(0.065, 0.016, 1.2, 0.4, 0.05),
    _Habit(0.910, 0.0062, 1.4, 0.15, 0.006),
)


def exceptions_of_class(pupils: int, days: int, season: Season, chance: random.Random) -> list[Away]:
    """Return the exceptions of a class of `pupils` over its `days` school days, at most one absence a day and pupil."""
    severity = chance.choice((0.0, 0.02, 0.05, 0.08, 0.15, 0.3)) if season.wave is not None else 0.0
    return [
        found
        for pupil in range(pupils)
        for found in _exceptions_of_pupil(pupil, days, season, severity, chance)
    ]


def _exceptions_of_pupil(
    pupil: int, days: int, season: Season, severity: float, chance: random.Random
) -> Iterator[Away]:
    habit = chance.choices(_HABITS, [one.share for one in _HABITS])[0]
    away: set[int] = set()
    if season.wave is not None and chance.random() < severity:
        start = round(chance.gauss(season.wave, 2.5))
        for day in range(start, start + chance.randint(2, 4)):
            if 0 <= day < days:
                away.add(day)
                yield Away(pupil, day, EXCUSED, reason=INFLUENZA)
    for start in _moments(days, habit.spells * season.spells, chance):
        yield from _spell(pupil, start, days, habit, away, chance)
    for day in _moments(days, habit.late * season.late, chance):
        if day not in away:
            away.add(day)
            yield Away(pupil, day, LATE, minutes=chance.choice((5, 5, 10, 10, 15, 20)))


def _spell(
    pupil: int, start: int, days: int, habit: _Habit, away: set[int], chance: random.Random
) -> Iterator[Away]:
    length = min(LONGEST_SPELL, 1 + int(chance.expovariate(1 / habit.length)))
    letter = UNEXCUSED if chance.random() < habit.unexcused else EXCUSED
    half = length == 1 and chance.random() < HALF_DAYS
    session = chance.choice((DaySession.MORNING, DaySession.AFTERNOON)) if half else None
    reason = _reason(length, chance) if letter == EXCUSED and chance.random() < REASON_WRITTEN else ""
    for day in range(start, min(start + length, days)):
        if day not in away:
            away.add(day)
            yield Away(pupil, day, letter, session=session, reason=reason)


def _reason(length: int, chance: random.Random) -> str:
    return chance.choice(ILLNESS if length > 1 or chance.random() < 0.6 else OTHER_REASONS)  # noqa: PLR2004 - six in ten


def _moments(days: int, rate: float, chance: random.Random) -> Iterator[int]:
    """Yield days on which something happens that happens `rate` times a day."""
    moment = chance.expovariate(rate) if rate else float(days)
    while moment < days:
        yield int(moment)
        moment += chance.expovariate(rate)
