"""Tables of guests and of what they answered; a pupil's tables never hold a guest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, Pk, ref


class Guest(Base):
    """Somebody in a lesson who is none of its pupils; without a `device_hash` one who was shown out."""

    __tablename__ = "lesson_guest"
    __table_args__ = (
        UniqueConstraint("lesson_id", "nickname_fold"),
        UniqueConstraint("lesson_id", "device_hash"),
    )
    id: Mapped[Pk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    nickname: Mapped[str] = mapped_column(String(40))
    nickname_fold: Mapped[str] = mapped_column(String(80))
    device_hash: Mapped[str | None] = mapped_column(String(64))
    joined_at: Mapped[datetime]


class GuestAnswer(Base):
    """The answer that stands for a guest in a round of an activity."""

    __tablename__ = "guest_answer"
    __table_args__ = (
        UniqueConstraint("guest_id", "activity_id", "round"),
        Index("ix_guest_answer_activity_id", "activity_id", "round"),
    )
    id: Mapped[BigPk]
    guest_id: Mapped[int] = mapped_column(ref("lesson_guest.id"))
    activity_id: Mapped[int] = mapped_column(ref("activity.id"))
    round: Mapped[int]
    uuid: Mapped[str] = mapped_column(String(36))
    answer: Mapped[str]
    is_late: Mapped[bool]
    version: Mapped[int]
    made: Mapped[int] = mapped_column(BigInteger())
    answered_at: Mapped[datetime]
