"""Table of the steps of enrolment, each with the history before and after it, so that it can be taken back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class EnrolmentChange(Base):
    """A step: who did what to a pupil from which day on. `before` and `after` are the whole history (JSON).

    A transfer with `to_school_id` waits there until a step that `accepts_id` names it, or until it is undone.
    """

    __tablename__ = "enrolment_change"
    __table_args__ = (
        UniqueConstraint("client_key"),
        Index("ix_enrolment_change_pupil_id", "pupil_id", "id"),
        Index(
            "uq_enrolment_change_accepts_id",
            "accepts_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )
    id: Mapped[Pk]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    verb: Mapped[str] = mapped_column(String(12))
    day: Mapped[date]
    wrong_day: Mapped[date | None]
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    class_id: Mapped[int | None] = mapped_column(ref("school_class.id"), index=True)
    to_school_id: Mapped[int | None] = mapped_column(ref("school.id"), index=True)
    destination: Mapped[str] = mapped_column(default="")
    reason: Mapped[str | None] = mapped_column(String(2))
    note: Mapped[str] = mapped_column(default="")
    accepts_id: Mapped[int | None] = mapped_column(ref("enrolment_change.id"))
    before: Mapped[str]
    after: Mapped[str]
    decided_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    decided_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    undone_at: Mapped[datetime | None]
