"""From lines about pupils and classes to the counts of a place: pure, and each pupil once wherever the place ends.

A line says what is known of one pupil in one class, or of one class. A school's tally is made of the lines of its
classes, a ward's of the lines of its schools: never of the tallies below, since a pupil who changed the class or the
school stands in several lines and is still one pupil.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.school.rules import Level
from reports.indicators.rules import NUMBERS_OVER, Count
from reports.tallies.rules.lines import AGES, Move, Outcome, level_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from reports.tallies.rules.lines import (
        ClassLine,
        CohortLine,
        Entered,
        Lines,
        MoveLine,
        Person,
        PupilLine,
        Selection,
    )

CHRONIC_SHARE: Final = Fraction(1, 10)
LARGEST_CLASS: Final = {Level.PRIMARY: 35, Level.LOWER_SECONDARY: 45, Level.UPPER_SECONDARY: 45}
"""Circulars 28/2020 and 32/2020."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of a place and a period. A count that is not here is not known, which is not 0."""

    values: Mapping[Count, int]

    def count(self, what: Count) -> int | None:
        """Return a count, None when it is not known."""
        return self.values.get(what)


def tally(lines: Lines, *, selection: Selection | None = None) -> Tally:
    """Count a place. `lines` are all those of the place, and of no other."""
    chosen = lines.only(selection) if selection else lines
    people = selection is not None and selection.is_of_people
    values = (
        _of_classes(chosen.classes, people=people)
        | _of_pupils(chosen.pupils)
        | _of_moves(chosen.moves, lines.schools)
    )
    values |= _of_cohort(chosen.cohort)
    if chosen.teachers:
        values[Count.TEACHERS] = len(frozenset[int]().union(*chosen.teachers.values()))
    return Tally(values | _of_population(lines, chosen, selection) | _of_entries(chosen.entered))


def _of_classes(lines: Iterable[ClassLine], *, people: bool) -> dict[Count, int]:
    """Count classes. For a selection of pupils only the coverage of their classes remains."""
    there = [line for line in lines if line.exists]
    found = {
        Count.SESSIONS_DUE: sum(line.sessions_due for line in there),
        Count.SESSIONS_TAKEN: sum(line.sessions_taken for line in there),
    }
    if people:
        return found
    running = [line for line in there if line.size or line.sessions_due]
    return found | {
        Count.CLASSES: len(there),
        Count.CLASSES_OVER_NORM: sum(line.size > LARGEST_CLASS[level_of(line.grade)] for line in running),
        Count.CLASSES_WITH_LESSON: sum(bool(line.lessons_held) for line in there),
        Count.SESSIONS_ON_TIME: sum(line.sessions_on_time for line in there),
        Count.LESSONS_HELD: sum(line.lessons_held for line in there),
        Count.ANSWERS: sum(line.answers for line in there),
        Count.ANSWERS_POSSIBLE: sum(line.answers_possible for line in there),
        Count.ATTEMPTS: sum(line.attempts for line in there),
    }


def _of_pupils(lines: Iterable[PupilLine]) -> dict[Count, int]:
    """Count sessions as they are, and pupils once each over all their lines."""
    found: dict[Count, int] = dict.fromkeys(_PUPIL_COUNTS, 0)
    whole: defaultdict[int, list[PupilLine]] = defaultdict(list)
    for line in lines:
        whole[line.person.id].append(line)
        for what in (Count.EXPECTED, Count.EXCUSED, Count.UNEXCUSED, Count.PENDING, Count.LATE):
            found[what] += getattr(line, what)
    for own in whole.values():
        expected, absent = sum(line.expected for line in own), sum(line.absent for line in own)
        absent_in_year = sum(line.absent_in_year for line in own)
        found[Count.PUPILS] += any(line.is_on_roll for line in own)
        found[Count.MEASURED] += expected > 0
        found[Count.CHRONIC] += expected > 0 and absent >= CHRONIC_SHARE * expected
        found[Count.INVITED] += any(line.is_invited for line in own)
        found[Count.PARTICIPANTS] += any(line.took_part for line in own)
        for number, what in NUMBERS_OVER.items():
            found[what] += absent_in_year > number
    return found


_PUPIL_COUNTS: Final = (
    Count.EXPECTED, Count.EXCUSED, Count.UNEXCUSED, Count.PENDING, Count.LATE, Count.PUPILS, Count.MEASURED,
    Count.CHRONIC, Count.INVITED, Count.PARTICIPANTS, *NUMBERS_OVER.values(),
)  # fmt: skip


def _of_moves(lines: Collection[MoveLine], schools: frozenset[int]) -> dict[Count, int]:
    """Count pupils who came and went; between two schools of the place nobody came or went."""
    outside = [line for line in lines if line.other not in schools]
    return {
        Count.ARRIVED: len({line.person.id for line in outside if line.move is Move.ARRIVED}),
        Count.DEPARTED: len({line.person.id for line in outside if line.move is Move.DEPARTED}),
    }


def _of_cohort(lines: Iterable[CohortLine]) -> dict[Count, int]:
    """Count the pupils of the first class list once each, by what became of them."""
    own: dict[int, CohortLine] = {}
    for line in lines:
        own.setdefault(line.person.id, line)
    outcomes = [line.outcome for line in own.values() if line.outcome is not None]
    found = {Count.AT_START: len(own), Count.LEFT: sum(line.has_left for line in own.values())}
    if outcomes:
        found[Count.FOLLOWED] = len(outcomes)
        found[Count.PROMOTED] = outcomes.count(Outcome.PROMOTED)
        found[Count.REPEATED] = outcomes.count(Outcome.REPEATED)
    return found


def _of_population(lines: Lines, chosen: Lines, selection: Selection | None) -> dict[Count, int]:
    """Count pupils against the population of the level's ages; only where a level is chosen and a population known."""
    level = selection.level if selection and not selection.is_of_people and selection.grade is None else None
    population = [one.value for one in chosen.entered if one.count is Count.POPULATION and one.level == level]
    if level is None or not population:
        return {}
    on_roll = {line.person.id: line.person for line in chosen.pupils if line.is_on_roll}
    anywhere = {line.person.id: line.person for line in lines.pupils if line.is_on_roll}
    return {
        Count.POPULATION: sum(population),
        Count.ENROLLED: len(on_roll),
        Count.ENROLLED_OF_AGE: _of_age(on_roll.values(), level, lines.year),
        Count.OF_AGE_ANYWHERE: _of_age(anywhere.values(), level, lines.year),
    }


def _of_age(people: Iterable[Person], level: Level, year: int) -> int:
    return sum(one.birth_year is not None and year - one.birth_year in AGES[level] for one in people)


def _of_entries(entered: Iterable[Entered]) -> dict[Count, int]:
    found: defaultdict[Count, int] = defaultdict(int)
    for one in entered:
        if one.level is None:
            found[one.count] += one.value
    return dict(found)
