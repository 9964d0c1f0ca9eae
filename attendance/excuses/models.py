"""Excuses and what they cover."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Excuse(Base):
    """A request to be excused from a session of a day up to one of another; slots 1 morning, 2 afternoon, 3 evening."""

    __tablename__ = "excuse"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint("source IN ('guardian', 'homeroom', 'office')", name="source"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'needs_info', 'approved', 'rejected', 'withdrawn')", name="state"
        ),
        CheckConstraint(
            "last_day > first_day OR (last_day = first_day AND last_slot >= first_slot)", name="dates"
        ),
        CheckConstraint("first_slot BETWEEN 1 AND 3 AND last_slot BETWEEN 1 AND 3", name="slots"),
        Index("ix_excuse_pupil_id", "pupil_id", "first_day"),
        Index("ix_excuse_school_id", "school_id", "state"),
    )
    id: Mapped[Pk]
    client_key: Mapped[str] = mapped_column(String(40))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    first_day: Mapped[date]
    first_slot: Mapped[int] = mapped_column(SmallInteger)
    last_day: Mapped[date]
    last_slot: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    requested_by: Mapped[int] = mapped_column(ref("user_account.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ref("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(200))


class ExcuseCover(Base):
    """That an approved excuse covers its pupil's absence in a register. The mark stays whatever it is."""

    __tablename__ = "excuse_cover"
    __table_args__ = (Index("ix_excuse_cover_register_id", "register_id"),)
    excuse_id: Mapped[int] = mapped_column(ref("excuse.id"), primary_key=True)
    register_id: Mapped[int] = mapped_column(ref("register.id"), primary_key=True)


class ExcuseStep(Base):
    """What was done with an excuse and said about it, in order: sent, asked back, answered, decided, withdrawn."""

    __tablename__ = "excuse_step"
    __table_args__ = (
        CheckConstraint("step IN ('submit', 'ask', 'answer', 'approve', 'reject', 'withdraw')", name="step"),
        Index("ix_excuse_step_excuse_id", "excuse_id"),
    )
    id: Mapped[Pk]
    excuse_id: Mapped[int] = mapped_column(ref("excuse.id"))
    step: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(200))
    by: Mapped[int] = mapped_column(ref("user_account.id"))
    at: Mapped[datetime]


class ExcuseFile(Base):
    """A paper of an excuse, sealed. When the school's time is over `sealed` is emptied; that there was one stays."""

    __tablename__ = "excuse_file"
    __table_args__ = (
        UniqueConstraint("excuse_id", "sha256"),
        CheckConstraint("kind IN ('jpeg', 'pdf')", name="kind"),
        CheckConstraint("(sealed IS NULL) = (deleted_at IS NOT NULL)", name="deleted"),
    )
    id: Mapped[Pk]
    excuse_id: Mapped[int] = mapped_column(ref("excuse.id"))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    added_by: Mapped[int] = mapped_column(ref("user_account.id"))
    added_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
