"""Tables of accounts. A role is never a property of a person: it is a grant, dated and scoped."""

from __future__ import annotations

from datetime import date, datetime

from flask_security.core import UserMixin
from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class User(Base, UserMixin):
    """A person who can sign in. `username_fold` is what is compared; pupils in class need no account."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("username_fold"), UniqueConstraint("fs_uniquifier"))
    id: Mapped[Pk]
    username: Mapped[str] = mapped_column(String(64))
    username_fold: Mapped[str] = mapped_column(String(64))
    full_name: Mapped[str]
    password: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime | None]

    roles = ()  # type: ignore[assignment] # Flask-Security's idea of roles is not used; grants are


class SignIn(Base):
    """One signed-in device. Ending the row ends every request and socket of that device within a second."""

    __tablename__ = "sign_in"
    __table_args__ = (UniqueConstraint("token_hash"),)
    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Grant(Base):
    """A role, for a unit (and all below it), from a day to the day before another; perhaps one class or pupil only."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="dates"),
        Index("ix_role_grant_user_id", "user_id", "starts_on"),
        Index("ix_role_grant_class_id", "class_id"),
    )
    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"))
    role: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"), index=True)
    class_id: Mapped[int | None] = mapped_column(ref("school_class.id"))
    pupil_id: Mapped[int | None] = mapped_column(ref("pupil.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    granted_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    created_at: Mapped[datetime]
