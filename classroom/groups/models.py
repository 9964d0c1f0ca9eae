"""Tables of groups, and of those who are kept apart in a class."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class Grouping(Base):
    """A division of a class into groups; the newest one of a lesson holds."""

    __tablename__ = "lesson_grouping"
    __table_args__ = (UniqueConstraint("lesson_id", "op_id"),)
    id: Mapped[Pk]
    lesson_id: Mapped[int] = mapped_column(ref("lesson.id"))
    op_id: Mapped[str] = mapped_column(String(36))
    how: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime]


class GroupPlace(Base):
    """In which group a pupil is; groups count from 1, `place` orders the pupils of one."""

    __tablename__ = "group_place"
    __table_args__ = (
        UniqueConstraint("grouping_id", "pupil_id"),
        Index("ix_group_place_pupil_id", "pupil_id"),
    )
    id: Mapped[Pk]
    grouping_id: Mapped[int] = mapped_column(ref("lesson_grouping.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    number: Mapped[int]
    place: Mapped[int]


class KeptApart(Base):
    """One of two pupils of a class whom no division puts into one group; both rows have the same `pair`."""

    __tablename__ = "kept_apart"
    __table_args__ = (
        UniqueConstraint("class_id", "pair", "pupil_id"),
        Index("ix_kept_apart_pupil_id", "pupil_id"),
    )
    id: Mapped[Pk]
    class_id: Mapped[int] = mapped_column(ref("school_class.id"))
    pair: Mapped[str] = mapped_column(String(36))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    since: Mapped[datetime]
