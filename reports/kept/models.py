"""Tables of kept figures. Every row can be thrown away and worked out again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref


class KeptRun(Base):
    """A place and a period whose figures somebody wanted. `made_at` None: they are being worked out for the first time.

    `made_at` is when the rows were read, `kept_at` when the work was done.

    `sha256` is the digest of the extract or form that was let out then; `job_id` the job that works (or worked) on it.
    """

    __tablename__ = "kept_run"
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"), primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(16), primary_key=True)
    wanted_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    sha256: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)


class KeptFigures(Base):
    """The rows of one indicator of a kept run, of the place and right below: JSON, see `reports.kept.rules`."""

    __tablename__ = "kept_figures"
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"), primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(16), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    rows: Mapped[str]
