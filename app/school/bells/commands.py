"""Writes of bell schedules: put one in from a day on, take a future one back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete

from app import clock, db, facts
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.bells.queries import bell_plans
from app.school.bells.rules import GRADES, check_periods, with_plan, without_plan
from app.school.calendar.rules import CalendarChanged
from app.school.models import BellPeriod

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.bells.rules import Period, Plan

HORIZON: Final = timedelta(days=60)
"""So far ahead registers may have been laid out by an open-ended schedule."""


def save_plan(actor: Actor, school_id: int, plan: Plan) -> None:
    """Let a schedule hold for its grades from its first day on, until their next schedule begins.

    Grades without a schedule may get one that begins in the past; after that the past is not rewritten. Raises
    InvalidError.
    """
    check_periods(plan.periods)
    with db.transaction() as current:
        plans = bell_plans(current, school_id)
        has_one = any(grade in one.grades for one in plans for grade in plan.grades)
        if has_one and plan.starts_on < clock.today():
            raise InvalidError(
                say("Giờ học của những ngày đã qua không sửa được."),
                {"starts_on": say("Chọn hôm nay hoặc một ngày sắp tới.")},
            )
        new = with_plan(plans, plan)
        _write(current, school_id, new)
        details = {
            "starts_on": plan.starts_on.isoformat(),
            "grades": [plan.first_grade, plan.last_grade],
            "periods": [_told(period) for period in plan.periods],
        }
        record(current, actor, "bells.saved", ("unit", school_id), details)
        _tell(current, school_id, new, plan.starts_on)


def drop_plan(actor: Actor, school_id: int, starts_on: date, grades: Iterable[int] = GRADES) -> None:
    """Take back what has not begun yet for these grades; what was before it holds on. Else raises ConflictError."""
    wanted = set(grades)
    with db.transaction() as current:
        plans = bell_plans(current, school_id)
        if starts_on <= clock.today():
            raise ConflictError(
                say("Lịch này đã áp dụng. Hãy lập lịch mới từ hôm nay hoặc một ngày sắp tới.")
            )
        if not any(plan.starts_on == starts_on and wanted & set(plan.grades) for plan in plans):
            return
        _tell(current, school_id, plans, starts_on)
        _write(current, school_id, without_plan(plans, starts_on, wanted))
        details = {"starts_on": starts_on.isoformat(), "grades": sorted(wanted)}
        record(current, actor, "bells.dropped", ("unit", school_id), details)


def _write(current: Session, school_id: int, plans: Sequence[Plan]) -> None:
    """Replace a school's rows. Nothing refers to a row of this table, and a school has few."""
    current.execute(delete(BellPeriod).where(BellPeriod.school_id == school_id))
    current.add_all(
        BellPeriod(
            school_id=school_id,
            day_session=period.day_session,
            number=period.number,
            begins_at=period.begins_at,
            finishes_at=period.finishes_at,
            programme_session=period.programme_session,
            plan_name=plan.name,
            first_grade=plan.first_grade,
            last_grade=plan.last_grade,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
        )
        for plan in plans
        for period in plan.periods
    )
    current.flush()


def _tell(current: Session, school_id: int, plans: Sequence[Plan], starts_on: date) -> None:
    ends = [plan.ends_on for plan in plans if plan.holds(starts_on)]
    after_last = max((end or starts_on + HORIZON for end in ends), default=starts_on + HORIZON)
    facts.record(current, CalendarChanged(school_id, starts_on, after_last))


def _told(period: Period) -> str:
    return f"{period.key} {period.begins_at:%H:%M}-{period.finishes_at:%H:%M} {period.programme_session}"
