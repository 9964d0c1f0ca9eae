"""Tables of the schools' decisions, and of the counts that stay when answers go."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class AnswerRetention(Base):
    """How many months after a lesson a school keeps each pupil's answers; without a row they are kept."""

    __tablename__ = "answer_retention"
    __table_args__ = (CheckConstraint("months BETWEEN 1 AND 120", name="months"),)
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True, autoincrement=False)
    months: Mapped[int] = mapped_column(SmallInteger)


class RoundSummary(Base):
    """What stays of a round: how many answered in time and late, how many were right, and what was chosen how often.

    `counts` is JSON; texts that pupils typed are not in it. `right` is None where nothing is right or wrong.
    """

    __tablename__ = "round_summary"
    activity_id: Mapped[int] = mapped_column(ref("activity.id"), primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    answered: Mapped[int]
    late: Mapped[int]
    right: Mapped[int | None]
    counts: Mapped[str]
