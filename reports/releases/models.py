"""What was withheld in earlier releases of a period: a revision may only add to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class FrozenCell(Base):
    """A cell of a school's table that some release of the period withheld. `cell` is the path within the school."""

    __tablename__ = "frozen_cell"
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True, autoincrement=False)
    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    period: Mapped[str] = mapped_column(String(16), primary_key=True)
    cell: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]


class ReleaseCertificate(Base):
    """What the attacker found of a pattern before it left for the first time: JSON, and the pattern's SHA-256."""

    __tablename__ = "release_certificate"
    __table_args__ = (UniqueConstraint("school_id", "dataset", "period", "pattern"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    dataset: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(16))
    pattern: Mapped[str] = mapped_column(String(64))
    certificate: Mapped[str]
    at: Mapped[datetime]
