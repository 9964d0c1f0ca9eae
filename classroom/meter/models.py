"""The table of what pupils said about following the lesson."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, ref


class MeterTap(Base):
    """One tap on the meter: it holds until the pupil's next one. `feels` is empty when the pupil took it back."""

    __tablename__ = "meter_tap"
    __table_args__ = (
        UniqueConstraint("lesson_id", "pupil_id", "uuid"),
        Index("ix_meter_tap_pupil_id", "pupil_id"),
        CheckConstraint("feels IN ('got', 'lost', '')", name="feels"),
    )
    id: Mapped[BigPk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    feels: Mapped[str] = mapped_column(String(4))
    at: Mapped[datetime]
