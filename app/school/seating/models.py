"""Tables of seat plans."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class SeatPlan(Base):
    """How a class sits from a day on, until the day before the next plan. Rows count from the board backwards."""

    __tablename__ = "seat_plan"
    __table_args__ = (
        UniqueConstraint("class_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="dates"),
    )
    id: Mapped[Pk]
    class_id: Mapped[int] = mapped_column(ref("school_class.id"))
    rows: Mapped[int]
    columns: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]


class PlanSeat(Base):
    """A pupil's place in a plan; row and column count from 0, seen from the teacher's desk at the board."""

    __tablename__ = "plan_seat"
    __table_args__ = (UniqueConstraint("plan_id", "pupil_id"),)
    plan_id: Mapped[int] = mapped_column(ref("seat_plan.id"), primary_key=True, autoincrement=False)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    column: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
