"""Tables of cards: the number of a pupil within a class, and the sheets that were made to print."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref
from app.school.cards.rules import LARGEST_NUMBER


class CardNumber(Base):
    """The number of a pupil's card within a class; a class is of one year, so the number holds for the year."""

    __tablename__ = "card_number"
    __table_args__ = (
        UniqueConstraint("class_id", "pupil_id"),
        UniqueConstraint("class_id", "number"),
        CheckConstraint(f"number BETWEEN 1 AND {LARGEST_NUMBER}", name="number"),
    )
    id: Mapped[Pk]
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"))
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupil.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]


class CardPrint(Base):
    """Sheets of cards for a school, one class or one pupil. A job fills `content` (PDF); a week later it is emptied.

    `client_key` is made by the page, so that a form sent twice is one print. `address` is where this school is reached.
    """

    __tablename__ = "card_print"
    __table_args__ = (
        UniqueConstraint("client_key"),
        Index("ix_card_print_school_id", "school_id", "made_at"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    class_id: Mapped[int | None] = mapped_column(
        ForeignKey("school_class.id", ondelete="CASCADE"), index=True
    )
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupil.id", ondelete="CASCADE"), index=True)
    client_key: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(300))
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    count: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
