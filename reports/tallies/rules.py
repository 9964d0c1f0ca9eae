"""From lines about pupils and classes to the counts of a place: pure, and each pupil once wherever the place ends.

A line says what is known of one pupil in one class, or of one class. A school's tally is made of the lines of its
classes, a ward's of the lines of its schools: never of the tallies below, since a pupil who changed the class or the
school stands in several lines and is still one pupil.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.school.rules import Level
from reports.indicators.rules import NUMBERS_OVER, Count

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date

CHRONIC_SHARE: Final = Fraction(1, 10)
GRADES: Final = {
    Level.PRIMARY: range(1, 6),
    Level.LOWER_SECONDARY: range(6, 10),
    Level.UPPER_SECONDARY: range(10, 13),
}
AGES: Final = {
    Level.PRIMARY: range(6, 11),
    Level.LOWER_SECONDARY: range(11, 15),
    Level.UPPER_SECONDARY: range(15, 18),
}
"""By calendar year of birth (GSO metadata, vietnam.md 4.3)."""
LARGEST_CLASS: Final = {Level.PRIMARY: 35, Level.LOWER_SECONDARY: 45, Level.UPPER_SECONDARY: 45}
"""Circulars 28/2020 and 32/2020."""
LAST_GRADE: Final = 12


def level_of(grade: int) -> Level:
    """Return the level to which a grade (1 to 12) belongs."""
    return next(level for level, grades in GRADES.items() if grade in grades)


class Ethnicity(StrEnum):
    """The two groups of the official forms: "HS dân tộc" is everybody who is not Kinh."""

    KINH = "kinh"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Person:
    """What a pupil can be selected by. `ethnicity` and `sex` are None where nobody wrote them down."""

    id: int
    sex: str | None = None
    ethnicity: Ethnicity | None = None
    is_disabled: bool = False
    birth_year: int | None = None


@dataclass(frozen=True, slots=True)
class PupilLine:
    """One pupil in one class in the period; sessions are those of taken registers with the pupil on their roster.

    `is_on_roll`: at the end of the period. `absent_in_year`: absences since the first day of the school year.
    `is_invited`: the class had a live lesson and the pupil was on its roll; `took_part`: joined one.
    """

    person: Person
    school: int
    class_id: int
    grade: int
    is_on_roll: bool = True
    expected: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0
    absent_in_year: int = 0
    is_invited: bool = False
    took_part: bool = False

    @property
    def absent(self) -> int:
        """All absences of the period."""
        return self.excused + self.unexcused + self.pending


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class in the period. `size`: pupils on its roll at the end. Sessions are half days, `on_time` same-day."""

    class_id: int
    school: int
    grade: int
    size: int = 0
    sessions_due: int = 0
    sessions_taken: int = 0
    sessions_on_time: int = 0
    lessons_held: int = 0
    answers: int = 0
    answers_possible: int = 0
    attempts: int = 0

    @property
    def exists(self) -> bool:
        """Whether the class had anybody or anything in the period."""
        return bool(self.size or self.sessions_due or self.lessons_held)


class Move(StrEnum):
    """Coming to and going from a school."""

    ARRIVED = "arrived"
    DEPARTED = "departed"


@dataclass(frozen=True, slots=True)
class MoveLine:
    """A transfer in the period; `other` is the school at its other end, None when it is not one of ours."""

    person: Person
    school: int
    class_id: int | None
    grade: int
    move: Move
    other: int | None = None


class Outcome(StrEnum):
    """What the next year's class lists say of a pupil of this year's first class list."""

    PROMOTED = "promoted"
    REPEATED = "repeated"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A pupil on the roll on 30 September. `outcome` is None while next year has no lists, and for grade 12."""

    person: Person
    school: int
    class_id: int
    grade: int
    has_left: bool = False
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Numbers that somebody entered, with the unit that they are about; `level` only for a population."""

    unit: int
    count: Count
    value: int
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which pupils are looked at; None selects all."""

    level: Level | None = None
    grade: int | None = None
    sex: str | None = None
    ethnicity: Ethnicity | None = None
    is_disabled: bool | None = None

    @property
    def is_of_people(self) -> bool:
        """Whether it selects by what a pupil is and not only by the class."""
        return any(chosen is not None for chosen in (self.sex, self.ethnicity, self.is_disabled))

    def has_grade(self, grade: int) -> bool:
        """Say whether pupils and classes of a grade are looked at."""
        return (self.grade is None or grade == self.grade) and (
            self.level is None or grade in GRADES[self.level]
        )

    def has(self, person: Person) -> bool:
        """Say whether a pupil is looked at, leaving aside the class."""
        return (
            (self.sex is None or person.sex == self.sex)
            and (self.ethnicity is None or person.ethnicity == self.ethnicity)
            and (self.is_disabled is None or person.is_disabled == self.is_disabled)
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """Everything known of a place and a period. `year` is that of the school year's beginning, for ages.

    `schools` are those of the place; `teachers` are ids by school.
    """

    year: int
    schools: frozenset[int] = frozenset()
    pupils: tuple[PupilLine, ...] = ()
    classes: tuple[ClassLine, ...] = ()
    moves: tuple[MoveLine, ...] = ()
    cohort: tuple[CohortLine, ...] = ()
    teachers: Mapping[int, frozenset[int]] = field(default_factory=dict)
    entered: tuple[Entered, ...] = ()

    def of_schools(self, schools: Collection[int]) -> Lines:
        """Return what is about these schools; nothing that was entered for units above them."""
        there = frozenset(schools)
        teachers = {school: found for school, found in self.teachers.items() if school in there}
        entered = tuple(one for one in self.entered if one.unit in there)
        return replace(
            self._where(lambda line: line.school in there), schools=there, teachers=teachers, entered=entered
        )

    def of_class(self, class_id: int) -> Lines:
        """Return what is about one class."""
        return replace(self._where(lambda line: line.class_id == class_id), teachers={}, entered=())

    def only(self, selection: Selection) -> Lines:
        """Return what is about the selected pupils; teachers, and entries that do not split, are left out."""
        if selection == Selection():
            return self
        found = self._where(lambda line: selection.has_grade(line.grade))
        return replace(
            found,
            pupils=tuple(line for line in found.pupils if selection.has(line.person)),
            moves=tuple(line for line in found.moves if selection.has(line.person)),
            cohort=tuple(line for line in found.cohort if selection.has(line.person)),
            teachers={},
            entered=tuple(one for one in self.entered if one.level and one.level == selection.level),
        )

    def _where(self, keeps: Callable[[PupilLine | ClassLine | MoveLine | CohortLine], bool]) -> Lines:
        return replace(
            self,
            pupils=tuple(line for line in self.pupils if keeps(line)),
            classes=tuple(line for line in self.classes if keeps(line)),
            moves=tuple(line for line in self.moves if keeps(line)),
            cohort=tuple(line for line in self.cohort if keeps(line)),
        )


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


class PeriodKind(StrEnum):
    """Periods of a report; `official` ones are as of a day."""

    MONTH = "month"
    SEMESTER = "semester"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """A period [first, after_last) of a school year that begins on `year_first`. As text e.g. "2026-10"."""

    name: str
    kind: PeriodKind
    first: date
    after_last: date
    year_first: date
    year_code: str

    def __str__(self) -> str:
        return self.name
