"""Tables of the stretches. Every row can be thrown away and computed again from registers and lessons."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class PupilStretch(Base):
    """What the registers of one class say of one pupil in one stretch. Recomputed as a whole, never incremented."""

    __tablename__ = "cube_pupil_stretch"
    __table_args__ = (
        Index("ix_cube_pupil_stretch_school", "school_id", "starts_on"),
        CheckConstraint("excused + unexcused + pending <= expected AND late <= expected", name="parts"),
    )
    class_id: Mapped[int] = mapped_column(ref("school_class.id"), primary_key=True, autoincrement=False)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), primary_key=True, autoincrement=False, index=True)
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    expected: Mapped[int] = mapped_column(SmallInteger)
    excused: Mapped[int] = mapped_column(SmallInteger)
    unexcused: Mapped[int] = mapped_column(SmallInteger)
    pending: Mapped[int] = mapped_column(SmallInteger)
    late: Mapped[int] = mapped_column(SmallInteger)


class ClassStretch(Base):
    """What is counted of one class in one stretch besides its days. Recomputed as a whole likewise."""

    __tablename__ = "cube_class_stretch"
    __table_args__ = (Index("ix_cube_class_stretch_school", "school_id", "starts_on"),)
    class_id: Mapped[int] = mapped_column(ref("school_class.id"), primary_key=True, autoincrement=False)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    sessions_on_time: Mapped[int]
    answers: Mapped[int]
    answers_possible: Mapped[int]
    attempts: Mapped[int]
