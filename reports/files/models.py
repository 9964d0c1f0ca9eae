"""Files that somebody wanted, until a week has passed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class ReportFile(Base):
    """A file that an account wanted; `client_key` says what and when, so that asking twice makes one file.

    `content` is None until the job has made it. Only the account that wanted it may take it.
    """

    __tablename__ = "report_file"
    __table_args__ = (UniqueConstraint("made_by", "client_key"),)
    id: Mapped[Pk]
    client_key: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[int] = mapped_column(ref("user_account.id"))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    wanted_at: Mapped[datetime]
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    mimetype: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
