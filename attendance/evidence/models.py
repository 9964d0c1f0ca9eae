"""The table of evidence. `source` is unique: a replayed fact or a repeated gate message has no second effect."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, ref


class Evidence(Base):
    """That a pupil was seen on a school day. `slot`: 1 morning, 2 afternoon, 3 evening, 0 the day as a whole."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("source"),
        Index("ix_evidence_pupil_id_day", "pupil_id", "day"),
        Index("ix_evidence_school_id_day", "school_id", "day"),
    )
    id: Mapped[BigPk]
    kind: Mapped[str] = mapped_column(String(16))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    day: Mapped[date]
    slot: Mapped[int] = mapped_column(SmallInteger)
    period: Mapped[int | None] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(80))
