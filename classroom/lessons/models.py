"""The table of live lessons."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Lesson(Base):
    """A live lesson of a class. `seq` is the number of its last event; `screen_nonce` revokes the projector's address.

    `is_blank` darkens the projector, `shows_…` lets it show more, `takes_…` and `asks_…` offer more to pupils' devices;
    all are off at first. `goal_kind` says what the class counts together ("": nothing), up to `goal_count`.
    `answers_gone_at` says when the answers went and only counts stayed.
    A code belongs to one lesson at a time: it may be given again when that lesson has ended.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("op_id"),
        CheckConstraint("state IN ('lobby', 'running', 'ended')", name="state"),
        CheckConstraint("goal_kind IN ('', 'right', 'answered')", name="goal_kind"),
        Index("uq_lesson_live_code", "code", unique=True, sqlite_where=text("state <> 'ended'"),
              postgresql_where=text("state <> 'ended'")),
        Index("uq_lesson_live_slot", "class_id", "owner_id", "held_on", "day_session", "number", unique=True,
              sqlite_where=text("state <> 'ended'"), postgresql_where=text("state <> 'ended'")),
        Index("ix_lesson_class_id", "class_id", "held_on"),
        Index("ix_lesson_owner_id", "owner_id", "held_on"),
        Index("ix_lesson_school_id", "school_id", "held_on"),
    )  # fmt: skip
    id: Mapped[Pk]
    op_id: Mapped[str] = mapped_column(String(36))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    class_id: Mapped[int] = mapped_column(ref("school_class.id"))
    owner_id: Mapped[int] = mapped_column(ref("user_account.id"))
    subject: Mapped[str]
    held_on: Mapped[date]
    day_session: Mapped[str] = mapped_column(String(16))
    number: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(6))
    screen_nonce: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8))
    seq: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    plan_version_id: Mapped[int | None] = mapped_column(ref("plan_version.id"), index=True)
    is_blank: Mapped[bool] = mapped_column(default=False)
    shows_names: Mapped[bool] = mapped_column(default=False)
    shows_meter: Mapped[bool] = mapped_column(default=False)
    shows_inquiries: Mapped[bool] = mapped_column(default=False)
    shows_groups: Mapped[bool] = mapped_column(default=False)
    takes_inquiries: Mapped[bool] = mapped_column(default=False)
    takes_guests: Mapped[bool] = mapped_column(default=False)
    asks_confidence: Mapped[bool] = mapped_column(default=False)
    shows_board: Mapped[bool] = mapped_column(default=False)
    goal_kind: Mapped[str] = mapped_column(String(8), default="")
    goal_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    answers_gone_at: Mapped[datetime | None]


class Pick(Base):
    """A pupil whom the fair random picker called, so that those called lately rest."""

    __tablename__ = "lesson_pick"
    __table_args__ = (UniqueConstraint("lesson_id", "op_id"),)
    id: Mapped[Pk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    op_id: Mapped[str] = mapped_column(String(36))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
    at: Mapped[datetime]
