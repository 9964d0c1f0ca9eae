"""Tables of timetables: co-teachers, edits of drafts, files that were read, and what changes on a single day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class EntryTeacher(Base):
    """A teacher who takes a lesson of the timetable together with the one who is named first."""

    __tablename__ = "entry_teacher"
    entry_id: Mapped[int] = mapped_column(ref("timetable_entry.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ref("staff.id"), primary_key=True, index=True)


class TimetableEdit(Base):
    """What somebody did to one cell of a draft: its lines before and after, as JSON.

    The id of a cell's newest edit is the cell's version; `undoes_id` marks an edit that took another one back.
    """

    __tablename__ = "timetable_edit"
    __table_args__ = (
        UniqueConstraint("timetable_id", "client_key"),
        UniqueConstraint("undoes_id"),
        Index("ix_timetable_edit_cell", "timetable_id", "class_id", "weekday", "day_session", "number"),
    )
    id: Mapped[Pk]
    timetable_id: Mapped[int] = mapped_column(ref("timetable.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    class_id: Mapped[int] = mapped_column(ref("school_class.id"), index=True)
    weekday: Mapped[int]
    day_session: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    before: Mapped[str]
    after: Mapped[str]
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    undoes_id: Mapped[int | None] = mapped_column(ref("timetable_edit.id"))


class TimetableWord(Base):
    """How a school's files write a subject, a teacher or a class, as somebody chose once: the next file knows.

    `word` is folded; for a teacher it is "teacher|subject", since two teachers may share a given name.
    """

    __tablename__ = "timetable_word"
    __table_args__ = (
        UniqueConstraint("school_id", "kind", "word"),
        CheckConstraint("kind IN ('subject', 'teacher', 'class')", name="kind"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    kind: Mapped[str] = mapped_column(String(16))
    word: Mapped[str] = mapped_column(String(160))
    subject_id: Mapped[int | None] = mapped_column(ref("subject.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ref("staff.id"), index=True)
    class_id: Mapped[int | None] = mapped_column(ref("school_class.id"), index=True)


class TimetableImport(Base):
    """A timetable file that was read (its cells as JSON) and, once confirmed, the draft that it became."""

    __tablename__ = "timetable_import"
    __table_args__ = (UniqueConstraint("school_id", "client_key"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    client_key: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str]
    cells: Mapped[str]
    uploaded_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    uploaded_at: Mapped[datetime]
    timetable_id: Mapped[int | None] = mapped_column(ref("timetable.id"), index=True)


class LessonChange(Base):
    """What happens to one lesson of the timetable on one day: cancelled, or taught by a substitute.

    `grant_id` is the substitute's grant for the day; NULL when the substitute has no account or needs none.
    """

    __tablename__ = "lesson_change"
    __table_args__ = (
        UniqueConstraint("entry_id", "day"),
        CheckConstraint(
            "(kind = 'cancelled' AND substitute_id IS NULL) OR (kind = 'substituted' AND substitute_id IS NOT NULL)",
            name="kind",
        ),
    )
    id: Mapped[Pk]
    entry_id: Mapped[int] = mapped_column(ref("timetable_entry.id"))
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    substitute_id: Mapped[int | None] = mapped_column(ref("staff.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ref("role_grant.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    decided_at: Mapped[datetime]
