"""What was computed beside what is stored, row by row and number by number, and the keys of what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reports.checks.rules.ground import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from numpy import ndarray

NONE: Final = -(1 << 40)
"""Stands for a number that is not there, since a side has no such row at all."""


@dataclass(frozen=True, slots=True)
class Found:
    """A number of which the cube and the second computation say different things; `pupil_id` in pupils' cubes.

    `day` is a day, or the first day of a stretch. `class_id` is 0 in the cube of schools. `stored` or `computed` is
    None where one has no row at all.
    """

    school_id: int
    cube: str
    class_id: int
    day: date
    pupil_id: int | None
    measure: str
    stored: int | None
    computed: int | None


class Beside:
    """One cube: its name, the numbers that were computed by cell, and which cells have a row."""

    def __init__(self, name: str, computed: Mapping[str, ndarray], rows: ndarray) -> None:
        self.name, self._computed, self._rows = name, computed, rows
        self._seen = np.zeros(len(rows) + 1, bool)
        self._differing: list[dict[str, ndarray]] = []

    def stored(self, cells: ndarray, page: Mapping[str, ndarray], keys: Mapping[str, ndarray]) -> None:
        """Compare a page of stored rows, each with its cell (-1 where it has none) and its keys."""
        known = cells >= 0
        known[known] = self._rows[cells[known]]
        same = known.copy()
        for name, computed in self._computed.items():
            same &= page[name] == computed[cells]
        self._seen[cells[known]] = True
        rows = np.flatnonzero(~same)
        if len(rows):
            one = {name: column[rows].astype("i8") for name, column in keys.items()}
            for name, computed in self._computed.items():
                one[f"stored {name}"] = page[name][rows].astype("i8")
                one[f"computed {name}"] = np.where(known[rows], computed[cells[rows]], NONE)
            self._differing.append(one)

    def missing(self) -> ndarray:
        """Return the cells that have a row and of which none is stored."""
        return np.flatnonzero(self._rows & ~self._seen[:-1])

    def add_missing(self, cells: ndarray, keys: Mapping[str, ndarray]) -> None:
        """Note those cells, each with its keys, as differing in every number."""
        if len(cells):
            one = {name: column.astype("i8") for name, column in keys.items()}
            for name, computed in self._computed.items():
                one[f"stored {name}"] = np.full(len(cells), NONE)
                one[f"computed {name}"] = computed[cells].astype("i8")
            self._differing.append(one)

    def counts(self) -> dict[int, int]:
        """Return {school: how many numbers differ}."""
        found: dict[int, int] = {}
        for one in self._differing:
            numbers = sum(
                (one[f"stored {name}"] != one[f"computed {name}"]).astype("i8") for name in self._computed
            )
            schools, place = np.unique(one["school_id"], return_inverse=True)
            for school, count in zip(schools, np.bincount(place, numbers), strict=True):
                found[int(school)] = found.get(int(school), 0) + int(count)
        return found

    def found(self, school_id: int, most: int) -> Iterator[Found]:
        """Yield what differs at a school, in order of keys, of at most so many rows."""
        parts = [(one, np.flatnonzero(one["school_id"] == school_id)) for one in self._differing]
        rows = {
            name: np.concatenate([one[name][at] for one, at in parts])
            for name in (self._differing[0] if parts else {})
        }
        if not rows:
            return
        order = np.lexsort((rows["pupil_id"], rows["day"], rows["class_id"]))[:most]
        for row in order:
            for measure in sorted(self._computed):
                stored, computed = (int(rows[f"{side} {measure}"][row]) for side in ("stored", "computed"))
                if stored != computed:
                    yield Found(
                        school_id, self.name, int(rows["class_id"][row]), day_of(int(rows["day"][row])),
                        int(rows["pupil_id"][row]) or None, measure, _number(stored), _number(computed),
                    )  # fmt: skip


def _number(value: int) -> int | None:
    return None if value == NONE else value
