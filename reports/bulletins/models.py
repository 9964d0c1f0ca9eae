"""Tables of the bulletins: what somebody asked for, what was filed, and what is made by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class BulletinOrder(Base):
    """Somebody, or a schedule (`made_by` None), wants the month of a unit, and perhaps of each school below it.

    `client_key` is made by the page or the schedule, so that the same wish twice is one order.
    """

    __tablename__ = "bulletin_order"
    __table_args__ = (
        UniqueConstraint("client_key"),
        Index("ix_bulletin_order_unit_id", "unit_id", "made_at"),
    )
    id: Mapped[Pk]
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"))
    period: Mapped[str] = mapped_column(String(16))
    with_schools: Mapped[bool]
    client_key: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Bulletin(Base):
    """A filed report. `content` (canonical JSON) is never changed: other figures are the next revision.

    `sha256` is of the content without the day, `paper_sha256` of the PDF made of it on the day of filing.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        UniqueConstraint("unit_id", "period", "revision"),
        CheckConstraint("revision >= 1", name="revision"),
    )
    id: Mapped[Pk]
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"))
    order_id: Mapped[int] = mapped_column(ref("bulletin_order.id"), index=True)
    period: Mapped[str] = mapped_column(String(16), index=True)
    revision: Mapped[int]
    content: Mapped[str] = mapped_column(deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    paper_sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class BulletinSchedule(Base):
    """The cron rule by which a unit's bulletins are made; `seen_until` is how far it was looked at."""

    __tablename__ = "bulletin_schedule"
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"), primary_key=True, autoincrement=False)
    cron: Mapped[str] = mapped_column(String(60))
    with_schools: Mapped[bool]
    seen_until: Mapped[datetime]
    set_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
