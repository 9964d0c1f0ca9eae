"""What a pupil's count of absences begins with."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class AbsenceOpening(Base):
    """Sessions missed in a school year before the pupil came here, as the former school's papers say."""

    __tablename__ = "absence_opening"
    __table_args__ = (CheckConstraint("sessions BETWEEN 0 AND 300", name="sessions"),)
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), primary_key=True)
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), primary_key=True)
    sessions: Mapped[int] = mapped_column(SmallInteger)
    note: Mapped[str] = mapped_column(String(200))
