"""Who is away: within the days there are, once a day, in believable numbers, and more of them in a wave."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from demo.absences import EXCUSED, INFLUENZA, LATE, UNEXCUSED, Season, exceptions_of_class

CLASSES = 400
PUPILS, DAYS = 35, 50


@given(st.integers(1, 45), st.integers(1, 200), st.integers(), st.integers(-5, 210))
def test_a_pupil_has_one_exception_a_day_on_a_day_that_exists(
    pupils: int, days: int, seed: int, wave: int
) -> None:
    found = exceptions_of_class(pupils, days, Season(wave=wave), random.Random(seed))
    assert len({(away.pupil, away.day) for away in found}) == len(found)
    assert all(0 <= away.day < days and 0 <= away.pupil < pupils for away in found)
    assert all((away.minutes is not None) == (away.letter == LATE) for away in found)


def test_the_numbers_are_believable() -> None:
    chance = random.Random(1)
    letters: Counter[str] = Counter()
    chronic = 0
    for _ in range(CLASSES):
        found = exceptions_of_class(PUPILS, DAYS, Season(wave=30), chance)
        letters.update(away.letter for away in found)
        days_away = Counter(away.pupil for away in found if away.letter != LATE)
        chronic += sum(count * 10 >= DAYS for count in days_away.values())
    whole = CLASSES * PUPILS * DAYS
    absent = (letters[EXCUSED] + letters[UNEXCUSED]) / whole
    assert 0.015 < absent < 0.035
    assert letters[EXCUSED] > 2 * letters[UNEXCUSED] > 0
    assert 0.003 < letters[LATE] / whole < 0.02
    assert 0.02 < chronic / (CLASSES * PUPILS) < 0.08


def test_influenza_comes_in_one_wave() -> None:
    chance = random.Random(2)
    days = [
        away.day
        for _ in range(CLASSES)
        for away in exceptions_of_class(PUPILS, DAYS, Season(wave=30), chance)
        if away.reason == INFLUENZA
    ]
    assert len(days) > 500
    assert all(20 <= day <= 42 for day in days)
