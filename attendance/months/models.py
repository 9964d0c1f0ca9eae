"""Closed months. A month that was opened again keeps its row; closing it anew writes another."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref

_STILL_CLOSED = text("reopened_at IS NULL")


class MonthClose(Base):
    """That a school closed a month (`month` is its first day), what it then came to, and when it was opened again.

    `sha256` is the fingerprint of all its registers and marks at that moment (`months.rules.fingerprint`).
    """

    __tablename__ = "month_close"
    __table_args__ = (
        Index(
            "uq_month_close_open",
            "school_id",
            "month",
            unique=True,
            sqlite_where=_STILL_CLOSED,
            postgresql_where=_STILL_CLOSED,
        ),
        CheckConstraint("(reopened_at IS NULL) = (reopen_why IS NULL)", name="reopened"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    month: Mapped[date]
    closed_by: Mapped[int] = mapped_column(ref("user_account.id"))
    closed_at: Mapped[datetime]
    register_count: Mapped[int]
    missing_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    reopened_by: Mapped[int | None] = mapped_column(ref("user_account.id"))
    reopened_at: Mapped[datetime | None]
    reopen_why: Mapped[str | None] = mapped_column(String(200))
