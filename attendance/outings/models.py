"""Tables of school events. [starts_on, ends_on) is half open; `slot` 0 is the whole day, 1 to 3 one session."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Outing(Base):
    """A school event. Called off, it suggests nothing more and can be put back.

    `client_key` is made by the page, so that a form sent twice is one event. `led_by` is the account of the teacher who
    leads it and takes its register.
    """

    __tablename__ = "outing"
    __table_args__ = (
        UniqueConstraint("client_key"),
        Index("ix_outing_school_id", "school_id", "starts_on"),
        CheckConstraint("ends_on > starts_on", name="dates"),
        CheckConstraint("slot BETWEEN 0 AND 3", name="slot"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    slot: Mapped[int] = mapped_column(SmallInteger)
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    led_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    called_off_at: Mapped[datetime | None]


class OutingPupil(Base):
    """That a pupil goes on an outing."""

    __tablename__ = "outing_pupil"
    __table_args__ = (UniqueConstraint("outing_id", "pupil_id"),)
    id: Mapped[Pk]
    outing_id: Mapped[int] = mapped_column(ForeignKey("outing.id", ondelete="CASCADE"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
