"""Tables of the cubes. Every row can be thrown away and computed again from registers and lessons."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class ClassDay(Base):
    """What the registers and live lessons of one class say about one day. Recomputed as a whole, never incremented."""

    __tablename__ = "cube_class_day"
    __table_args__ = (
        Index("ix_cube_class_day_school", "school_id", "day"),
        Index("ix_cube_class_day_computed_at", "computed_at"),
        CheckConstraint("sessions_taken <= sessions_due", name="taken"),
        CheckConstraint("excused + unexcused + pending <= expected AND late <= expected", name="parts"),
    )
    class_id: Mapped[int] = mapped_column(ref("school_class.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    sessions_due: Mapped[int]
    sessions_taken: Mapped[int]
    expected: Mapped[int]
    excused: Mapped[int]
    unexcused: Mapped[int]
    pending: Mapped[int]
    late: Mapped[int]
    lessons_held: Mapped[int]
    computed_at: Mapped[datetime]


class SchoolDay(Base):
    """What the days of a school's classes add up to: a province reads a month in 9,500 rows instead of 170,000.

    Summed again in the transaction that changes any of them; it says nothing that `ClassDay` does not.
    """

    __tablename__ = "cube_school_day"
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    sessions_due: Mapped[int]
    sessions_taken: Mapped[int]
    expected: Mapped[int]
    excused: Mapped[int]
    unexcused: Mapped[int]
    pending: Mapped[int]
    late: Mapped[int]
    lessons_held: Mapped[int]
