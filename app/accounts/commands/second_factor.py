"""Writes of the second factor: set it up, check a code once, use up a recovery code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app import clock, db
from app.access import Actor
from app.accounts.models import RecoveryCode, SecondFactor, User
from app.accounts.rules.steps import clean_recovery_code, new_recovery_codes, used_step
from app.audit.commands import record

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.accounts.rules.sealing import Sealer


def set_up(sealer: Sealer, user_id: int, secret: str, code: str) -> list[str] | None:
    """Store a new authenticator when its first code is right; return the recovery codes, to be shown once.

    None when the code is wrong. An earlier authenticator and its recovery codes are replaced.
    """
    moment = clock.now()
    with db.transaction() as current:
        step = used_step(secret, code, int(moment.timestamp()), None)
        if step is None:
            return None
        current.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
        current.add(
            SecondFactor(
                user_id=user_id, sealed_secret=sealer.seal(secret), last_step=step, confirmed_at=moment
            )
        )
        codes = _replace_recovery_codes(current, sealer, user_id)
        record(current, _self(current, user_id), "factor.set_up", ("user", user_id))
        return codes


def renew_recovery_codes(sealer: Sealer, user_id: int) -> list[str]:
    """Replace all recovery codes; return the new ones, to be shown once."""
    with db.transaction() as current:
        codes = _replace_recovery_codes(current, sealer, user_id)
        record(current, _self(current, user_id), "factor.codes_renewed", ("user", user_id))
        return codes


def _replace_recovery_codes(current: Session, sealer: Sealer, user_id: int) -> list[str]:
    codes = new_recovery_codes()
    current.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    current.add_all(RecoveryCode(user_id=user_id, code_hash=sealer.digest(code)) for code in codes)
    current.flush()
    return codes


def first_recovery_codes(current: Session, sealer: Sealer, user_id: int) -> list[str]:
    """Make recovery codes inside a running transaction for a person who has none left; an empty list otherwise."""
    left = select(RecoveryCode.id).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return [] if current.scalar(left.limit(1)) else _replace_recovery_codes(current, sealer, user_id)


def forget_idle_codes(current: Session, user_id: int) -> None:
    """Delete, inside a running transaction, the recovery codes of a person who has nothing left to stand in for."""
    current.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def use_code(sealer: Sealer, user_id: int, typed: str) -> bool:
    """Say whether a code of the authenticator, or a recovery code, is right; either is used up by being right."""
    with db.transaction() as current:
        row = current.get(SecondFactor, user_id, with_for_update=True)
        if row is not None and _use_step(sealer, row, typed):
            return True
        return _use_recovery_code(current, sealer, user_id, typed)


def _use_step(sealer: Sealer, row: SecondFactor, typed: str) -> bool:
    secret = sealer.open(row.sealed_secret)
    step = used_step(secret, typed, int(clock.now().timestamp()), row.last_step) if secret else None
    if step is None:
        return False
    row.last_step = step
    return True


def _use_recovery_code(current: Session, sealer: Sealer, user_id: int, typed: str) -> bool:
    row = current.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == sealer.digest(clean_recovery_code(typed)),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        return False
    row.used_at = clock.now()
    record(current, _self(current, user_id), "factor.recovery_used", ("user", user_id))
    return True


def _self(current: Session, user_id: int) -> Actor:
    return Actor(user_id, current.get_one(User, user_id).full_name)
