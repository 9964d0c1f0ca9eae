"""Tables of photographs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class PhotoSwitch(Base):
    """That a school keeps photographs of its pupils from a moment on, until another, and why. Rows stay."""

    __tablename__ = "photo_switch"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason"),
        Index(
            "uq_photo_switch_on",
            "school_id",
            unique=True,
            sqlite_where=text("off_at IS NULL"),
            postgresql_where=text("off_at IS NULL"),
        ),
        Index("ix_photo_switch_school_id", "school_id", "on_at"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    reason: Mapped[str] = mapped_column(String(300))
    on_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    on_at: Mapped[datetime]
    off_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    off_at: Mapped[datetime | None]


class PupilPhoto(Base):
    """A pupil's photograph at a school, sealed (`queries.PURPOSE`)."""

    __tablename__ = "pupil_photo"
    __table_args__ = (
        UniqueConstraint("pupil_id", "school_id"),
        Index("ix_pupil_photo_school_id", "school_id"),
    )
    id: Mapped[Pk]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    added_at: Mapped[datetime]
