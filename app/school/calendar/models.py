"""Table of the calendar's decisions, each of which can be taken back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class CalendarChange(Base):
    """A decision about [first, after_last) at a unit, with the entries that it replaced (JSON).

    `kind` NULL: the unit's own entries were taken away and the days are inherited again.
    """

    __tablename__ = "calendar_change"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint("after_last > first", name="dates"),
    )
    id: Mapped[Pk]
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"), index=True)
    client_key: Mapped[str] = mapped_column(String(64))
    first: Mapped[date]
    after_last: Mapped[date]
    kind: Mapped[str | None] = mapped_column(String(16))
    only_session: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(default="")
    before: Mapped[str]
    decided_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    decided_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    undone_at: Mapped[datetime | None]
