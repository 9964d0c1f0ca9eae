"""Tables of OneRoster: whom other systems' ids mean, what was last handed out, and who may read it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigPk, Pk, ref


class OneRosterKey(Base):
    """The key of this installation's sourcedIds (`rules.ids`): one row, made once. Losing it renames everybody."""

    __tablename__ = "oneroster_key"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(LargeBinary(16))
    made_at: Mapped[datetime]


class OneRosterLink(Base):
    """Whom or what another system's sourcedId means at a school, so that its next file finds the same row again."""

    __tablename__ = "oneroster_link"
    __table_args__ = (
        UniqueConstraint("school_id", "kind", "sourced_id"),
        CheckConstraint(
            "(kind = 'pupil' AND pupil_id IS NOT NULL AND staff_id IS NULL AND class_id IS NULL)"
            " OR (kind = 'staff' AND staff_id IS NOT NULL AND pupil_id IS NULL AND class_id IS NULL)"
            " OR (kind = 'class' AND class_id IS NOT NULL AND pupil_id IS NULL AND staff_id IS NULL)",
            name="kind",
        ),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    kind: Mapped[str] = mapped_column(String(8))
    sourced_id: Mapped[str] = mapped_column(String(255))
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupil.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    class_id: Mapped[int | None] = mapped_column(
        ForeignKey("school_class.id", ondelete="CASCADE"), index=True
    )


class OneRosterRecord(Base):
    """A course, class, person or enrolment of a school and year as other systems see it, and when that last changed.

    What is no longer so stays as `tobedeleted` with empty content: whoever reads changes must be told of it.
    """

    __tablename__ = "oneroster_record"
    __table_args__ = (
        UniqueConstraint("school_id", "year_id", "kind", "sourced_id"),
        CheckConstraint("kind IN ('course', 'class', 'user', 'enrollment')", name="kind"),
        CheckConstraint("status IN ('active', 'tobedeleted')", name="status"),
        Index("ix_oneroster_record_sourced_id", "sourced_id"),
        Index("ix_oneroster_record_class_ref", "class_ref"),
        Index("ix_oneroster_record_user_ref", "user_ref"),
    )
    id: Mapped[BigPk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    sourced_id: Mapped[str] = mapped_column(String(36))
    role: Mapped[str] = mapped_column(String(16), default="")
    class_ref: Mapped[str] = mapped_column(String(36), default="")
    user_ref: Mapped[str] = mapped_column(String(36), default="")
    status: Mapped[str] = mapped_column(String(12))
    modified_at: Mapped[datetime]
    content: Mapped[str]


class OneRosterState(Base):
    """When what is told of a school and year was last compared with the school's own tables."""

    __tablename__ = "oneroster_state"
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True, autoincrement=False)
    year_id: Mapped[int] = mapped_column(
        ref("school_year.id"), primary_key=True, autoincrement=False, index=True
    )
    compared_at: Mapped[datetime]


class OneRosterClient(Base):
    """A program that may read one school over REST. Of its secret only a hash is kept; `scopes` are parted by spaces.

    It is good until the day before `expires_on`, or until it is revoked; its tokens end with it.
    """

    __tablename__ = "oneroster_client"
    __table_args__ = (UniqueConstraint("client_id"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(40))
    secret_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    scopes: Mapped[str] = mapped_column(String(600))
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    expires_on: Mapped[date]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class OneRosterToken(Base):
    """An access token that a program was given; only its hash is kept, and it ends within the hour."""

    __tablename__ = "oneroster_token"
    __table_args__ = (UniqueConstraint("token_hash"),)
    id: Mapped[BigPk]
    client_pk: Mapped[int] = mapped_column(ForeignKey("oneroster_client.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(String(600))
    expires_at: Mapped[datetime]
