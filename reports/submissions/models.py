"""Tables of the submissions: the month of a school, and everything that was done to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Submission(Base):
    """The month of a school once somebody acted on it; before that it is simply computed and has no row.

    `round` counts acceptances. `counts` are the figures as accepted (canonical JSON), `counts_hash` their SHA-256.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("school_id", "period"),
        CheckConstraint("state IN ('accepted', 'reopened')", name="state"),
        CheckConstraint("round >= 1", name="round"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    period: Mapped[str] = mapped_column(String(16), index=True)
    state: Mapped[str] = mapped_column(String(16))
    round: Mapped[int]
    counts: Mapped[str]
    counts_hash: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime]


class SubmissionEvent(Base):
    """An act on a submission, append-only: who accepted or reopened it, when and why."""

    __tablename__ = "submission_event"
    id: Mapped[Pk]
    submission_id: Mapped[int] = mapped_column(ref("submission.id"), index=True)
    action: Mapped[str] = mapped_column(String(16))
    round: Mapped[int]
    reason: Mapped[str]
    counts_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    user_name: Mapped[str]
    at: Mapped[datetime]
