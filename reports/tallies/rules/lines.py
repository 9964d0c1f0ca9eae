"""What is known of a place and a period, line by line, and how lines are selected."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.school.rules import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

    from reports.indicators.rules import Count

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
    `absences`: the same by stretch (reports.stretches), of those pupils only who have more than the least of the
    numbers that are asked about.
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
    absences: tuple[tuple[date, int], ...] = ()
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
    """A transfer in the period; `other` is the school at its other end, None when it is not one of ours.

    `part` is the first day of the stretch (reports.stretches) in which it happened.
    """

    person: Person
    school: int
    class_id: int | None
    grade: int
    move: Move
    other: int | None = None
    part: date | None = None


class Outcome(StrEnum):
    """What the next year's class lists say of a pupil of this year's first class list."""

    PROMOTED = "promoted"
    REPEATED = "repeated"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A pupil on the roll on 30 September. `outcome` is None while next year has no lists, and for grade 12.

    `gone`: the first days of the stretches since then at whose end the pupil had stopped learning.
    """

    person: Person
    school: int
    class_id: int
    grade: int
    has_left: bool = False
    outcome: Outcome | None = None
    gone: frozenset[date] = frozenset()


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


@dataclass(slots=True)
class _OfSchool:
    """The lines of one school."""

    pupils: list[PupilLine] = field(default_factory=list)
    classes: list[ClassLine] = field(default_factory=list)
    moves: list[MoveLine] = field(default_factory=list)
    cohort: list[CohortLine] = field(default_factory=list)


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
    _by_school: dict[int, _OfSchool] = field(default_factory=dict, init=False, compare=False, repr=False)

    def of_schools(self, schools: Collection[int]) -> Lines:
        """Return what is about these schools; nothing that was entered for units above them."""
        there = frozenset(schools)
        own = [found for school in sorted(there) if (found := self._index().get(school))]
        return replace(
            self,
            schools=there,
            pupils=tuple(line for one in own for line in one.pupils),
            classes=tuple(line for one in own for line in one.classes),
            moves=tuple(line for one in own for line in one.moves),
            cohort=tuple(line for one in own for line in one.cohort),
            teachers={school: found for school, found in self.teachers.items() if school in there},
            entered=tuple(one for one in self.entered if one.unit in there),
        )

    def _index(self) -> dict[int, _OfSchool]:
        """Sort the lines by school, once: a province asks for each of its schools, of 250,000 lines."""
        if not self._by_school:
            for name in ("pupils", "classes", "moves", "cohort"):
                for line in getattr(self, name):
                    getattr(self._by_school.setdefault(line.school, _OfSchool()), name).append(line)
        return self._by_school

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
