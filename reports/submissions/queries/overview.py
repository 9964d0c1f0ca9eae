"""How far schools and wards are with a period, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.school.models import OrgUnit, SchoolClass, SchoolYear
from app.school.queries import schools_for
from reports.cubes.models import ClassDay
from reports.cubes.rules import Month
from reports.official.queries import official_periods
from reports.official.rules import OfficialPeriod
from reports.submissions.models import Submission
from reports.submissions.queries.standing import reminders_of
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
    from reports.submissions.queries.standing import Standing


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
        query = select(ClassDay.school_id).where(
            ClassDay.school_id.in_(school_ids), ClassDay.day >= period.first, ClassDay.day < period.after_last
        )
    return set(session.scalars(query.distinct()))


@dataclass(frozen=True, slots=True)
class WardLine:
    """How far the schools of a ward are with a period: how many, accepted, approved in time."""

    name: str
    school_ids: tuple[int, ...]
    accepted: int
    in_time: int


def lines_of_wards(session: Session, rows: Sequence[Standing]) -> list[WardLine]:
    """Sum the reports of schools by the unit right above each."""
    above = aliased(OrgUnit)
    names = session.execute(
        select(OrgUnit.id, above.name)
        .join(above, above.id == OrgUnit.parent_id)
        .where(OrgUnit.id.in_([row.report.school_id for row in rows]))
        .order_by(above.name_sort, above.id)
    )
    ward_of = {row[0]: row[1] for row in names}
    return [
        _ward_line(name, [row for row in rows if ward_of.get(row.report.school_id) == name])
        for name in dict.fromkeys(ward_of.values())
    ]


def _ward_line(name: str, rows: Sequence[Standing]) -> WardLine:
    return WardLine(
        name,
        tuple(row.report.school_id for row in rows),
        accepted=sum(row.state is SubmissionState.ACCEPTED for row in rows),
        in_time=sum(row.is_in_time for row in rows),
    )
