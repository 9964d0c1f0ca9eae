"""The week as a grid: lessons in cells, what collides, what differs between two versions."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Final

from app import text
from app.i18n import N_
from app.school.rules import SESSION_ORDER, DaySession
from app.school.timetables.rules.weeks import WeekPattern, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.school.bells.rules import Period

DEFAULT_PERIODS: Final = {DaySession.MORNING: 5, DaySession.AFTERNOON: 4}
"""The rows of a grid while a school has no bell schedule."""
MOST_PERIODS: Final = 12
LONGEST_ROOM: Final = 32
_KEY: Final = re.compile(rf"([1-7])-({'|'.join(DaySession)})-([1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Slot:
    """A period of the week: weekday (1 = Monday), session, number within it."""

    weekday: int
    day_session: DaySession
    number: int

    @property
    def order(self) -> tuple[int, int, int]:
        """As the week goes."""
        return self.weekday, SESSION_ORDER[self.day_session], self.number

    @property
    def key(self) -> str:
        """How a form and an anchor name it: 1-morning-2."""
        return f"{self.weekday}-{self.day_session}-{self.number}"

    @classmethod
    def from_key(cls, key: str) -> Slot | None:
        """Return the slot that a key names, None for anything else."""
        match = _KEY.fullmatch(key)
        return cls(int(match[1]), DaySession(match[2]), int(match[3])) if match else None


@dataclass(frozen=True, slots=True)
class Line:
    """A lesson as a cell holds it, without its place: weeks, subject, teachers (the first one leads), room."""

    weeks: WeekPattern
    subject_id: int
    staff_ids: tuple[int, ...]
    room: str = ""


@dataclass(frozen=True, slots=True)
class GridLesson:
    """A lesson of a version with the names to show."""

    entry_id: int
    class_id: int
    class_name: str
    slot: Slot
    line: Line
    subject: str
    teachers: tuple[str, ...]

    @property
    def told(self) -> tuple[str, str, tuple[str, ...], str]:
        """What a person would compare: weeks, subject, teachers, room."""
        return self.line.weeks, self.subject, self.teachers, self.line.room


class ConflictKind(StrEnum):
    """What is needed twice at the same time."""

    TEACHER = "teacher"
    ROOM = "room"
    CLASS = "class"


CONFLICT_NAMES: Final = {
    ConflictKind.TEACHER: N_("Trùng giáo viên"),
    ConflictKind.ROOM: N_("Trùng phòng"),
    ConflictKind.CLASS: N_("Trùng lớp"),
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two lessons in the same slot and week that need the same teacher, room or class."""

    kind: ConflictKind
    slot: Slot
    what: str
    entry_ids: tuple[int, int]
    class_names: tuple[str, str]


def conflicts_in(lessons: Iterable[GridLesson]) -> list[Conflict]:
    """Return everything that is planned twice at once, as the week goes. Rooms are compared by their folded names."""
    by_slot: defaultdict[Slot, list[GridLesson]] = defaultdict(list)
    for lesson in lessons:
        by_slot[lesson.slot].append(lesson)
    found = [
        conflict
        for at_once in by_slot.values()
        if _shares(at_once)
        for one, other in combinations(sorted(at_once, key=lambda lesson: lesson.entry_id), 2)
        if overlap(one.line.weeks, other.line.weeks)
        for conflict in _between(one, other)
    ]
    return sorted(found, key=lambda one: (one.slot.order, one.kind, one.entry_ids, one.what))


def _shares(at_once: Iterable[GridLesson]) -> bool:
    """Say whether two lessons may need the same: twenty classes have 6,000 pairs at once, of which hardly one does."""
    needed = [
        need
        for one in at_once
        for need in (
            one.class_id,
            *(("teacher", staff) for staff in one.line.staff_ids),
            text.fold(one.line.room),
        )
        if need
    ]
    return len(set(needed)) < len(needed)


def _between(one: GridLesson, other: GridLesson) -> list[Conflict]:
    shared: list[tuple[ConflictKind, str]] = []
    names = dict(zip(one.line.staff_ids, one.teachers, strict=True))
    shared += [
        (ConflictKind.TEACHER, names[staff]) for staff in one.line.staff_ids if staff in other.line.staff_ids
    ]
    if one.line.room and text.fold(one.line.room) == text.fold(other.line.room):
        shared.append((ConflictKind.ROOM, one.line.room))
    if one.class_id == other.class_id:
        shared.append((ConflictKind.CLASS, one.class_name))
    return [
        Conflict(kind, one.slot, what, (one.entry_id, other.entry_id), (one.class_name, other.class_name))
        for kind, what in shared
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that two versions fill differently."""

    class_id: int
    class_name: str
    slot: Slot
    before: tuple[GridLesson, ...]
    after: tuple[GridLesson, ...]


@dataclass(frozen=True, slots=True)
class ChangedClass:
    """The cells of one class that differ; `is_open` when they are to be read, not only counted."""

    class_id: int
    cells: tuple[Difference, ...]
    is_open: bool

    @property
    def class_name(self) -> str:
        """The name of the class."""
        return self.cells[0].class_name


def by_class(found: Iterable[Difference], opened: int | None) -> list[ChangedClass]:
    """Return differences, which come class by class, as classes; open is the one class that is named, or each."""
    return [
        ChangedClass(class_id, tuple(cells), is_open=opened in {None, class_id})
        for class_id, cells in groupby(found, key=lambda one: one.class_id)
    ]


def differences(before: Iterable[GridLesson], after: Iterable[GridLesson]) -> list[Difference]:
    """Return the cells that differ, by class in the order of `after` then `before`, and as the week goes."""
    old, new = cells_of(before), cells_of(after)
    names = {key: lessons[0].class_name for key, lessons in (old | new).items()}
    changed = [
        Difference(class_id, names[class_id, slot], slot, old.get(key, ()), new.get(key, ()))
        for key in {**old, **new}
        for class_id, slot in (key,)
        if _told(old.get(key, ())) != _told(new.get(key, ()))
    ]
    return sorted(changed, key=lambda one: (text.natural_key(one.class_name), one.class_id, one.slot.order))


def cells_of(lessons: Iterable[GridLesson]) -> dict[tuple[int, Slot], tuple[GridLesson, ...]]:
    """Return {(class, slot): its lessons, every week's or the odd weeks' first}."""
    found: defaultdict[tuple[int, Slot], list[GridLesson]] = defaultdict(list)
    for lesson in lessons:
        found[lesson.class_id, lesson.slot].append(lesson)
    order = list(WeekPattern)
    return {
        key: tuple(sorted(cell, key=lambda lesson: order.index(lesson.line.weeks)))
        for key, cell in found.items()
    }


def _told(cell: Sequence[GridLesson]) -> list[tuple[str, str, tuple[str, ...], str]]:
    return [lesson.told for lesson in cell]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the grid: a period of a session, with its times where a bell schedule says them."""

    day_session: DaySession
    number: int
    times: str = ""


def rows_of(periods: Iterable[Period], slots: Iterable[Slot]) -> list[Row]:
    """Return the rows that a grid needs: the periods of the bell schedule, and those in which lessons stand.

    Without a schedule there are five periods in the morning and four in the afternoon.
    """
    known: Mapping[tuple[DaySession, int], str] = {
        (period.day_session, period.number): f"{period.begins_at:%H:%M}–{period.finishes_at:%H:%M}"
        for period in periods
    }
    wanted = set(known) or {
        (day_session, number)
        for day_session, last in DEFAULT_PERIODS.items()
        for number in range(1, last + 1)
    }
    wanted |= {(slot.day_session, slot.number) for slot in slots}
    return [
        Row(day_session, number, known.get((day_session, number), ""))
        for day_session, number in sorted(wanted, key=lambda key: (SESSION_ORDER[key[0]], key[1]))
    ]


def weekdays_of(teaching_weekdays: str, slots: Iterable[Slot]) -> list[int]:
    """Return the columns that a grid needs: the days on which the school teaches, and those with lessons."""
    return sorted({int(digit) for digit in teaching_weekdays} | {slot.weekday for slot in slots})
