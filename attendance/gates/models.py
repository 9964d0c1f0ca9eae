"""The table of gates. Only the public half of a key is kept: whoever steals the database signs nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Gate(Base):
    """A device of a school that reads cards. It is good until it is revoked; revoked ones stay.

    `client_key` is made by the page, so that a form sent twice is one gate.
    """

    __tablename__ = "gate"
    __table_args__ = (UniqueConstraint("key_id"), UniqueConstraint("client_key"))
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    client_key: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(16))
    public_pem: Mapped[str]
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
