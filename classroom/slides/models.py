"""Tables of slides: files that were uploaded, by their hash, and the plans on which they hang."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class SlideFile(Base):
    """An uploaded presentation. It is drawn once, whoever uploads it; `pages` is JSON once it is ready.

    The file and its pictures lie in the instance folder under the hash; nobody reaches them but through a plan, a
    lesson, or a projector.
    """

    __tablename__ = "slide_file"
    __table_args__ = (
        UniqueConstraint("sha256"),
        CheckConstraint("state IN ('drawing', 'ready', 'refused')", name="state"),
        CheckConstraint("suffix IN ('pdf', 'pptx')", name="suffix"),
    )
    id: Mapped[Pk]
    sha256: Mapped[str] = mapped_column(String(64))
    suffix: Mapped[str] = mapped_column(String(4))
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    fault: Mapped[str] = mapped_column(String(16), default="")
    pages: Mapped[str] = mapped_column(default="[]")
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    uploaded_at: Mapped[datetime]


class PlanDeck(Base):
    """A presentation on a plan. `number` is what the plan's text calls it; it is never given again.

    One that was taken out keeps its row: an earlier version of the plan may name it, and brings it back when it is
    used again.
    """

    __tablename__ = "plan_deck"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        UniqueConstraint("plan_id", "op_id"),
        CheckConstraint("number >= 1", name="number"),
    )
    id: Mapped[Pk]
    plan_id: Mapped[int] = mapped_column(ref("lesson_plan.id"))
    number: Mapped[int]
    op_id: Mapped[str] = mapped_column(String(36))
    file_id: Mapped[int] = mapped_column(ref("slide_file.id"), index=True)
    name: Mapped[str]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"), index=True)
    added_at: Mapped[datetime]
    taken_out_at: Mapped[datetime | None]
