"""Tables of the checks: each nightly run, and every difference that it found, with its keys."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class FigureCheck(Base):
    """A run of the second computation over all schools. `ended_at` is NULL while it runs, or when it broke off.

    `mended`: rows of the cubes that the first computation put right just before, mostly after an edit of the calendar.
    """

    __tablename__ = "figure_check"
    id: Mapped[Pk]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    engine: Mapped[str] = mapped_column(String(40))
    schools: Mapped[int] = mapped_column(default=0)
    rows_read: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)
    mended: Mapped[int] = mapped_column(default=0)


class FigureDifference(Base):
    """A number of which the cube and the second computation say different things.

    Class and pupil are plain numbers: a note about a fault must not hold back what it is about.
    """

    __tablename__ = "figure_difference"
    id: Mapped[Pk]
    check_id: Mapped[int] = mapped_column(ref("figure_check.id"), index=True)
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    cube: Mapped[str] = mapped_column(String(8))
    class_id: Mapped[int]
    day: Mapped[date]
    pupil_id: Mapped[int | None]
    measure: Mapped[str] = mapped_column(String(24))
    stored: Mapped[int | None]
    computed: Mapped[int | None]
