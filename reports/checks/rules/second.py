"""The second computation: raw rows in, page by page, and what the cubes say otherwise out.

It shares nothing with the first one: no counter of a register, no SQL of the database, no Python that adds. Small
tables go through DuckDB (`small`), registers and marks into dense arrays (`counting`).
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reports.checks.rules.beside import Beside
from reports.checks.rules.counting import DAY_SUMS, Counting
from reports.checks.rules.ground import Ground, Places
from reports.checks.rules.small import ANSWERS, STORED_OF_CLASSES, SmallTables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from numpy import ndarray

    from reports.checks.rules.beside import Found

CLASS_SUMS: Final = ("sessions_on_time", "answers", "answers_possible", "attempts")


class SecondComputation(SmallTables):
    """Use as a context: `load` the small tables, `begin`, `count` every page of registers, `compute`, `compare`.

    What is `stored` may come at any time before it is compared.
    """

    _ground: Ground
    _counting: Counting

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._pages: list[tuple[str, Mapping[str, ndarray]]] = []

    def begin(self, first: date, after_last: date) -> None:
        """Lay out the arrays for the days [first, after_last)."""
        self._ground = Ground(self, first, after_last)
        self._counting = Counting(self._ground)

    def count(
        self, registers: Mapping[str, ndarray], marks: Mapping[str, ndarray], takings: Mapping[str, ndarray]
    ) -> None:
        """Count a page of registers, all their marks, and when they were taken. Safe in threads.

        Ids of registers are offsets to the page's first one.
        """
        self._counting.take(registers, marks, takings)

    def stored(self, name: str, page: Mapping[str, ndarray]) -> None:
        """Keep a page of what the cube "day", "school" or "pupil" says, until it is compared. Safe in threads."""
        self._pages.append((name, page))

    def compute(self) -> None:
        """Compute every cube from the raw rows."""
        ground, counting = self._ground, self._counting
        counting.finish()
        days = counting.days
        rows = (days["sessions_due"] > 0) | (days["lessons_held"] > 0)
        self._schools = Places(np.unique(ground.school_of_class))
        of_school = {name: self._by_school(days[name]) for name in DAY_SUMS}
        answers = self._of_classes()
        self._cubes = {
            "class": Beside("class", answers, sum(answers.values(), np.zeros(1, "i8")) > 0),
            "day": Beside("day", days, rows),
            "pupil": Beside("pupil", counting.pupils, counting.pupils["expected"] > 0),
            "school": Beside("school", of_school, self._by_school(rows) > 0),
        }

    def _by_school(self, of_day: ndarray) -> ndarray:
        """Return sums of classes by school and day."""
        found = np.zeros((len(self._schools), self._ground.days), "i8")
        places = self._schools(self._ground.school_of_class)
        of_class = of_day.reshape(-1, self._ground.days)
        if len(places) and (np.diff(places) < 0).any():
            order = np.argsort(places, kind="stable")
            places, of_class = places[order], of_class[order]
        if len(places):
            firsts = np.flatnonzero(np.diff(places, prepend=-1))
            found[:] = np.add.reduceat(of_class, firsts, axis=0, dtype="i4")
        return found.ravel()

    def _of_classes(self) -> dict[str, ndarray]:
        """Return what is counted of a class in a stretch besides its days."""
        ground = self._ground
        found = {name: np.zeros(len(ground.classes) * len(ground.stretches), "i8") for name in CLASS_SUMS}
        found["sessions_on_time"] += self._counting.on_time
        rows = self.columns(ANSWERS)
        stretch = ground.stretch_of_day[rows["day"] - ground.first]
        cells = ground.classes(rows["class_id"]) * len(ground.stretches) + stretch
        for name in CLASS_SUMS[1:]:
            np.add.at(found[name], cells, rows[name])
        return found

    def compare(self) -> None:
        """Put what was computed beside what is stored, row by row."""
        for name, page in (*self._pages, ("class", self.columns(STORED_OF_CLASSES))):
            self._cubes[name].stored(self._cells(name, page), page, self._keys(name, page))
        self._pages.clear()
        for cube in self._cubes.values():
            cells = cube.missing()
            cube.add_missing(cells, self._keys(cube.name, self._of_cells(cube.name, cells)))

    def _cells(self, name: str, page: Mapping[str, ndarray]) -> ndarray:
        """Return the cell of each row of a cube, -1 for those that have none."""
        ground = self._ground
        if name in {"day", "school"}:
            owner = self._schools(page["school_id"]) if name == "school" else ground.classes(page["class_id"])
            place, size = page["day"] - ground.first, ground.days
            place = np.where((place >= 0) & (place < size), place, -1)
        else:
            owner = ground.classes(page["class_id"])
            owner = ground.pairs(owner, page["pupil_id"]) if name == "pupil" else owner
            place, size = ground.stretches(page["day"]), len(ground.stretches)
        return np.where((owner >= 0) & (place >= 0), owner.astype("i8") * size + place, -1)

    def _of_cells(self, name: str, cells: ndarray) -> dict[str, ndarray]:
        """Return the keys of cells, as the cube's rows have them."""
        ground = self._ground
        owner, place = np.divmod(cells, ground.days if name in {"day", "school"} else len(ground.stretches))
        day = ground.first + place if name in {"day", "school"} else ground.stretches.ids[place]
        if name == "school":
            return {"school_id": self._schools.ids[owner], "day": day}
        pupil = {"pupil_id": ground.pairs.pupils[owner]} if name == "pupil" else {}
        owner = ground.pairs.owners[owner] if name == "pupil" else owner
        return {"class_id": ground.classes.ids[owner], "day": day} | pupil

    def _keys(self, name: str, page: Mapping[str, ndarray]) -> dict[str, ndarray]:
        """Return school, class, day and pupil of rows; 0 for what a cube has not."""
        nothing: Any = np.zeros(len(page["day"]), "i8")
        if name == "school":
            keys = {"school_id": page["school_id"], "class_id": nothing}
        else:
            schools = np.append(self._ground.school_of_class, 0)
            keys = {
                "school_id": schools[self._ground.classes(page["class_id"])],
                "class_id": page["class_id"],
            }
        return keys | {"day": page["day"], "pupil_id": page.get("pupil_id", nothing)}

    def counts(self) -> dict[int, int]:
        """Return {school: how many numbers differ}, of schools where any does."""
        found: dict[int, int] = {}
        for cube in self._cubes.values():
            for school_id, count in cube.counts().items():
                found[school_id] = found.get(school_id, 0) + count
        return found

    def found(self, most: int) -> list[Found]:
        """Return what differs, at most so many of a school, in order of keys."""
        return [
            one
            for school_id in sorted(self.counts())
            for one in islice(
                chain.from_iterable(c.found(school_id, most) for c in self._cubes.values()), most
            )
        ]
