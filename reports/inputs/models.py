"""Table of entered figures: append-only, the newest revision counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class EnteredFigure(Base):
    """A figure that somebody entered about a unit and a school year ("2026-2027"), with its source.

    `part` and `whole` are what the item asks for. A correction is a row with the next `revision`.
    """

    __tablename__ = "entered_figure"
    __table_args__ = (
        UniqueConstraint("unit_id", "year_code", "item", "revision"),
        CheckConstraint("part >= 0 AND (whole IS NULL OR whole >= part)", name="numbers"),
        CheckConstraint("revision >= 1", name="revision"),
    )
    id: Mapped[Pk]
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"))
    year_code: Mapped[str] = mapped_column(String(9))
    item: Mapped[str] = mapped_column(String(24))
    revision: Mapped[int]
    part: Mapped[int]
    whole: Mapped[int | None]
    source: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    user_name: Mapped[str]
    at: Mapped[datetime]
