"""Reading accounts: who acts, with which grants; which devices are signed in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.access import Actor, HeldGrant, Role
from app.accounts.models import Grant, SignIn, User

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


def token_hash(token: str) -> str:
    """Return what is stored of a sign-in token; the token itself is only in the device's cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_token(session: Session, token: str, today: date) -> Actor | None:
    """Return who is signed in with this device's token, None when it was ended or the account is off."""
    row = session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None), User.active)
    ).one_or_none()
    return actor_of_user(session, row[1], today, row[0].id) if row else None


def actor_of_sign_in(session: Session, sign_in_id: int, today: date) -> Actor | None:
    """Return who acts on a sign-in that was found earlier (an open socket), None once it has ended."""
    user = session.scalar(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None), User.active)
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


def user_by_name(session: Session, username: str) -> User | None:
    """Return the account with this user name, written in any case."""
    return session.scalar(select(User).where(User.username_fold == username.strip().casefold()))


def open_sign_ins(session: Session, user_id: int) -> list[SignIn]:
    """Return the devices on which an account is signed in, the latest used first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
            .order_by(SignIn.last_seen_at.desc())
        )
    )
