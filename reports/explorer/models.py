"""Views that people keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref
from reports.explorer.rules import LONGEST_NAME, LONGEST_QUERY


class FigureView(Base):
    """A view of an account, kept as its address; `is_pinned` puts it on the account's dashboard."""

    __tablename__ = "figure_view"
    __table_args__ = (UniqueConstraint("user_id", "client_key"),)
    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    is_pinned: Mapped[bool]
    made_at: Mapped[datetime]
