"""Tables of the submissions: the report of a school, everything that was done to it, and who was reminded of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Submission(Base):
    """The report of a school once somebody acted on it; before that it is simply computed and has no row.

    `period` is a month ("2026-10") or an official day ("2026-2027-start").
    `round` counts acceptances, 0 before the first. `counts` are the figures of the last step that looked at them
    (canonical JSON: submitted, approved or accepted), `counts_hash` their SHA-256.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("school_id", "period"),
        CheckConstraint(
            "state IN ('submitted', 'approved', 'returned', 'accepted', 'reopened')", name="state"
        ),
        CheckConstraint("round >= 0", name="round"),
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
    """An act on a submission, append-only: who took which step, when and why."""

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


class SubmissionReminder(Base):
    """The department reminded a school of a report that is late; once a day at most."""

    __tablename__ = "submission_reminder"
    __table_args__ = (UniqueConstraint("school_id", "period", "day"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    period: Mapped[str] = mapped_column(String(16))
    day: Mapped[date]
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    user_name: Mapped[str]
    at: Mapped[datetime]
