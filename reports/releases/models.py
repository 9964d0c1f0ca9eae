"""What was withheld in earlier releases of a period: a revision may only add to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class FrozenCell(Base):
    """A cell of a school's table that some release of the period withheld. `cell` is the path within the school."""

    __tablename__ = "frozen_cell"
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True, autoincrement=False)
    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    period: Mapped[str] = mapped_column(String(16), primary_key=True)
    cell: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
