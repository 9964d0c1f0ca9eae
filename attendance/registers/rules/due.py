"""Which registers are due: calendar x timetable x non-empty roster."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from app.school.timetables.rules.weeks import WeekPattern, is_held_in, monday_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from app.school.rules import DaySession, SchoolDay


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open period of days; `ends_on` None means until further notice."""

    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        """Say whether starts_on <= day < ends_on."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class WeeklySession:
    """That the timetable gives a class lessons in a session of a weekday (1 = Monday), as long as `span` holds.

    `weeks`: in every, odd or even weeks of the school year.
    """

    school_id: int
    class_id: int
    weekday: int
    day_session: DaySession
    programme_session: int
    span: Span
    weeks: WeekPattern = WeekPattern.EVERY


@dataclass(frozen=True, slots=True, order=True)
class DueRegister:
    """A session register that has to be taken."""

    day: date
    school_id: int
    class_id: int
    day_session: DaySession
    programme_session: int


def registers_due(
    days: Mapping[int, Sequence[SchoolDay]],
    timetable: Iterable[WeeklySession],
    rosters: Mapping[int, Sequence[Span]],
    weeks: Mapping[int, Mapping[date, int]] | None = None,
) -> list[DueRegister]:
    """Return the session registers that are due, each class and session once a day, by day.

    `days` are the days of each school; `rosters` are the periods in which a class has pupils: an empty class has
    nobody to call. `weeks` are the numbers of each school's weeks by their Mondays, for odd and even weeks. When
    versions of a timetable overlap, a session counts as buổi 1 if any of them says so.
    """
    by_weekday: defaultdict[tuple[int, int], list[WeeklySession]] = defaultdict(list)
    for entry in timetable:
        by_weekday[entry.school_id, entry.weekday].append(entry)
    return sorted(
        due
        for school_id, school_days in days.items()
        for day in school_days
        if day.is_teaching
        for due in _due_on(
            day,
            _held(by_weekday[school_id, day.weekday], day, (weeks or {}).get(school_id, {})),
            rosters,
        )
    )


def _held(
    entries: Iterable[WeeklySession], day: SchoolDay, weeks: Mapping[date, int]
) -> Iterator[WeeklySession]:
    week = weeks.get(monday_of(day.day))
    return (entry for entry in entries if day.teaches_in(entry.day_session) and is_held_in(entry.weeks, week))


def _due_on(
    day: SchoolDay, entries: Iterable[WeeklySession], rosters: Mapping[int, Sequence[Span]]
) -> Iterator[DueRegister]:
    programme: dict[tuple[int, int, DaySession], int] = {}
    for entry in entries:
        if entry.span.holds(day.day) and any(span.holds(day.day) for span in rosters.get(entry.class_id, ())):
            key = (entry.school_id, entry.class_id, entry.day_session)
            programme[key] = min(programme.get(key, 2), entry.programme_session)
    for (school_id, class_id, day_session), number in programme.items():
        yield DueRegister(day.day, school_id, class_id, day_session, number)


def segments(first: date, after_last: date, cuts: Iterable[date]) -> list[tuple[date, date]]:
    """Return [first, after_last) cut at these days, so that nothing changes inside a piece."""
    edges = [first, *sorted({cut for cut in cuts if first < cut < after_last}), after_last]
    return [(begin, end) for begin, end in pairwise(edges) if begin < end]
