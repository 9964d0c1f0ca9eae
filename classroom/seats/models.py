"""Tables of seats and of wrong tries at them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, Pk, ref


class Seat(Base):
    """A pupil in a lesson, and the one device that answers for the pupil; only the hash of its token is stored.

    `extra_percent` is the pupil's extra time in this lesson, as a share of a timer.
    """

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("lesson_id", "pupil_id"),
        UniqueConstraint("lesson_id", "device_hash"),
        Index("ix_seat_pupil_id", "pupil_id"),
    )
    id: Mapped[Pk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    device_hash: Mapped[str | None] = mapped_column(String(64))
    joined_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    extra_percent: Mapped[int] = mapped_column(default=0)


class WrongTry(Base):
    """A wrong card code, so that codes cannot be guessed: counted by pupil in a lesson and by device."""

    __tablename__ = "wrong_try"
    __table_args__ = (
        Index("ix_wrong_try_lesson_id", "lesson_id", "pupil_id", "at"),
        Index("ix_wrong_try_device_hash", "device_hash", "at"),
        Index("ix_wrong_try_pupil_id", "pupil_id"),
    )
    id: Mapped[BigPk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    device_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
