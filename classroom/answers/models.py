"""The ledger of answers: the one that stands, and every answer that ever came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, ref


class Attempt(Base):
    """The answer that stands for a pupil in a round of an activity. `made` is the device's count of its own taps."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("lesson_id", "pupil_id", "activity_id", "round"),
        Index("ix_attempt_pupil_id", "pupil_id"),
        Index("ix_attempt_activity_id", "activity_id", "round"),
    )
    id: Mapped[BigPk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    activity_id: Mapped[int] = mapped_column(ref("activity.id"))
    round: Mapped[int]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    answer: Mapped[str]
    source: Mapped[str] = mapped_column(String(8))
    is_late: Mapped[bool]
    version: Mapped[int]
    made: Mapped[int] = mapped_column(BigInteger())
    device: Mapped[str] = mapped_column(String(16))
    answered_at: Mapped[datetime]


class AttemptChange(Base):
    """Every answer that was stored, in order, also those that a later one replaced or that came too late."""

    __tablename__ = "attempt_change"
    __table_args__ = (
        UniqueConstraint("activity_id", "pupil_id", "uuid"),
        Index("ix_attempt_change_pupil_id", "pupil_id"),
    )
    id: Mapped[BigPk]
    activity_id: Mapped[int] = mapped_column(ref("activity.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    round: Mapped[int]
    uuid: Mapped[str] = mapped_column(String(36))
    answer: Mapped[str]
    source: Mapped[str] = mapped_column(String(8))
    is_late: Mapped[bool]
    is_kept: Mapped[bool]
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"))
    arrived_at: Mapped[datetime]
