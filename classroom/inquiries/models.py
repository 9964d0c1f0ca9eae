"""Tables of pupils' questions and of the votes for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, Pk, ref


class Inquiry(Base):
    """A question that a pupil asked. Only a shown or answered one is seen by others, and never with its name."""

    __tablename__ = "inquiry"
    __table_args__ = (
        UniqueConstraint("lesson_id", "pupil_id", "uuid"),
        Index("ix_inquiry_pupil_id", "pupil_id"),
        CheckConstraint("state IN ('waiting', 'shown', 'hidden', 'answered')", name="state"),
    )
    id: Mapped[Pk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    text: Mapped[str]
    state: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime]


class InquiryVote(Base):
    """A pupil's vote for a question: one at most. `made` is the device's clock, to order its own taps."""

    __tablename__ = "inquiry_vote"
    __table_args__ = (
        UniqueConstraint("inquiry_id", "pupil_id"),
        Index("ix_inquiry_vote_pupil_id", "pupil_id"),
    )
    id: Mapped[BigPk]
    inquiry_id: Mapped[int] = mapped_column(ref("inquiry.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    is_up: Mapped[bool]
    made: Mapped[int] = mapped_column(BigInteger())
