"""What registers and marks are counted on: classes, days, stretches, rosters and codes, each with its place.

Places are numbers from 0; what has none has place -1, and the last cell of every table that is looked up in is its.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from reports.checks.rules.small import (
    CLASSES,
    CODES,
    DUE,
    HELD,
    MEMBERS,
    SEMESTERS,
)

if TYPE_CHECKING:
    from numpy import ndarray

    from reports.checks.rules.small import SmallTables

DAY_ZERO: Final = date(2000, 1, 1)
SLOTS: Final = 4
"""Places of a day's sessions: their slots are 1 to 3."""
NOWHERE: Final = -2
"""Stands where nothing may be found, not even what has no place (-1)."""


def number_of(day: date) -> int:
    """Return a day as a number."""
    return (day - DAY_ZERO).days


def day_of(number: int) -> date:
    """Return the day of a number."""
    return DAY_ZERO + timedelta(days=number)


class Places:
    """Ids, each once and in order, and the place of every one: looked up, not searched for."""

    def __init__(self, ids: ndarray) -> None:
        self.ids, self._zero = ids, int(ids[0]) if len(ids) else 0
        self._place = np.full(int(ids[-1]) - self._zero + 2 if len(ids) else 1, -1, "i4")
        self._place[ids - self._zero] = np.arange(len(ids), dtype="i4")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def __call__(self, ids: ndarray) -> ndarray:
        """Return the place of each id."""
        found: ndarray = self._place[np.clip(ids - self._zero, -1, len(self._place) - 1)]
        return found


class Pairs:
    """Pairs of an owner (a roster or a class, by its place) and a pupil, each once, in order of both.

    Nearly every pupil has one owner: the pair is then looked up by the pupil. The others are searched for.
    """

    def __init__(self, owners: ndarray, pupils: ndarray) -> None:
        self.owners, self.pupils = owners, pupils
        firsts, at = np.unique(pupils, return_index=True)
        self._pupils, self._first = Places(firsts), np.append(at, -1).astype("i4")
        self._owner = np.append(owners, NOWHERE).astype("i4")
        self._keys = owners << 32 | pupils

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.owners)

    def __call__(self, owners: ndarray, pupils: ndarray) -> ndarray:
        """Return the place of each pair."""
        found: ndarray = self._first[self._pupils(pupils)]
        others = np.flatnonzero(self._owner[found] != owners)
        if len(others) and len(self):
            keys = owners[others].astype("i8") << 32 | pupils[others]
            at = np.minimum(np.searchsorted(self._keys, keys), len(self) - 1)
            found[others] = np.where(self._keys[at] == keys, at, -1)
        return found


class Ground:
    """The ground of the days [first, after_last), out of the small tables."""

    def __init__(self, small: SmallTables, first: date, after_last: date) -> None:
        self.first, self.days = number_of(first), (after_last - first).days
        self._stretches(small)
        classes = small.columns(CLASSES)
        self.classes, self.school_of_class = Places(classes["id"]), classes["school_id"]
        self.day_cells = len(self.classes) * self.days
        self._rosters(small)
        codes = small.columns(CODES)
        most = int(codes["id"].max(initial=0)) + 1
        self.codes = {name: np.zeros(most, bool) for name in codes if name != "id"}
        """For each kind of mark, which codes mean it."""
        for name, means in self.codes.items():
            means[codes["id"]] = codes[name] == 1
        self._calendar(small)

    def _stretches(self, small: SmallTables) -> None:
        semesters = [date.fromisoformat(text) for text in small.texts(SEMESTERS)]
        days = [day_of(self.first + day) for day in range(self.days)]
        firsts = [
            number_of(
                max([day.replace(day=1), *(one for one in semesters if day.replace(day=1) < one <= day)])
            )
            for day in days
        ]
        self.stretches = Places(np.unique(np.array(firsts, "i8")))
        self.stretch_of_day = self.stretches(np.array(firsts, "i8"))

    def _rosters(self, small: SmallTables) -> None:
        members = small.columns(MEMBERS)
        ids = np.unique(members["roster_id"])
        self.roster_places, self.rosters = Places(ids), len(ids)
        places = self.roster_places(members["roster_id"]).astype("i8")
        self.roster_sizes = np.append(np.bincount(places, minlength=len(ids)), 0).astype("i4")
        self.member_roster = np.append(places, NOWHERE)
        self.member_places = Pairs(places, members["pupil_id"])
        owners = self.classes(members["class_id"]).astype("i8")
        keys, pair = np.unique(owners << 32 | members["pupil_id"], return_inverse=True)
        self.pairs = Pairs(keys >> 32, keys & 0xFFFFFFFF)
        """Pupils in their classes."""
        self.pair_of_member = np.append(pair, 0)

    def _calendar(self, small: SmallTables) -> None:
        """Note what the timetable wants, and the live lessons that were held."""
        due, held = small.columns(DUE), small.columns(HELD)
        self.due = np.zeros((SLOTS, self.day_cells), bool)
        self.due[due["slot"], self.cells(due)] = True
        self.lessons_held = np.zeros(self.day_cells, "i4")
        self.lessons_held[self.cells(held)] = held["lessons_held"]

    def cells(self, rows: dict[str, ndarray]) -> ndarray:
        """Return the cell of each row's class and day."""
        found: ndarray = self.classes(rows["class_id"]).astype("i8") * self.days + (rows["day"] - self.first)
        return found
