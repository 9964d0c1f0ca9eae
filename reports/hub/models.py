"""Tables of an installation in hub mode: who may send, what is held, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class HubSender(Base):
    """An installation that may send slices."""

    __tablename__ = "hub_sender"
    __table_args__ = (UniqueConstraint("code"),)
    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    added_at: Mapped[datetime]


class HubSenderKey(Base):
    """A public key of a sender. Several may be valid while a sender changes over; a withdrawn one stays on record."""

    __tablename__ = "hub_sender_key"
    __table_args__ = (UniqueConstraint("key_id"),)
    id: Mapped[Pk]
    sender_id: Mapped[int] = mapped_column(ref("hub_sender.id"), index=True)
    key_id: Mapped[str] = mapped_column(String(64))
    public_pem: Mapped[str]
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class HubSlice(Base):
    """The slice that holds for a sender, organisation, dataset and period: the one with the highest number."""

    __tablename__ = "hub_slice"
    __table_args__ = (
        UniqueConstraint("sender_id", "dataset", "organisation", "period"),
        Index("ix_hub_slice_period", "dataset", "period"),
        CheckConstraint("sequence >= 1", name="sequence"),
    )
    id: Mapped[Pk]
    sender_id: Mapped[int] = mapped_column(ref("hub_sender.id"))
    dataset: Mapped[str] = mapped_column(String(64))
    organisation: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    content: Mapped[str]
    received_at: Mapped[datetime]


class HubReceipt(Base):
    """What was answered to a message, by its Idempotency-Key: asked again, the hub answers the same again."""

    __tablename__ = "hub_receipt"
    __table_args__ = (UniqueConstraint("sender_id", "idempotency_key"),)
    id: Mapped[Pk]
    sender_id: Mapped[int] = mapped_column(ref("hub_sender.id"))
    idempotency_key: Mapped[str] = mapped_column(String(128))
    sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime]
