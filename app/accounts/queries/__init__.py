"""Reading accounts: who acts, with which grants; which devices are signed in. Lists are in `people` and `access`."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, or_, select

from app import clock
from app.access import SYSTEM, Actor, HeldGrant, Role
from app.accounts.models import Grant, Passkey, SecondFactor, SignIn, User
from app.accounts.rules.powers import SECOND_FACTOR_ROLES
from app.db import begin_reading

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import BindParameter, Select
    from sqlalchemy.orm import Session


LONGEST: Final = timedelta(days=30)
IDLE: Final = timedelta(days=7)
"""A sign-in ends by itself after thirty days, or seven without use, whatever the device's cookie says."""


def token_hash(token: str) -> str:
    """Return what is stored of a sign-in token; the token itself is only in the device's cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_token(session: Session, token: str, today: date) -> Actor | None:
    """Return who is signed in with this device's token, None when it was ended or the account is off."""
    found = device_of_token(session, token, today)
    return found[0] if found else None


def device_of_token(session: Session, token: str, today: date) -> tuple[Actor, datetime] | None:
    """Return who is signed in with this device's token, and when the device's use was last noted."""
    now = clock.now()
    asked = {
        "token": token_hash(token),
        "oldest": now - LONGEST,
        "unused": now - IDLE,
        "today": today,
    }
    rows = begin_reading(session).execute(_device_with_grants(), asked).all()
    if not rows:
        return None
    sign_in_id, seen_at, user_id, name = rows[0][:4]
    grants = tuple(
        HeldGrant(Role(row.role), row.unit_id, row.class_id, row.pupil_id) for row in rows if row.role
    )
    return Actor(user_id=user_id, name=name, grants=grants, sign_in_id=sign_in_id), seen_at


@cache
def _device_with_grants() -> Select[*tuple[Any, ...]]:
    """Return the statement of every request, built once: a row for each grant of today, or one without any."""
    today: BindParameter[date] = bindparam("today")
    held = and_(
        Grant.user_id == User.id,
        Grant.starts_on <= today,
        or_(Grant.ends_on.is_(None), Grant.ends_on > today),
    )
    return (
        select(
            SignIn.id,
            SignIn.last_seen_at,
            User.id,
            User.full_name,
            Grant.role,
            Grant.unit_id,
            Grant.class_id,
            Grant.pupil_id,
        )
        .join(User, User.id == SignIn.user_id)
        .outerjoin(Grant, held)
        .where(
            SignIn.token_hash == bindparam("token"),
            SignIn.ended_at.is_(None),
            SignIn.created_at > bindparam("oldest"),
            SignIn.last_seen_at > bindparam("unused"),
            SignIn.waits_for.is_(None),
            User.active,
        )
        .order_by(Grant.id)
    )


def pending_sign_in(session: Session, token: str, since: datetime) -> tuple[SignIn, User] | None:
    """Return the sign-in of this device that still waits for a step and began after `since`, with its account."""
    row = session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_hash == token_hash(token),
            SignIn.ended_at.is_(None),
            SignIn.waits_for.is_not(None),
            SignIn.created_at > since,
            User.active,
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def actor_of_sign_in(session: Session, sign_in_id: int, today: date) -> Actor | None:
    """Return who acts on a sign-in that was found earlier (an open socket), None once it has ended."""
    user = session.scalar(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.id == sign_in_id,
            SignIn.ended_at.is_(None),
            SignIn.waits_for.is_(None),
            User.active,
        )
    )
    return actor_of_user(session, user, today, sign_in_id) if user else None


def actor_of_user(session: Session, user: User, today: date, sign_in_id: int | None = None) -> Actor:
    """Return the actor of an account with the grants that hold on a day."""
    rows = session.scalars(
        select(Grant).where(
            Grant.user_id == user.id,
            Grant.starts_on <= today,
            or_(Grant.ends_on.is_(None), Grant.ends_on > today),
        )
    )
    grants = tuple(HeldGrant(Role(row.role), row.unit_id, row.class_id, row.pupil_id) for row in rows)
    return Actor(user_id=user.id, name=user.full_name, grants=grants, sign_in_id=sign_in_id)


def actor_named(session: Session, user_id: int | None) -> Actor:
    """Return who asked for a job, by name and without any grant; the system when nobody did."""
    user = session.get(User, user_id) if user_id else None
    return Actor(user.id, user.full_name) if user else SYSTEM


def user_by_name(session: Session, username: str) -> User | None:
    """Return the account with this user name, written in any case."""
    return session.scalar(select(User).where(User.username_fold == username.strip().casefold()))


def open_sign_ins(session: Session, user_id: int) -> list[SignIn]:
    """Return the devices on which an account is signed in, the latest used first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None), SignIn.waits_for.is_(None))
            .order_by(SignIn.last_seen_at.desc())
        )
    )


def has_second_factor(session: Session, user_id: int) -> bool:
    """Say whether a person has set up an authenticator app or a passkey."""
    if session.get(SecondFactor, user_id) is not None:
        return True
    return session.scalar(select(Passkey.id).where(Passkey.user_id == user_id).limit(1)) is not None


def gave_second_factor(session: Session, sign_in_id: int | None, since: datetime) -> bool:
    """Say whether the second factor was given on this device after a moment."""
    row = session.get(SignIn, sign_in_id) if sign_in_id else None
    return row is not None and row.factor_at is not None and row.factor_at > since


def holds_strong_role(session: Session, user_id: int, today: date) -> bool:
    """Say whether an account holds, or will hold, a role for which a password alone will not do."""
    found = session.scalar(
        select(Grant.id)
        .where(
            Grant.user_id == user_id,
            Grant.role.in_([role.value for role in SECOND_FACTOR_ROLES]),
            or_(Grant.ends_on.is_(None), Grant.ends_on > today),
        )
        .limit(1)
    )
    return found is not None
