"""The outbox towards the hub: slices with where they stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class OutgoingSlice(Base):
    """A slice on its way, written in the transaction that accepted the submission.

    `content` is canonical JSON of protected counts, `certificate` the attacker's answer (it stays here), `receipt` the
    hub's. While SENDING it belongs to the sender that set `claimed_until`; after that moment anybody may take it.
    """

    __tablename__ = "outgoing_slice"
    __table_args__ = (
        UniqueConstraint("dataset", "school_id", "period", "sequence"),
        Index("ix_outgoing_slice_waiting", "id", sqlite_where=text("state IN ('queued', 'sending')"),
              postgresql_where=text("state IN ('queued', 'sending')")),
    )  # fmt: skip
    id: Mapped[Pk]
    dataset: Mapped[str] = mapped_column(String(64))
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    organisation: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int]
    content: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    replaces_sha256: Mapped[str | None] = mapped_column(String(64))
    certificate: Mapped[str]
    accepted_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
    receipt: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
