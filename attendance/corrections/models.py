"""Requests to correct a register whose window has passed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref

_WAITING = text("state = 'waiting'")


class MarkCorrection(Base):
    """What somebody wants a register to say of a pupil (`letter` "" is present), why, and what was decided."""

    __tablename__ = "mark_correction"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint("state IN ('waiting', 'approved', 'rejected')", name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        Index("ix_mark_correction_register_id", "register_id"),
        Index("ix_mark_correction_pupil_id", "pupil_id"),
        Index(
            "uq_mark_correction_waiting",
            "register_id",
            "pupil_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )
    id: Mapped[Pk]
    client_key: Mapped[str] = mapped_column(String(40))
    register_id: Mapped[int] = mapped_column(ref("register.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    letter: Mapped[str] = mapped_column(String(4))
    why: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    requested_by: Mapped[int] = mapped_column(ref("user_account.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ref("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(200))
