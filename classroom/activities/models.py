"""The table of a lesson's activities."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Activity(Base):
    """An activity of a lesson. `content` is JSON and frozen once the activity was opened.

    `moderation` is a JSON list: open texts that a teacher let through, or phrases that were taken out of a cloud.
    `shown_seq` is the number of the lesson's event that last put it on stage; the largest one is the current activity.
    """

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("lesson_id", "op_id"),
        CheckConstraint("round BETWEEN 1 AND 9", name="round"),
    )
    id: Mapped[Pk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"), index=True)
    op_id: Mapped[str] = mapped_column(String(36))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    content: Mapped[str]
    phase: Mapped[str] = mapped_column(String(16))
    round: Mapped[int] = mapped_column(default=1)
    shown_seq: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    moderation: Mapped[str] = mapped_column(default="[]")
