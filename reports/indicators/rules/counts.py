"""What is counted: the additive counts of classes and days, and all the counts that an indicator may be made of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from operator import add, attrgetter
from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class Count(StrEnum):
    """Everything that is counted. The first ten are fields of `Counts`; the rest is in a tally (reports.tallies).

    Counts of pupils are counts of different pupils: of a school, a ward or a province they are counted there anew, and
    are not the sum of what the parts say.
    """

    CLASSES = "classes"
    PUPILS = "pupils"
    SESSIONS_DUE = "sessions_due"
    SESSIONS_TAKEN = "sessions_taken"
    EXPECTED = "expected"
    EXCUSED = "excused"
    UNEXCUSED = "unexcused"
    PENDING = "pending"
    LATE = "late"
    LESSONS_HELD = "lessons_held"

    SESSIONS_ON_TIME = "sessions_on_time"
    TEACHERS = "teachers"
    CLASSES_OVER_NORM = "classes_over_norm"
    CLASSES_WITH_LESSON = "classes_with_lesson"
    ANSWERS = "answers"
    ANSWERS_POSSIBLE = "answers_possible"
    ATTEMPTS = "attempts"

    MEASURED = "measured"
    CHRONIC = "chronic"
    OVER_20 = "over_20"
    OVER_30 = "over_30"
    OVER_40 = "over_40"
    OVER_45 = "over_45"
    INVITED = "invited"
    PARTICIPANTS = "participants"

    AT_START = "at_start"
    ARRIVED = "arrived"
    DEPARTED = "departed"
    LEFT = "left"
    FOLLOWED = "followed"
    REPEATED = "repeated"
    PROMOTED = "promoted"

    LISTED = "listed"
    LISTED_ABOVE = "listed_above"
    REPEATING_ABOVE = "repeating_above"
    REPEATING = "repeating"

    POPULATION = "population"
    ENROLLED = "enrolled"
    ENROLLED_OF_AGE = "enrolled_of_age"
    OF_AGE_ANYWHERE = "of_age_anywhere"

    ROOMS = "rooms"
    SOLID_ROOMS = "solid_rooms"
    SCHOOLS_ASKED_STANDARD = "schools_asked_standard"
    SCHOOLS_OF_STANDARD = "schools_of_standard"
    SCHOOLS_ASSESSED = "schools_assessed"
    SCHOOLS_OF_LEVEL_3 = "schools_of_level_3"


class Countable(Protocol):
    """Anything that knows counts by name."""

    def count(self, what: Count) -> int | None:
        """Return a count; None when it is not known here, which is not the same as 0."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of some classes over some days; they add up over classes.

    `pupils` are on the roll at the end of the period. `sessions_due` are registers that the calendar, the timetable
    and a non-empty roll ask for; `sessions_taken` those submitted. `expected` counts pupils x sessions of taken
    registers only; `excused`, `unexcused` and `pending` (reason not yet known) are absences among them, `late` are
    present. `lessons_held` are live lessons that were ended.
    """

    classes: int = 0
    pupils: int = 0
    sessions_due: int = 0
    sessions_taken: int = 0
    expected: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0
    lessons_held: int = 0

    def __add__(self, other: Self) -> Self:
        """Add count by count."""
        return type(self)(*map(add, _EACH(self), _EACH(other)))

    @property
    def absent(self) -> int:
        """All absences, whatever the reason."""
        return self.excused + self.unexcused + self.pending

    def count(self, what: Count) -> int | None:
        """Return a count by name, None for one that classes and days do not have."""
        found: int | None = getattr(self, what, None)
        return found

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


_EACH: Final = attrgetter(*(f.name for f in fields(Counts)))


def total(counts: Iterable[Counts]) -> Counts:
    """Return the sum of counts; nothing adds up to nothing."""
    return Counts(*(sum(column) for column in zip(*(_EACH(one) for one in counts), strict=True)))
