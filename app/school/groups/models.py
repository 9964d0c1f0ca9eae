"""Tables of teaching groups."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, SortText, ref


class TeachingGroup(Base):
    """Pupils of several classes who learn a subject together, with the teacher of now. `closed_on` as for a class."""

    __tablename__ = "teaching_group"
    __table_args__ = (UniqueConstraint("school_id", "year_id", "name_fold"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    name_fold: Mapped[str] = mapped_column(String(60))
    name_sort: Mapped[SortText]
    subject_id: Mapped[int] = mapped_column(ref("subject.id"), index=True)
    closed_on: Mapped[date | None]


class GroupDuty(Base):
    """Who teaches a group, dated; one at a time."""

    __tablename__ = "group_duty"
    __table_args__ = (CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),)
    id: Mapped[Pk]
    group_id: Mapped[int] = mapped_column(ref("teaching_group.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ref("staff.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class GroupMembership(Base):
    """A pupil in a group, dated."""

    __tablename__ = "group_membership"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        Index("ix_group_membership_group_id", "group_id", "starts_on"),
        Index(
            "uq_group_membership_open",
            "pupil_id",
            "group_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )
    id: Mapped[Pk]
    group_id: Mapped[int] = mapped_column(ref("teaching_group.id"))
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
