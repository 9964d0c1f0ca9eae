"""Tables of classes beside `SchoolClass` and `HomeroomDuty`: former names, subject teachers."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class ClassFormerName(Base):
    """A name that a class had until the day before `ends_on`, from the former name before it or from its beginning."""

    __tablename__ = "class_former_name"
    __table_args__ = (Index("ix_class_former_name_class_id", "class_id", "ends_on", unique=True),)
    id: Mapped[Pk]
    class_id: Mapped[int] = mapped_column(ref("school_class.id"))
    name: Mapped[str] = mapped_column(String(32))
    ends_on: Mapped[date]


class SubjectDuty(Base):
    """Who teaches a subject in a class, dated; several may at once. The access that it gives is the grant."""

    __tablename__ = "subject_duty"
    __table_args__ = (CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),)
    id: Mapped[Pk]
    class_id: Mapped[int] = mapped_column(ref("school_class.id"), index=True)
    subject_id: Mapped[int] = mapped_column(ref("subject.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ref("staff.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    grant_id: Mapped[int | None] = mapped_column(ref("role_grant.id"), index=True)
