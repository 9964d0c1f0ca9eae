"""Timetables without a collision: no class and no teacher twice in the same period, by construction.

Classes and teachers are the two sides of a graph, each lesson an edge, each period of the week a colour. Such a graph
can always be coloured with as many colours as its busiest side has lessons (D. König, 1916); the proof is the
algorithm used here: when a lesson finds no period free on both sides, two periods change places along a path.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

Side = tuple[str, int]
"""A vertex of the graph: ("class", number) or ("teacher", number)."""
MOST_A_DAY: Final = 2
"""A class should not have a subject more often than this on one day."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the week: weekday (1 = Monday) and number within the session."""

    weekday: int
    number: int


@dataclass(frozen=True, slots=True)
class WantedLesson:
    """A lesson that a class should have once a week with a teacher."""

    school_class: int
    teacher: int
    subject: str


class Plan:
    """A session's week. `placed[i]` is the period of the i-th wanted lesson."""

    def __init__(self, lessons: Sequence[WantedLesson], periods: Sequence[Period]) -> None:
        self._lessons = lessons
        self._periods = tuple(periods)
        self._at: dict[Side, dict[Period, int]] = {}
        for lesson in lessons:
            for side in _sides(lesson):
                self._at.setdefault(side, {})
        self._refuse_the_impossible()

    @property
    def placed(self) -> list[Period]:
        """Where each lesson is, in the order in which the lessons were given."""
        where: dict[int, Period] = {}
        for side, week in self._at.items():
            if side[0] == "class":
                where.update({index: period for period, index in week.items()})
        return [where[index] for index in range(len(self._lessons))]

    def place_all(self, chance: random.Random) -> None:
        """Give every lesson a period; afterwards nobody is in two places."""
        order = list(range(len(self._lessons)))
        chance.shuffle(order)
        for index in order:
            self._place(index, chance)

    def smooth(self, chance: random.Random, tries: int) -> None:
        """Make days more varied: swap two periods where that leaves fewer repetitions of a subject on one day."""
        classes = [side for side in self._at if side[0] == "class"]
        for _ in range(tries if classes and len(self._periods) > 1 else 0):
            one, other = chance.sample(self._periods, 2)
            start = chance.choice(classes)
            touched = self._component(start, one, other)
            before = sum(self._repetitions(side) for side in touched if side[0] == "class")
            self._swap(touched, one, other)
            if sum(self._repetitions(side) for side in touched if side[0] == "class") > before:
                self._swap(touched, one, other)

    def _refuse_the_impossible(self) -> None:
        """Raise ValueError when somebody has more lessons than there are periods."""
        load = Counter(side for lesson in self._lessons for side in _sides(lesson))
        for side, count in load.items():
            if count > len(self._periods):
                message = f"{side} has {count} lessons for {len(self._periods)} periods"
                raise ValueError(message)

    def _place(self, index: int, chance: random.Random) -> None:
        klass, teacher = _sides(self._lessons[index])
        here = [period for period in self._periods if period not in self._at[klass]]
        both = [period for period in here if period not in self._at[teacher]]
        if both:
            chosen = min(both, key=lambda period: (self._same_day(klass, index, period), chance.random()))
        else:
            chosen = chance.choice(here)
            free_there = next(period for period in self._periods if period not in self._at[teacher])
            # The path starts at the teacher with `chosen` and, the graph having two sides, never comes to the class.
            self._swap(self._component(teacher, chosen, free_there), chosen, free_there)
        self._at[klass][chosen] = index
        self._at[teacher][chosen] = index

    def _component(self, start: Side, one: Period, other: Period) -> set[Side]:
        """Return everybody who is tied to `start` by lessons in these two periods."""
        found, edge = {start}, [start]
        while edge:
            week = self._at[edge.pop()]
            for period in (one, other):
                if period in week:
                    new = set(_sides(self._lessons[week[period]])) - found
                    found |= new
                    edge += new
        return found

    def _swap(self, sides: Iterable[Side], one: Period, other: Period) -> None:
        for side in sides:
            week = self._at[side]
            first, second = week.pop(one, None), week.pop(other, None)
            if first is not None:
                week[other] = first
            if second is not None:
                week[one] = second

    def _same_day(self, klass: Side, index: int, period: Period) -> int:
        subject = self._lessons[index].subject
        return sum(
            when.weekday == period.weekday and self._lessons[there].subject == subject
            for when, there in self._at[klass].items()
        )

    def _repetitions(self, klass: Side) -> int:
        """Return how bad a class's week is: one for a subject's second lesson on a day, ten for each beyond that."""
        week = Counter(
            (when.weekday, self._lessons[index].subject) for when, index in self._at[klass].items()
        )
        return sum(min(count, MOST_A_DAY) - 1 + 10 * max(0, count - MOST_A_DAY) for count in week.values())


def weekly_plan(
    lessons: Sequence[WantedLesson], periods: Sequence[Period], chance: random.Random, tries: int = 0
) -> list[Period]:
    """Return a period for each lesson, in their order, so that no class and no teacher is in two places at once.

    Raises ValueError when a class or a teacher has more lessons than there are periods. `tries` swaps make the days of
    a class more varied.
    """
    plan = Plan(lessons, periods)
    plan.place_all(chance)
    plan.smooth(chance, tries)
    return plan.placed


def pairing(wishes: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return one of its wishes for each key, none twice (H. W. Kuhn, 1955); raise ValueError if impossible.

    Used to give every class a homeroom teacher of its own among those who teach it.
    """
    holder: dict[int, int] = {}

    def seat(key: int, asked: set[int]) -> bool:
        for wish in wishes[key]:
            if wish not in asked:
                asked.add(wish)
                if wish not in holder or seat(holder[wish], asked):
                    holder[wish] = key
                    return True
        return False

    for key in wishes:
        if not seat(key, set()):
            message = f"nobody is left for {key!r}"
            raise ValueError(message)
    return {key: wish for wish, key in holder.items()}


def _sides(lesson: WantedLesson) -> tuple[Side, Side]:
    return ("class", lesson.school_class), ("teacher", lesson.teacher)
