"""The table of how sure pupils were."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, ref


class Confidence(Base):
    """Whether a pupil was sure of an answer. It belongs to the answer `uuid` and goes with it."""

    __tablename__ = "answer_confidence"
    __table_args__ = (
        UniqueConstraint("activity_id", "round", "pupil_id"),
        Index("ix_answer_confidence_pupil_id", "pupil_id"),
        Index("ix_answer_confidence_lesson_id", "lesson_id"),
    )
    id: Mapped[BigPk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    activity_id: Mapped[int] = mapped_column(ref("activity.id"))
    round: Mapped[int]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    is_sure: Mapped[bool]
    made: Mapped[int] = mapped_column(BigInteger())
