"""Tables of contact data: what a school has switched on and why, and the values themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class ContactSwitch(Base):
    """That a school keeps a kind of contact data: who decided so, when and why; ended when switched off."""

    __tablename__ = "contact_switch"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason"),
        Index(
            "uq_contact_switch_on",
            "school_id",
            "field",
            unique=True,
            sqlite_where=text("off_at IS NULL"),
            postgresql_where=text("off_at IS NULL"),
        ),
        Index("ix_contact_switch_school", "school_id", "on_at"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    field: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(300))
    on_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    on_at: Mapped[datetime]
    off_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    off_at: Mapped[datetime | None]


class PupilContact(Base):
    """One kind of contact data of a pupil at a school. A personal id is sealed (`queries.ID_PURPOSE`)."""

    __tablename__ = "pupil_contact"
    __table_args__ = (
        UniqueConstraint("pupil_id", "school_id", "field"),
        Index("ix_pupil_contact_school", "school_id", "field"),
    )
    id: Mapped[Pk]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    field: Mapped[str] = mapped_column(String(24))
    value: Mapped[str]
    updated_at: Mapped[datetime]
