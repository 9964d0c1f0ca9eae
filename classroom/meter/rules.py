"""The understanding meter as pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MOST_TAPS: Final = 200
"""Taps of one pupil in a lesson; a thumb that drums on the button says nothing more after that."""


class Feels(StrEnum):
    """What a pupil says about following the lesson; NOTHING takes it back."""

    GOT = "got"
    LOST = "lost"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap, as the ledger has it."""

    id: int
    pupil_id: int
    feels: Feels
    at: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """The meter after a tap: how many pupils follow and how many are lost, each by the last tap of theirs."""

    id: int
    at: datetime
    got: int
    lost: int


def course(taps: Iterable[Tap]) -> list[Point]:
    """Return how the meter went: one point for each tap, in the order of the taps."""
    stands: dict[int, Feels] = {}
    points = []
    for tap in taps:
        stands[tap.pupil_id] = tap.feels
        felt = list(stands.values())
        points.append(Point(tap.id, tap.at, felt.count(Feels.GOT), felt.count(Feels.LOST)))
    return points
