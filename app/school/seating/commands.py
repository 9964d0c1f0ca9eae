"""Writes of seat plans: keep one from a day on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app import clock, db
from app.audit.commands import record
from app.school.classes.queries import year_span
from app.school.models import SchoolClass
from app.school.queries import pupils_in_class
from app.school.seating.models import PlanSeat, SeatPlan
from app.school.seating.rules import Plan, check_plan, check_start

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor


def save_plan(actor: Actor, class_id: int, plan: Plan, starts_on: date) -> int:
    """Let a class sit so from a day on, until its next plan begins; one that began the same day is replaced.

    The days before keep their plan; saving the same again changes nothing. Raises InvalidError.
    """
    with db.transaction() as current:
        school_class = current.get_one(SchoolClass, class_id, with_for_update=True)
        every = current.scalars(select(SeatPlan).where(SeatPlan.class_id == class_id)).all()
        row = next((row for row in every if row.starts_on == starts_on), None)
        if row is not None and _is_same(current, row, plan):
            return row.id
        known = [other.starts_on for other in every]
        check_start(starts_on, known, year_span(current, school_class), clock.today())
        check_plan(plan, [pupil.id for pupil in pupils_in_class(current, class_id, starts_on)])
        if row is None:
            row = SeatPlan(class_id=class_id, starts_on=starts_on, rows=0, columns=0, made_at=clock.now())
            _put_between(row, [other for other in every if other.starts_on != starts_on])
            current.add(row)
        row.rows, row.columns = plan.rows, plan.columns
        row.made_by, row.made_at = actor.user_id or None, clock.now()
        current.flush()
        _seat(current, row.id, plan)
        details = {"from": starts_on, "count": len(plan.seats)}
        record(current, actor, "seats.arranged", ("class", class_id), details)
        return row.id


def _put_between(row: SeatPlan, others: list[SeatPlan]) -> None:
    """End the plan that holds when a new one begins; end the new one where the next begins."""
    for other in others:
        if other.starts_on < row.starts_on and (other.ends_on is None or other.ends_on > row.starts_on):
            other.ends_on = row.starts_on
    row.ends_on = min((one.starts_on for one in others if one.starts_on > row.starts_on), default=None)


def _seats(current: Session, plan_id: int) -> set[tuple[int, int, int]]:
    rows = current.scalars(select(PlanSeat).where(PlanSeat.plan_id == plan_id))
    return {(seat.pupil_id, seat.row, seat.column) for seat in rows}


def _is_same(current: Session, row: SeatPlan, plan: Plan) -> bool:
    wanted = {(seat.pupil_id, seat.row, seat.column) for seat in plan.seats}
    return (row.rows, row.columns) == (plan.rows, plan.columns) and _seats(current, row.id) == wanted


def _seat(current: Session, plan_id: int, plan: Plan) -> None:
    current.execute(
        delete(PlanSeat).where(PlanSeat.plan_id == plan_id).execution_options(synchronize_session=False)
    )
    current.expire_all()
    current.add_all(
        PlanSeat(plan_id=plan_id, pupil_id=seat.pupil_id, row=seat.row, column=seat.column)
        for seat in plan.seats
    )
    current.flush()
