"""Dividing a class into groups, as pure functions.

A division is even (sizes differ by one at most) and keeps pairs apart as far as it can: it is made by the wish (random,
seats, results) first, then pupils change places until no pair that should be apart is together, each change being one
that leaves fewer of them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from random import Random

SMALLEST, LARGEST = 2, 20
Pair = frozenset[int]
Groups = list[list[int]]


class How(StrEnum):
    """By what a class is divided: chance, who sits together, mixed by results (strong with weak)."""

    RANDOM = "random"
    SEATS = "seats"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a teacher wants: by what to divide, and about how many pupils in a group."""

    how: How
    size: int


UNSEEN: Final = (10**6, 10**6)
"""The place of a pupil without a seat: behind everybody."""
ROUND_A_TABLE: Final = 4
"""From so many on a group is two rows deep: five in a line do not hear each other."""


def divided(
    pupils: Sequence[int],
    wish: Wish,
    apart: Collection[Pair] = (),
    *,
    chance: Random,
    seats: Mapping[int, tuple[int, int]] | None = None,
    results: Mapping[int, float] | None = None,
) -> Groups:
    """Return the pupils in groups of about `wish.size`.

    `seats` is {pupil: (row, column)}: neighbours come together, along a row and back along the next; in groups of four
    and more those in front turn round to those behind them, so that a group sits about a table. `results` is
    {pupil: share right}: each group gets of every level; who has no result counts as the middle.
    """
    shuffled = list(pupils)
    chance.shuffle(shuffled)
    count = max(1, round(len(shuffled) / max(wish.size, 1)))
    if wish.how is How.SEATS:
        deep = 1 if wish.size < ROUND_A_TABLE else 2
        groups = _cut(
            sorted(shuffled, key=lambda pupil: _along((seats or {}).get(pupil, UNSEEN), deep)), count
        )
    elif wish.how is How.MIXED:
        groups = _dealt(sorted(shuffled, key=lambda pupil: -(results or {}).get(pupil, 0.5)), count)
    else:
        groups = _cut(shuffled, count)
    return _parted(groups, apart)


def together(groups: Iterable[Collection[int]], apart: Collection[Pair]) -> list[Pair]:
    """Return the pairs that should be apart but are in one group."""
    return [pair for pair in apart if any(pair <= set(group) for group in groups)]


def _along(seat: tuple[int, int], deep: int) -> tuple[int, int, int]:
    """Return where a seat comes on a way through the room that goes along strips of `deep` rows, there and back."""
    row, column = seat
    strip = row // deep
    return strip, column if strip % 2 == 0 else -column, row


def _cut(pupils: Sequence[int], count: int) -> Groups:
    """Cut a line of pupils into pieces whose sizes differ by one at most."""
    least, more = divmod(len(pupils), count)
    ends = [0]
    for number in range(count):
        ends.append(ends[-1] + least + (number < more))
    return [list(pupils[start:end]) for start, end in pairwise(ends)]


def _dealt(pupils: Sequence[int], count: int) -> Groups:
    """Deal pupils like cards, the direction turning after each round, so that every group gets of every level."""
    groups: Groups = [[] for _ in range(count)]
    for place, pupil in enumerate(pupils):
        turn, number = divmod(place, count)
        groups[number if turn % 2 == 0 else count - 1 - number].append(pupil)
    return groups


def _parted(groups: Groups, apart: Collection[Pair]) -> Groups:
    """Swap pupils of two groups while that leaves fewer pairs together; sizes stay as they are."""
    left = len(together(groups, apart))
    while left:
        better = _better_swap(groups, apart, left)
        if better is None:
            return groups
        groups, left = better, len(together(better, apart))
    return groups


def _better_swap(groups: Groups, apart: Collection[Pair], left: int) -> Groups | None:
    troubled = {pupil for pair in together(groups, apart) for pupil in pair}
    for one, other in combinations(range(len(groups)), 2):
        for a in range(len(groups[one])):
            for b in range(len(groups[other])):
                if not troubled & {groups[one][a], groups[other][b]}:
                    continue
                swapped = [list(group) for group in groups]
                swapped[one][a], swapped[other][b] = groups[other][b], groups[one][a]
                if len(together(swapped, apart)) < left:
                    return swapped
    return None
