"""Tables of timetables: files that were read, and what changes on a single day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class TimetableImport(Base):
    """A timetable file that was read (its cells as JSON) and, once confirmed, the draft that it became."""

    __tablename__ = "timetable_import"
    __table_args__ = (UniqueConstraint("school_id", "client_key"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    client_key: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str]
    cells: Mapped[str]
    uploaded_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    uploaded_at: Mapped[datetime]
    timetable_id: Mapped[int | None] = mapped_column(ref("timetable.id"), index=True)


class LessonChange(Base):
    """What happens to one lesson of the timetable on one day: cancelled, or taught by a substitute.

    `grant_id` is the substitute's grant for the day; NULL when the substitute has no account or needs none.
    """

    __tablename__ = "lesson_change"
    __table_args__ = (
        UniqueConstraint("entry_id", "day"),
        CheckConstraint(
            "(kind = 'cancelled' AND substitute_id IS NULL) OR (kind = 'substituted' AND substitute_id IS NOT NULL)",
            name="kind",
        ),
    )
    id: Mapped[Pk]
    entry_id: Mapped[int] = mapped_column(ref("timetable_entry.id"))
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    substitute_id: Mapped[int | None] = mapped_column(ref("staff.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ref("role_grant.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    decided_at: Mapped[datetime]
