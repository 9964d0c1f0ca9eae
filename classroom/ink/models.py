"""The table of ink."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, ref


class InkStroke(Base):
    """A stroke over a slide of a lesson, see `activities.rules.strokes`. What was undone is kept as gone."""

    __tablename__ = "ink_stroke"
    __table_args__ = (
        UniqueConstraint("lesson_id", "uuid"),
        CheckConstraint("pen IN ('red', 'blue', 'green', 'marker')", name="pen"),
        Index("ix_ink_stroke_activity_id", "activity_id", "id"),
    )
    id: Mapped[BigPk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    activity_id: Mapped[int] = mapped_column(ref("activity.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    user_id: Mapped[int] = mapped_column(ref("user_account.id"), index=True)
    pen: Mapped[str] = mapped_column(String(8))
    points: Mapped[str]
    is_gone: Mapped[bool] = mapped_column(default=False)
    drawn_at: Mapped[datetime]
