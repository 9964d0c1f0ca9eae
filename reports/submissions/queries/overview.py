"""How far schools and wards are with a period, and what waits for whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import School, SchoolClass, SchoolYear
from app.school.queries import schools_for, wards_of
from reports.cubes.models import ClassDay
from reports.cubes.queries import counts_of_schools
from reports.cubes.rules import Month
from reports.indicators.rules import Counts, total
from reports.official.queries import official_periods
from reports.official.rules import OfficialPeriod
from reports.recent.queries import by_school
from reports.submissions.models import Submission
from reports.submissions.queries.standing import first_approvals, reminders_of
from reports.submissions.rules import (
    BEFORE_APPROVAL,
    VIEW_SUBMISSIONS,
    Period,
    SubmissionState,
    days_late,
    due_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.models import OrgUnit
    from app.school.queries import UnitRow


@dataclass(frozen=True, slots=True)
class WaitingSchool:
    """A school that did not approve a period yet; `reminded` is the day of the last reminder."""

    school_id: int
    name: str
    reminded: date | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A period that waits for schools, with its due day and for how many days it is late."""

    period: Period
    due: date
    late: int
    schools: tuple[WaitingSchool, ...]


def waiting_reports(session: Session, actor: Actor, today: date) -> list[Waiting]:
    """Return last month, and the last official day, with the schools within reach that owe and did not approve them."""
    names = {unit.id: unit.name for unit in schools_for(actor, VIEW_SUBMISSIONS)}
    periods: list[Period] = [Month.of(today).previous, *official_periods(session, today)[:1]]
    found = [_waiting(session, names, period, today) for period in periods]
    return [one for one in found if one.schools]


def _waiting(session: Session, names: dict[int, str], period: Period, today: date) -> Waiting:
    stored = session.execute(
        select(Submission.school_id, Submission.state).where(
            Submission.school_id.in_(names), Submission.period == str(period)
        )
    )
    done = {school for school, state in stored if state not in BEFORE_APPROVAL}
    owed = _schools_that_owe(session, names, period) - done
    reminders = reminders_of(session, owed, period)
    schools = tuple(
        WaitingSchool(one, names[one], reminders[one].day if one in reminders else None)
        for one in sorted(owed, key=lambda school: names[school])
    )
    due = due_of(period)
    return Waiting(period, due, days_late(due, SubmissionState.COMPUTED, today), schools)


def _schools_that_owe(session: Session, school_ids: Collection[int], period: Period) -> set[int]:
    """Return the schools with registers in a month, or with classes in the year of an official day."""
    if isinstance(period, OfficialPeriod):
        query = (
            select(SchoolClass.school_id)
            .join(SchoolYear, SchoolYear.id == SchoolClass.year_id)
            .where(SchoolClass.school_id.in_(school_ids), SchoolYear.code == period.year_code)
        )
    else:
        days = (period.first, period.after_last)
        return set(
            by_school(session, "owing", school_ids, days, lambda some: _with_due(session, some, *days))
        )
    return set(session.scalars(query.distinct()))


def _with_due(
    session: Session, school_ids: Collection[int], first: date, after_last: date
) -> dict[int, bool]:
    """Return the schools with a register due: each is asked for one row along the index."""
    due = select(ClassDay.school_id).where(
        ClassDay.school_id == School.id,
        ClassDay.day >= first,
        ClassDay.day < after_last,
        ClassDay.sessions_due > 0,
    )
    found = session.scalars(select(School.id).where(School.id.in_(list(school_ids)), due.exists()))
    return dict.fromkeys(found, True)


@dataclass(frozen=True, slots=True)
class WardLine:
    """How far the schools of a ward are with a period: who has it, how many accepted, approved in time, are late.

    `counts` are a month's; an official form has none here.
    """

    id: int
    name: str
    school_ids: tuple[int, ...]
    accepted: int
    in_time: int
    late: int
    counts: Counts


def lines_of_wards(
    session: Session, schools: Sequence[OrgUnit | UnitRow], period: Period, today: date
) -> list[WardLine]:
    """Return a line for each unit right above these schools; five statements, and no report is worked out."""
    ids = [unit.id for unit in schools]
    states = _states(session, ids, period)
    owed = _schools_that_owe(session, ids, period)
    counts = counts_of_schools(session, ids, period, today) if isinstance(period, Month) else {}
    there = (
        owed | states.keys() | counts.keys()
    )  # a month without sessions is listed where pupils are; it is not late
    approved = first_approvals(session, [one for one, _ in states.values()])
    in_time = {
        school for school, (one, _) in states.items() if one in approved and approved[one] <= due_of(period)
    }
    accepted = {school for school, (_, state) in states.items() if state is SubmissionState.ACCEPTED}
    late = {
        school
        for school in owed
        if days_late(due_of(period), states.get(school, (0, SubmissionState.COMPUTED))[1], today)
    }
    of_ward: dict[int | None, set[int]] = defaultdict(set)
    for unit in schools:
        if unit.id in there:
            of_ward[unit.parent_id].add(unit.id)
    return [
        WardLine(
            ward.id,
            ward.name,
            tuple(sorted(of_ward[ward.id])),
            accepted=len(of_ward[ward.id] & accepted),
            in_time=len(of_ward[ward.id] & in_time),
            late=len(of_ward[ward.id] & late),
            counts=total(counts[one] for one in of_ward[ward.id] if one in counts),
        )
        for ward in wards_of(session, schools)
        if of_ward[ward.id]
    ]


def _states(
    session: Session, school_ids: Sequence[int], period: Period
) -> dict[int, tuple[int, SubmissionState]]:
    """Return {school: (submission, its state)} of the schools where somebody acted on the period."""
    rows = session.execute(
        select(Submission.school_id, Submission.id, Submission.state).where(
            Submission.school_id.in_(school_ids), Submission.period == str(period)
        )
    )
    return {school: (one, SubmissionState(state)) for school, one, state in rows}
