"""What stands beside a lesson of the grid: with which other lesson it collides, and over whom or what."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.school.timetables.rules.weeks import WeekPattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.school.timetables.rules.grid import Conflict, ConflictKind, GridLesson, Row, Slot


@dataclass(frozen=True, slots=True)
class Mark:
    """A collision as one of its two lessons shows it: what is needed twice, and the lesson that needs it as well."""

    kind: ConflictKind
    what: str
    other: GridLesson


def marks_of(lessons: Iterable[GridLesson], conflicts: Iterable[Conflict]) -> dict[int, tuple[Mark, ...]]:
    """Return {entry: its collisions}; both lessons of a collision name each other."""
    known = {lesson.entry_id: lesson for lesson in lessons}
    found: defaultdict[int, tuple[Mark, ...]] = defaultdict(tuple)
    for conflict in conflicts:
        for one, other in (conflict.entry_ids, conflict.entry_ids[::-1]):
            found[one] = (*found[one], Mark(conflict.kind, conflict.what, known[other]))
    return dict(found)


def marks_in(cell: Iterable[GridLesson], marks: Mapping[int, tuple[Mark, ...]]) -> list[Mark]:
    """Return the collisions of a cell, each once, even where both its lessons stand in the cell."""
    found: dict[tuple[str, str, frozenset[int]], Mark] = {}
    for lesson in cell:
        for mark in marks.get(lesson.entry_id, ()):
            found.setdefault((mark.kind, mark.what, frozenset({lesson.entry_id, mark.other.entry_id})), mark)
    return list(found.values())


def busy_in(lessons: Iterable[GridLesson], slot: Slot, class_id: int) -> dict[int, str]:
    """Return {teacher: class} of those who teach another class in a slot, in whatever weeks."""
    return {
        staff_id: lesson.class_name
        for lesson in lessons
        if lesson.slot == slot and lesson.class_id != class_id
        for staff_id in lesson.line.staff_ids
    }


@dataclass(frozen=True, slots=True)
class Pair:
    """A subject with the teacher who leads it in a class, and in how many periods a week."""

    subject_id: int
    staff_id: int
    subject: str
    teacher: str
    periods: int


def pairs_of(lessons: Iterable[GridLesson], class_id: int) -> list[Pair]:
    """Return what is taught in a class and by whom, the most frequent first."""
    counted = Counter(
        (lesson.line.subject_id, lesson.line.staff_ids[0], lesson.subject, lesson.teachers[0])
        for lesson in lessons
        if lesson.class_id == class_id
    )
    pairs = [Pair(*key, periods) for key, periods in counted.items()]
    return sorted(pairs, key=lambda pair: (-pair.periods, pair.subject, pair.teacher))


def by_slot(lessons: Iterable[GridLesson]) -> dict[str, tuple[GridLesson, ...]]:
    """Return {slot's key: the lessons in it}, those of the odd weeks before those of the even ones."""
    found: defaultdict[str, tuple[GridLesson, ...]] = defaultdict(tuple)
    order = list(WeekPattern)
    for lesson in sorted(lessons, key=lambda one: order.index(one.line.weeks)):
        found[lesson.slot.key] = (*found[lesson.slot.key], lesson)
    return dict(found)


def slot_after(slot: Slot, rows: Sequence[Row], weekdays: Sequence[int]) -> Slot | None:
    """Return the next cell of the grid, down the day and then the next day; None behind the last one."""
    order = [(weekday, row.day_session, row.number) for weekday in weekdays for row in rows]
    here = (slot.weekday, slot.day_session, slot.number)
    if here not in order or here == order[-1]:
        return None
    return type(slot)(*order[order.index(here) + 1])
