"""Tables of year rollovers: the plan of one, and what it wrote about each pupil, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref
from app.school.rollover.rules import RolloverState


class Rollover(Base):
    """A school's step from one year into the next. `plan` holds what was decided (`rules.plan_to_json`).

    `fingerprint` is the digest of the preview that was confirmed; `made_classes` the JSON list of the classes that the
    step opened; `numbers` the pupils by decision (JSON). At most one draft of a school lies open.
    """

    __tablename__ = "rollover"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint("state IN ('" + "', '".join(RolloverState) + "')", name="state"),
        CheckConstraint("from_year_id <> to_year_id", name="years"),
        Index(
            "uq_rollover_open",
            "school_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'applying')"),
            postgresql_where=text("state IN ('draft', 'applying')"),
        ),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    from_year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    to_year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    client_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    plan: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=0)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    numbers: Mapped[str | None]
    made_classes: Mapped[str] = mapped_column(default="[]")
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    applied_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    applied_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    undone_at: Mapped[datetime | None]


class RolloverLine(Base):
    """What a rollover did to one pupil; `before` and `after` are the whole history (JSON), as with every step."""

    __tablename__ = "rollover_line"
    rollover_id: Mapped[int] = mapped_column(ref("rollover.id"), primary_key=True, autoincrement=False)
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), primary_key=True, autoincrement=False, index=True)
    decision: Mapped[str] = mapped_column(String(12))
    from_class_id: Mapped[int | None] = mapped_column(ref("school_class.id"), index=True)
    to_class_id: Mapped[int | None] = mapped_column(ref("school_class.id"), index=True)
    before: Mapped[str]
    after: Mapped[str]
