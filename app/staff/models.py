"""Tables of staff: what a roster says besides the name, and the rosters that were brought."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref
from app.staff.rules.states import ImportState


class StaffDetail(Base):
    """What a staff roster says of a member of staff, in the roster's own words. No birth date, address or phone."""

    __tablename__ = "staff_detail"
    staff_id: Mapped[int] = mapped_column(ref("staff.id"), primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[str] = mapped_column(String(120), default="")
    duty_group: Mapped[str] = mapped_column(String(120), default="")
    subjects: Mapped[str] = mapped_column(String(200), default="")


class StaffImport(Base):
    """A staff roster on its way into a school. `preview` is what the person saw (`rules.preview.to_json`).

    The file itself is never stored: it is read once, and what is not in the preview is forgotten. `client_key` is made
    by the page, so that a form sent twice is one import.
    """

    __tablename__ = "staff_import"
    __table_args__ = (
        UniqueConstraint("client_key"),
        CheckConstraint("state IN ('" + "', '".join(ImportState) + "')", name="state"),
        Index("ix_staff_import_school_id", "school_id", "uploaded_at"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    preview: Mapped[str]
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    slips_id: Mapped[int | None] = mapped_column(ref("slip_batch.id"), index=True)
    uploaded_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    uploaded_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
