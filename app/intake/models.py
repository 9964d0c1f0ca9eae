"""The imports of a school: what was brought, what it would change, what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref
from app.intake.rules.states import ImportState


class RosterImport(Base):
    """A roster file on its way into a school and year.

    `preview` is what the person saw before confirming (`rules.preview.to_json`), `fingerprint` its digest, `numbers`
    the counts alone; `problem` a message (`rules.preview.phrase_to_json`). `client_key` is made by the page, so that a
    form sent twice is one import.
    """

    __tablename__ = "roster_import"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint(
            "state IN ('" + "', '".join(ImportState) + "')",
            name="state",
        ),
        Index("ix_roster_import_school", "school_id", "uploaded_at"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    client_key: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    preview: Mapped[str | None]
    numbers: Mapped[str | None]
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[str | None]
    ends_missing: Mapped[bool] = mapped_column(default=False)
    missing_status: Mapped[str] = mapped_column(String(40), default="")
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    uploaded_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    uploaded_at: Mapped[datetime]
    applied_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    applied_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    undone_at: Mapped[datetime | None]
    remedy: Mapped[str | None]
    converts_from: Mapped[str | None] = mapped_column(String(16))


class RosterFile(Base):
    """The file itself, until the import is applied or discarded: it holds more about children than is imported."""

    __tablename__ = "roster_file"
    import_id: Mapped[int] = mapped_column(
        ForeignKey("roster_import.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RosterJournal(Base):
    """What an import did to the tables, to take it back exactly (`rules.journal`); forgotten after two weeks."""

    __tablename__ = "roster_journal"
    import_id: Mapped[int] = mapped_column(
        ForeignKey("roster_import.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


class HeadingAlias(Base):
    """A heading that a school taught the reader: in its files this heading means that field (`rules.rows.Field`)."""

    __tablename__ = "heading_alias"
    __table_args__ = (UniqueConstraint("school_id", "heading_fold"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    heading: Mapped[str] = mapped_column(String(200))
    heading_fold: Mapped[str] = mapped_column(String(200))
    field: Mapped[str] = mapped_column(String(24))
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
