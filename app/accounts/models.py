"""Tables of accounts. A role is never a property of a person: it is a grant, dated and scoped."""

from __future__ import annotations

from datetime import date, datetime

from flask_security.core import UserMixin
from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, SortText, ref


class User(Base, UserMixin):
    """A person who can sign in. `username_fold` is what is compared; pupils in class need no account."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("username_fold"), UniqueConstraint("fs_uniquifier"))
    id: Mapped[Pk]
    username: Mapped[str] = mapped_column(String(64))
    username_fold: Mapped[str] = mapped_column(String(64))
    full_name: Mapped[str]
    name_sort: Mapped[SortText]
    name_fold: Mapped[str]
    password: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)

    roles = ()  # type: ignore[assignment] # Flask-Security's idea of roles is not used; grants are


class SignIn(Base):
    """One signed-in device. Ending the row ends every request and socket of that device within a second.

    `waits_for` is the step that is still due after the password (`rules.steps.Step`); until it is NULL nobody is signed
    in. `factor_at` says when the second factor was last given on this device. `challenge` is what a passkey was asked
    last on this device, for what (`rules.steps.Ask`), until when; an answer uses it up. No network address is stored.
    """

    __tablename__ = "sign_in"
    __table_args__ = (UniqueConstraint("token_hash"),)
    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    waits_for: Mapped[str | None] = mapped_column(String(16))
    factor_at: Mapped[datetime | None]
    challenge: Mapped[str | None] = mapped_column(String(64))
    challenge_for: Mapped[str | None] = mapped_column(String(16))
    challenge_until: Mapped[datetime | None]


class Grant(Base):
    """A role, for a unit (and all below it), from a day to the day before another; perhaps one class or pupil only.

    A grant that is ended on its first day holds on no day, and stays as a trace.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
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


class SecondFactor(Base):
    """A person's authenticator app: the TOTP secret, sealed; `last_step` is the last 30 s step whose code was used."""

    __tablename__ = "second_factor"
    user_id: Mapped[int] = mapped_column(ref("user_account.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[str]
    last_step: Mapped[int]
    confirmed_at: Mapped[datetime]


class Passkey(Base):
    """A passkey of a person. The private key stays on the device; id and public key are base64url.

    It is good for the host `relying_party` only; `sign_count` must go on wherever the device counts at all.
    """

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id"),)
    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1364))
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[str] = mapped_column(String(120))
    relying_party: Mapped[str] = mapped_column(String(253))
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for the authenticator or passkey once. Only a keyed hash is stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)
    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ref("user_account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class AccountRun(Base):
    """Accounts made for many people at once by a job: for pupils or guardians of a school, class by class.

    `client_key` is made by the page, so that a form sent twice is one run. `class_id` NULL is the whole school;
    `resets` says whether people who have an account get a new first password.
    """

    __tablename__ = "account_run"
    __table_args__ = (
        UniqueConstraint("client_key"),
        Index("ix_account_run_school_id", "school_id", "made_at"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    class_id: Mapped[int | None] = mapped_column(ref("school_class.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    resets: Mapped[bool] = mapped_column(default=False)
    client_key: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[int | None] = mapped_column(ref("job.id"), index=True)
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]


class SlipBatch(Base):
    """First passwords to print, sealed until they are shown; showing them, or three days, empties `sealed`.

    `title` says whose they are, such as a class's name, where a run made several.
    """

    __tablename__ = "slip_batch"
    __table_args__ = (Index("ix_slip_batch_school_id", "school_id", "made_at"),)
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime]
    count: Mapped[int]
    sealed: Mapped[str | None]
    shown_at: Mapped[datetime | None]
    run_id: Mapped[int | None] = mapped_column(ref("account_run.id"), index=True)
    title: Mapped[str] = mapped_column(String(80), default="")
