"""The table of those who lead a lesson besides its owner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class CoTeacher(Base):
    """Somebody who leads a lesson with its owner; `added_by` is None where the timetable says so."""

    __tablename__ = "lesson_teacher"
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(
        ref("user_account.id"), primary_key=True, autoincrement=False, index=True
    )
    added_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    added_at: Mapped[datetime]
