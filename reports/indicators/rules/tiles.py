"""Tiles instead of a map: without borders to draw, each place is a tile, shaded by where its rate stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FIFTHS: Final = 5


def fifths(rates: Mapping[int, float | None]) -> dict[int, int]:
    """Return {place: 1 to 5}, 5 for the lowest fifth of the rates; equal rates share a fifth.

    Nothing with fewer than five rates, or when all are equal; a place without a rate is left out.
    """
    known = sorted(rate for rate in rates.values() if rate is not None)
    if len(known) < FIFTHS or known[0] == known[-1]:
        return {}
    first = {rate: place for place, rate in reversed(list(enumerate(known)))}
    return {
        one: FIFTHS - first[rate] * FIFTHS // len(known) for one, rate in rates.items() if rate is not None
    }
