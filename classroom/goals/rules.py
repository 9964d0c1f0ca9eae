"""The class's goal and the leaderboard as pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

FEWEST, MOST = 1, 9_999
"""What a goal may count to."""
PLACES: Final = 5
"""Places on the leaderboard: who comes after them is told to nobody."""
NAMES_AT_A_PLACE: Final = 4


class GoalKind(StrEnum):
    """What the class counts together.

    RIGHT counts a question once its solution is shown: a bar that grew before that would tell which answer is right.
    """

    NONE = ""
    RIGHT = "right"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the leaderboard: everybody with the same points shares it, in the order of the class list."""

    number: int
    points: Fraction
    pupils: tuple[int, ...]


def places(points: Mapping[int, Fraction], most: int = PLACES) -> list[Place]:
    """Return the first places: equal points share a place, and the next place counts those before it (1, 1, 3).

    A place is shown whole or not at all; without a point nobody has one.
    """
    by_points: dict[Fraction, list[int]] = {}
    for pupil, earned in points.items():
        if earned > 0:
            by_points.setdefault(earned, []).append(pupil)
    found, before = [], 0
    for earned in sorted(by_points, reverse=True):
        if before >= most:
            break
        found.append(Place(before + 1, earned, tuple(by_points[earned])))
        before += len(by_points[earned])
    return found


def called(names: Mapping[int, str]) -> dict[int, str]:
    """Return what each of a class is called: the given name, and more of the name where two would be called the same.

    A Vietnamese name ends with the given name: "Nguyễn Ngọc Anh" and "Trần Minh Anh" are "Ngọc Anh" and "Minh Anh".
    """
    words = {pupil: name.split() for pupil, name in names.items()}
    short = {pupil: _tail(own, 1) for pupil, own in words.items()}
    for length in range(2, max((len(own) for own in words.values()), default=0) + 1):
        counts: dict[str, int] = {}
        for text in short.values():
            counts[text] = counts.get(text, 0) + 1
        short = {
            pupil: text if counts[text] == 1 else _tail(words[pupil], length) for pupil, text in short.items()
        }
    return short


def _tail(words: list[str], length: int) -> str:
    return " ".join(words[-length:])
