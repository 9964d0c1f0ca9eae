"""The second computation of days and pupils: dense arrays, one cell for each class and day, and each pupil and stretch.

No sorting, no grouping, no table of hashes: a register or a mark is added to the cells that it belongs to, by their
place in an array. It shares nothing with the first computation: no counter of a register, no Python that adds.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from attendance.registers.rules.states import STATE_LETTERS, TAKEN, RegisterState
from reports.checks.rules.ground import SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy import ndarray

    from reports.checks.rules.ground import Ground

KINDS: Final = ("excused", "unexcused", "pending", "late")
DAY_SUMS: Final = ("sessions_due", "sessions_taken", "expected", *KINDS, "lessons_held")
PUPIL_SUMS: Final = ("expected", *KINDS)
_IS_TAKEN: Final = np.isin(np.arange(256), [ord(STATE_LETTERS[state]) for state in TAKEN])
_ONE: Final = np.int32(1)
_OFF: Final = ord(STATE_LETTERS[RegisterState.NOT_HELD])


class Counting:
    """What registers and marks add up to. `take` every page of registers with their marks, then `finish`."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._lock = ground, Lock()
        cells, stretches = ground.day_cells, len(ground.stretches)
        self.days = {name: np.zeros(cells, "i4") for name in DAY_SUMS}
        self.pupils = {name: np.zeros(len(ground.pairs) * stretches, "i4") for name in PUPIL_SUMS}
        self.on_time = np.zeros(len(ground.classes) * stretches, "i4")
        self._opened = np.zeros((SLOTS, cells), bool)
        self._times = np.zeros((ground.rosters + 1) * stretches, "i4")

    def take(
        self, registers: Mapping[str, ndarray], marks: Mapping[str, ndarray], takings: Mapping[str, ndarray]
    ) -> None:
        """Count registers, whose ids are `offset`s to the page's first one, with their marks. Safe in threads.

        `takings` are the days on which a register became a taken one, once or more often.
        """
        with self._lock:
            taken = self._registers(registers)
            if len(taken["offset"]):
                self._marks(taken, marks)
                self._takings(taken, takings)

    def _registers(self, page: Mapping[str, ndarray]) -> dict[str, ndarray]:
        """Count a page's registers; return what is needed of the taken ones: offset, day, cell, stretch and so on."""
        ground, state = self._ground, page["state"]
        place, day = ground.classes(page["class_id"]), page["day"] - ground.first
        cell = place * ground.days + day
        self._opened[page["slot"], cell] = True
        _add(self.days["sessions_due"], cell[state != _OFF])
        rows = np.flatnonzero(_IS_TAKEN[state])
        taken = {
            "offset": page["offset"][rows],
            "day": page["day"][rows],
            "cell": cell[rows],
            "stretch": ground.stretch_of_day[day[rows]],
        }
        taken["roster"] = ground.roster_places(page["roster_id"][rows])
        taken["class_stretch"] = place[rows] * len(ground.stretches) + taken["stretch"]
        _add(self.days["sessions_taken"], taken["cell"])
        _add(self.days["expected"], taken["cell"], ground.roster_sizes[taken["roster"]])
        _add(self._times, taken["roster"] * len(ground.stretches) + taken["stretch"])
        return taken

    def _marks(self, taken: dict[str, ndarray], page: Mapping[str, ndarray]) -> None:
        """Count the marks of pupils who are on the roster of a taken register."""
        ground = self._ground
        row = _rows_at(taken["offset"], page["offset"])
        member = ground.member_places(taken["roster"][row], page["pupil_id"])
        cell, stretch = taken["cell"][row], taken["stretch"][row]
        pupil = ground.pair_of_member[member] * len(ground.stretches) + stretch
        counts = (row >= 0) & (member >= 0)
        for kind in KINDS:
            those = np.flatnonzero(ground.codes[kind][page["code_id"]] & counts)
            _add(self.days[kind], cell[those])
            _add(self.pupils[kind], pupil[those])

    def _takings(self, taken: dict[str, ndarray], page: Mapping[str, ndarray]) -> None:
        """Count the taken registers that became so on their own day, or before: each once."""
        row = _rows_at(taken["offset"], page["offset"])
        in_time = np.zeros(
            len(taken["offset"]) + 1, bool
        )  # the last one is that of a register that is not taken
        in_time[row[page["day"] <= np.append(taken["day"], 0)[row]]] = True
        _add(self.on_time, taken["class_stretch"][in_time[:-1]])

    def finish(self) -> None:
        """Add what was due and never opened, live lessons, and how often each pupil was expected."""
        ground, stretches = self._ground, len(self._ground.stretches)
        for wanted, opened in zip(ground.due, self._opened, strict=True):
            self.days["sessions_due"] += wanted & ~opened
        self.days["lessons_held"] += ground.lessons_held
        times = self._times.reshape(-1, stretches)
        expected = self.pupils["expected"].reshape(-1, stretches)
        for stretch in range(stretches):
            of_member: Any = times[ground.member_roster[:-1], stretch]
            expected[:, stretch] = np.bincount(ground.pair_of_member[:-1], of_member, len(ground.pairs))


def _rows_at(taken: ndarray, offsets: ndarray) -> ndarray:
    """Return the row of the taken register that has each offset, -1 where none has it."""
    row_of = np.full(max(taken.max(), offsets.max(initial=0)) + 1, -1, "i4")
    row_of[taken] = np.arange(len(taken), dtype="i4")
    found: ndarray = row_of[offsets]
    return found


def _add(cells: ndarray, at: ndarray, what: ndarray | np.int32 = _ONE) -> None:
    """Add to cells of four bytes, some of them more than once. With these types it takes 2 ns each, with others 70."""
    np.add.at(cells, at.astype("intp", copy=False), what)
