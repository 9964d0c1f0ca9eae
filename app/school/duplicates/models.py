"""Table of merged records. The record that went stays in `pupil`, without school, class or code."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class PupilMerge(Base):
    """That two records were made one at a school. `journal` (JSON) is what it did, for taking it back."""

    __tablename__ = "pupil_merge"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint("kept_id <> gone_id", name="two"),
        Index(
            "uq_pupil_merge_gone_id",
            "gone_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    kept_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ref("pupil.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    journal: Mapped[str]
    merged_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    merged_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    undone_at: Mapped[datetime | None]
