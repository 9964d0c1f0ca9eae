"""The table of the audit log. Triggers (migration 0001) refuse UPDATE and DELETE."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk


class AuditEntry(Base):
    """One entry. `entry_hash` = SHA-256 over the previous entry's hash and this entry's own canonical JSON."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("sequence"),
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_user_id", "user_id", "sequence"),
        Index("ix_audit_entry_action", "action", "sequence"),
    )
    id: Mapped[BigPk]
    sequence: Mapped[int]
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    user_name: Mapped[str]
    action: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[str] = mapped_column(String(80))
    details: Mapped[str]
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The single row that says where the chain ends; locking it puts writers in order."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    entry_hash: Mapped[str] = mapped_column(String(64))


class AuditCheck(Base):
    """The single row that says how far the chain was verified, when, and where it broke (`broken_at`).

    Entries up to `sequence` were found whole, the last of them with `entry_hash`; a check goes on from there. Once a
    day the whole chain is walked again, for an old entry may be changed after it was verified.
    """

    __tablename__ = "audit_check"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    entry_hash: Mapped[str] = mapped_column(String(64))
    broken_at: Mapped[int | None]
    verified_at: Mapped[datetime]
    whole_at: Mapped[datetime | None]
