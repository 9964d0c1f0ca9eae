"""Reading passkeys, and what stands beside a password at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import db
from app.accounts.models import Passkey, RecoveryCode, SecondFactor
from app.accounts.rules.passkeys import KnownKey
from app.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has beside the password. `since` is when the first of it was set up."""

    has_app: bool
    passkeys: tuple[Passkey, ...]
    codes_left: int
    since: datetime | None

    @property
    def any(self) -> bool:
        """Whether there is a second factor; recovery codes only stand in for one."""
        return self.has_app or bool(self.passkeys)


def factors_of(session: Session, user_id: int) -> Factors:
    """Return a person's second factors, passkeys in the order in which they were made."""
    app = session.get(SecondFactor, user_id)
    keys = tuple(
        session.scalars(
            select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id)
        )
    )
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    since = [key.created_at for key in keys] + ([app.confirmed_at] if app else [])
    return Factors(app is not None, keys, session.scalar(unused) or 0, min(since, default=None))


def known_keys(session: Session, user_id: int, relying_party: str) -> list[KnownKey]:
    """Return the passkeys that a person can use at a host."""
    rows = session.scalars(
        select(Passkey).where(Passkey.user_id == user_id, Passkey.relying_party == relying_party)
    )
    return [as_known(row) for row in rows]


def as_known(row: Passkey) -> KnownKey:
    """Return a stored passkey as the rules take it."""
    transports = tuple(row.transports.split(",")) if row.transports else ()
    return KnownKey(row.credential_id, row.public_key, row.sign_count, transports)


def passkey_for(actor: Actor, passkey_id: int) -> Passkey:
    """Return one of the actor's own passkeys; raise NotFoundError for anybody else's."""
    row = db.session().get(Passkey, passkey_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFoundError
    return row
