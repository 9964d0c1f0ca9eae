"""Reading bell schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.bells.rules import Period, Plan, plans_of
from app.school.models import BellPeriod
from app.school.rules import DaySession

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def bell_plans(session: Session, school_id: int) -> list[Plan]:
    """Return all bell schedules of a school, the earliest first."""
    rows = session.scalars(select(BellPeriod).where(BellPeriod.school_id == school_id))
    return plans_of((_period(row), _about(row)) for row in rows)


def _about(row: BellPeriod) -> Plan:
    return Plan(row.starts_on, row.ends_on, (), row.first_grade, row.last_grade, row.plan_name)


def _period(row: BellPeriod) -> Period:
    return Period(
        DaySession(row.day_session), row.number, row.begins_at, row.finishes_at, row.programme_session
    )
