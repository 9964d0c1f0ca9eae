"""The table of a lesson's events; append only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class LessonEvent(Base):
    """What happened in a lesson, numbered without gaps. `content` is what a teacher's screen changes by, as JSON."""

    __tablename__ = "lesson_event"
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    content: Mapped[str]
    at: Mapped[datetime]
