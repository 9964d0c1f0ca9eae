"""Table of the keys with which programs read figures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class ReadingKey(Base):
    """A program's key for the figures of a unit and below; only its SHA-256 is stored. Withdrawn ones stay."""

    __tablename__ = "reading_key"
    __table_args__ = (UniqueConstraint("token_hash"),)
    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
