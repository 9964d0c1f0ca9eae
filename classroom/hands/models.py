"""The table of raised hands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Hand(Base):
    """A hand that was raised once. `uuid` is made by the device for each raising; a lowered hand stays lowered."""

    __tablename__ = "raised_hand"
    __table_args__ = (
        UniqueConstraint("lesson_id", "pupil_id", "uuid"),
        Index("ix_raised_hand_pupil_id", "pupil_id"),
    )
    id: Mapped[Pk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    raised_at: Mapped[datetime]
    lowered_at: Mapped[datetime | None]
