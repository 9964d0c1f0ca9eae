"""Reading seat plans. **For registers and lessons**: `seats_of_class` says who sits where on a day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.school.models import ClassMembership
from app.school.queries import holds_on
from app.school.seating.models import PlanSeat, SeatPlan
from app.school.seating.rules import Plan, Seat

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session


def seats_of_class(session: Session, class_id: int, day: date) -> Plan | None:
    """Return how a class sits on a day, None without a plan; pupils who are not in the class then have no seat.

    Two queries. `Plan.by_pupil` is {pupil: (row, column)}, rows counted from the board backwards.
    """
    row = session.scalar(
        select(SeatPlan).where(
            SeatPlan.class_id == class_id,
            SeatPlan.starts_on <= day,
            or_(SeatPlan.ends_on.is_(None), SeatPlan.ends_on > day),
        )
    )
    if row is None:
        return None
    seats = session.scalars(
        select(PlanSeat)
        .join(
            ClassMembership,
            (ClassMembership.pupil_id == PlanSeat.pupil_id) & (ClassMembership.class_id == class_id),
        )
        .where(PlanSeat.plan_id == row.id, holds_on(ClassMembership, day))
        .order_by(PlanSeat.row, PlanSeat.column)
    )
    found = tuple(Seat(seat.pupil_id, seat.row, seat.column) for seat in seats)
    return Plan(row.rows, row.columns, found, row.starts_on)


def plans_between(
    session: Session, class_ids: Collection[int], first: date, after_last: date
) -> dict[int, list[Plan]]:
    """Return {class: plans that hold on some day of [first, after_last), the earliest first}. Two queries.

    For many sheets at once: the plan of a day is the last one that has begun (`rules.plan_on`). Seats of pupils who
    have left since are in it; whoever draws knows who is in the class.
    """
    rows = session.scalars(
        select(SeatPlan)
        .where(
            SeatPlan.class_id.in_(list(class_ids)),
            SeatPlan.starts_on < after_last,
            or_(SeatPlan.ends_on.is_(None), SeatPlan.ends_on > first),
        )
        .order_by(SeatPlan.class_id, SeatPlan.starts_on)
    ).all()
    seats: defaultdict[int, list[Seat]] = defaultdict(list)
    for seat in session.scalars(
        select(PlanSeat)
        .where(PlanSeat.plan_id.in_([row.id for row in rows]))
        .order_by(PlanSeat.row, PlanSeat.column)
    ):
        seats[seat.plan_id].append(Seat(seat.pupil_id, seat.row, seat.column))
    found: defaultdict[int, list[Plan]] = defaultdict(list)
    for row in rows:
        found[row.class_id].append(Plan(row.rows, row.columns, tuple(seats[row.id]), row.starts_on))
    return found


def plan_days(session: Session, class_id: int) -> list[date]:
    """Return the days on which a class's plans begin, the newest first."""
    return list(
        session.scalars(
            select(SeatPlan.starts_on)
            .where(SeatPlan.class_id == class_id)
            .order_by(SeatPlan.starts_on.desc())
        )
    )
