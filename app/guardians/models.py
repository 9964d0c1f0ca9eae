"""The table of guardians."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref
from app.guardians.rules import Relationship


class Guardian(Base):
    """A guardian of a pupil as a school keeps it. With an account, `grant_id` is what lets it see this pupil only."""

    __tablename__ = "guardian"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint("relationship IN ('" + "', '".join(Relationship) + "')", name="relationship"),
    )
    id: Mapped[Pk]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    client_key: Mapped[str] = mapped_column(String(64))
    relationship: Mapped[str] = mapped_column(String(16))
    full_name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ref("role_grant.id"), index=True)
    row_version: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
