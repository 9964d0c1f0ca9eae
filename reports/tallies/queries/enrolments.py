"""Who came and went, and what became of the pupils of the first class lists."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from app.school.models import ClassMembership, Enrolment, SchoolClass, SchoolYear
from app.school.queries import holds_on
from app.school.rules import EnrolmentStatus
from reports.stretches.queries import semester_starts
from reports.stretches.rules import after_stretch, stretch_of
from reports.tallies.rules import LAST_GRADE, CohortLine, Lines, Move, MoveLine, Outcome, PeriodKind, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from reports.tallies.rules import Period

_S: Final = EnrolmentStatus
ARRIVED: Final = frozenset({_S.ARRIVED_TERM_1, _S.ARRIVED_TERM_2, _S.ARRIVED_SUMMER})
DEPARTED: Final = frozenset({_S.TRANSFERRED_TERM_1, _S.TRANSFERRED_TERM_2, _S.TRANSFERRED_SUMMER})
LEFT: Final = frozenset({_S.LEFT_TERM_1, _S.LEFT_TERM_2, _S.LEFT_SUMMER})


def move_lines(
    session: Session, school_ids: Collection[int], period: Period, end: date, person: Callable[[int], Person]
) -> Iterator[MoveLine]:
    """Yield the transfers on days of [period.first, end]."""
    moved = [
        row
        for row in session.scalars(
            select(Enrolment).where(
                Enrolment.school_id.in_(school_ids),
                or_(
                    Enrolment.starts_on.between(period.first, end),
                    Enrolment.ends_on.between(period.first, end),
                ),
                or_(Enrolment.ends_on.is_(None), Enrolment.ends_on > Enrolment.starts_on),
            )
        )
        if row.status in ARRIVED | DEPARTED or row.came_as in ARRIVED
    ]
    pupils = {row.pupil_id for row in moved}
    histories = _histories(session, pupils)
    classes, starts = _classes_of(session, pupils), semester_starts(session)
    for row in moved:
        place = classes.get((row.pupil_id, row.school_id, row.year_id))
        if place is None:
            continue
        class_id, grade = place
        for move, other, on in _moves_in(row, histories[row.pupil_id], period.first, end):
            part = stretch_of(on, starts)
            yield MoveLine(person(row.pupil_id), row.school_id, class_id, grade, move, other, part)


def _moves_in(
    row: Enrolment, history: Sequence[Enrolment], first: date, end: date
) -> Iterator[tuple[Move, int | None, date]]:
    """Yield coming and going of one enrolment on days of [first, end], with the school at the other end and the day."""
    if (row.came_as or row.status) in ARRIVED and first <= row.starts_on <= end:
        before = [one.school_id for one in history if one.ends_on and one.ends_on <= row.starts_on]
        yield Move.ARRIVED, before[-1] if before else None, row.starts_on
    if row.status in DEPARTED and row.ends_on and first <= row.ends_on <= end:
        after = [one.school_id for one in history if one.starts_on >= row.ends_on and one.id != row.id]
        yield Move.DEPARTED, after[0] if after else None, row.ends_on


def _histories(session: Session, pupils: Collection[int]) -> dict[int, list[Enrolment]]:
    found: defaultdict[int, list[Enrolment]] = defaultdict(list)
    rows = session.scalars(
        select(Enrolment).where(Enrolment.pupil_id.in_(pupils)).order_by(Enrolment.starts_on, Enrolment.id)
    )
    for row in rows:
        if row.ends_on is None or row.ends_on > row.starts_on:
            found[row.pupil_id].append(row)
    return found


def _classes_of(session: Session, pupils: Collection[int]) -> dict[tuple[int, int, int], tuple[int, int]]:
    """Return {(pupil, school, year): (last class, its grade)}."""
    rows = session.execute(
        select(
            ClassMembership.pupil_id,
            SchoolClass.school_id,
            SchoolClass.year_id,
            SchoolClass.id,
            SchoolClass.grade,
        )
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(ClassMembership.pupil_id.in_(pupils))
        .order_by(ClassMembership.starts_on, ClassMembership.id)
    )
    return {(pupil, school, year): (class_id, grade) for pupil, school, year, class_id, grade in rows}


# --- the cohort of a year -----------------------------------------------------------------------------------------


def cohort_lines(
    session: Session, school_ids: Collection[int], period: Period, end: date, person: Callable[[int], Person]
) -> Iterator[CohortLine]:
    """Yield the pupils on the class lists of 30 September, once that day has come, with what became of them by `end`.

    The next year's class lists are asked for in a report on a whole school year alone.
    """
    counted_on = max(date(period.year_first.year, 9, 30), period.year_first)
    if end < counted_on:
        return
    rows = session.execute(
        select(ClassMembership.pupil_id, SchoolClass.school_id, SchoolClass.id, SchoolClass.grade)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(SchoolClass.school_id.in_(school_ids), holds_on(ClassMembership, counted_on))
    ).all()
    stops = _Stops(session, school_ids, period, end)
    ends = _ends_of_stretches(session, counted_on, end)
    followed = (
        _grades_next_year(session, period, [row[0] for row in rows]) if period.kind is PeriodKind.YEAR else {}
    )
    for pupil, school, class_id, grade in rows:
        outcome = _outcome(grade, followed.get(pupil)) if followed and grade < LAST_GRADE else None
        gone = frozenset(first for first, last in ends if stops.has_left(pupil, last))
        yield CohortLine(
            person(pupil), school, class_id, grade, stops.has_left(pupil, end), outcome, gone=gone
        )


def cohort_of(session: Session, school_ids: Collection[int], period: Period, today: date) -> Lines:
    """Return the lines of the cohort of some schools and nothing else, of pupils known by number alone."""
    end = min(period.after_last - timedelta(days=1), today)
    lines = tuple(cohort_lines(session, school_ids, period, end, Person))
    return Lines(period.year_first.year, frozenset(school_ids), cohort=lines)


def _ends_of_stretches(session: Session, first: date, end: date) -> list[tuple[date, date]]:
    """Return the first and last day of each stretch that ends on [first, end], the last one cut there."""
    starts, found = semester_starts(session), []
    begins = stretch_of(first, starts)
    while begins <= end:
        after = after_stretch(begins, starts)
        found.append((begins, min(after - timedelta(days=1), end)))
        begins = after
    return [(begins, last) for begins, last in found if last >= first]


def _outcome(grade: int, next_grade: int | None) -> Outcome:
    if next_grade is None:
        return Outcome.GONE
    return Outcome.PROMOTED if next_grade > grade else Outcome.REPEATED


class _Stops:
    """Who stopped learning in the year at these schools, and when they were enrolled anywhere; a few statements."""

    def __init__(self, session: Session, school_ids: Collection[int], period: Period, end: date) -> None:
        self._stopped: defaultdict[int, list[date]] = defaultdict(list)
        stops = session.execute(
            select(Enrolment.pupil_id, Enrolment.ends_on).where(
                Enrolment.school_id.in_(school_ids),
                Enrolment.status.in_(LEFT),
                Enrolment.ends_on > period.year_first,
                Enrolment.ends_on <= end,
            )
        )
        for pupil, day in stops:
            if day is not None:
                self._stopped[pupil].append(day)
        self._enrolled = _histories(session, self._stopped.keys()) if self._stopped else {}

    def has_left(self, pupil: int, day: date) -> bool:
        """Say whether a pupil had stopped by a day and was not back on it."""
        if not any(stop <= day for stop in self._stopped.get(pupil, ())):
            return False
        return not any(
            one.starts_on <= day and (one.ends_on is None or day < one.ends_on)
            for one in self._enrolled.get(pupil, ())
        )


def _grades_next_year(session: Session, period: Period, pupils: Sequence[int]) -> Mapping[int, int]:
    """Return {pupil: grade on the first lists of the next school year}, whatever the school; none before they exist."""
    following = session.scalar(
        select(SchoolYear)
        .where(SchoolYear.starts_on > period.year_first)
        .order_by(SchoolYear.starts_on)
        .limit(1)
    )
    if following is None:
        return {}
    wanted = set(pupils)
    rows = session.execute(
        select(ClassMembership.pupil_id, SchoolClass.grade)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(SchoolClass.year_id == following.id)
        .order_by(ClassMembership.starts_on)
    )
    return {pupil: grade for pupil, grade in rows if pupil in wanted}
