"""Tables of lesson plans and their versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class LessonPlan(Base):
    """A lesson plan. `version` is the number of the version that holds now."""

    __tablename__ = "lesson_plan"
    __table_args__ = (
        UniqueConstraint("op_id"),
        Index("ix_lesson_plan_owner_id", "owner_id", "updated_at"),
        Index("ix_lesson_plan_school_id", "school_id", "is_shared"),
    )
    id: Mapped[Pk]
    op_id: Mapped[str] = mapped_column(String(36))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    owner_id: Mapped[int] = mapped_column(ref("user_account.id"))
    title: Mapped[str]
    title_fold: Mapped[str]
    subject: Mapped[str]
    version: Mapped[int]
    question_count: Mapped[int]
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_archived: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime]


class PlanVersion(Base):
    """One saved state of a plan, never changed; `copied_from_id` is the version of another plan that it began as."""

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        UniqueConstraint("plan_id", "op_id"),
        CheckConstraint("number >= 1", name="number"),
    )
    id: Mapped[Pk]
    plan_id: Mapped[int] = mapped_column(ref("lesson_plan.id"))
    number: Mapped[int]
    op_id: Mapped[str] = mapped_column(String(36))
    title: Mapped[str]
    subject: Mapped[str]
    questions: Mapped[str]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"))
    saved_at: Mapped[datetime]
    copied_from_id: Mapped[int | None] = mapped_column(ref("plan_version.id"), index=True)
