"""What a school has decided. Without a row the installation's letters and the usual windows hold."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, ref
from attendance.rulebook.rules import Rulebook, SuggestionKind, order_of


class SchoolCode(Base):
    """How a school writes a code: letter, name, place, whether a tap goes through it. Flags stay the code's own."""

    __tablename__ = "school_code"
    __table_args__ = (UniqueConstraint("school_id", "letter"),)
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True)
    code_id: Mapped[int] = mapped_column(
        SmallInteger, ref("attendance_code.id"), primary_key=True, autoincrement=False
    )
    letter: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(SmallInteger)
    is_offered: Mapped[bool]


class AttendanceRule(Base):
    """How many days who may still change registers, what is suggested first, how long papers and scans are kept."""

    __tablename__ = "attendance_rule"
    __table_args__ = (
        CheckConstraint("teacher_days BETWEEN 0 AND 366 AND office_days BETWEEN 0 AND 366", name="days"),
        CheckConstraint("paper_days BETWEEN 7 AND 366", name="paper_days"),
        CheckConstraint("scan_days BETWEEN 7 AND 366", name="scan_days"),
    )
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True, autoincrement=False)
    teacher_days: Mapped[int] = mapped_column(SmallInteger)
    office_days: Mapped[int] = mapped_column(SmallInteger)
    suggestion_order: Mapped[str] = mapped_column(String(120))
    paper_days: Mapped[int] = mapped_column(SmallInteger, default=180, server_default="180")
    scan_days: Mapped[int] = mapped_column(SmallInteger, default=90, server_default="90")

    @property
    def meaning(self) -> Rulebook:
        """The row as the rules know it."""
        wanted = [
            SuggestionKind(one) for one in self.suggestion_order.split(",") if one in set(SuggestionKind)
        ]
        return Rulebook(
            self.teacher_days, self.office_days, order_of(wanted), self.paper_days, self.scan_days
        )
