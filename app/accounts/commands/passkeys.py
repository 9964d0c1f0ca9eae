"""Writes of passkeys: ask a device once, keep what it made, check what it says, give it a name, take it away."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import clock, db
from app.access import Actor
from app.accounts.commands.second_factor import first_recovery_codes, forget_idle_codes
from app.accounts.models import Passkey, SecondFactor, SignIn, User
from app.accounts.queries.passkeys import as_known
from app.accounts.rules.passkeys import (
    CHALLENGE_MINUTES,
    MOST_PASSKEYS,
    is_counter_sound,
    key_name,
    made_key,
    named_key,
    used_count,
)
from app.accounts.rules.steps import Ask
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.accounts.rules.passkeys import KnownKey, RelyingParty
    from app.accounts.rules.sealing import Sealer


def handle_of(sealer: Sealer, user_id: int) -> bytes:
    """Return the opaque handle under which devices know a person; it says nothing about the person."""
    return bytes.fromhex(sealer.digest(f"passkey-holder:{user_id}"))


def ask(sign_in_id: int, purpose: Ask) -> bytes:
    """Return a new challenge (256 bits) for a device; the one before it is dead. It is good once, for five minutes."""
    challenge = secrets.token_bytes(32)
    with db.transaction() as current:
        row = current.get_one(SignIn, sign_in_id)
        row.challenge = base64.urlsafe_b64encode(challenge).decode()
        row.challenge_for = purpose
        row.challenge_until = clock.now() + timedelta(minutes=CHALLENGE_MINUTES)
    return challenge


def _use_up(sign_in_id: int, purpose: Ask) -> bytes | None:
    """Take the challenge of a device out of the database in a transaction of its own: it is gone whatever follows."""
    with db.transaction() as current:
        row = current.get_one(SignIn, sign_in_id, with_for_update=True)
        asked, asked_for, until = row.challenge, row.challenge_for, row.challenge_until
        row.challenge = row.challenge_for = row.challenge_until = None
    if asked is None or asked_for != purpose or until is None or until <= clock.now():
        return None
    return base64.urlsafe_b64decode(asked)


def keep_passkey(
    sealer: Sealer, who: tuple[int, int], party: RelyingParty, answer: str, name: str, *, strong: bool
) -> list[str] | None:
    """Keep the passkey that a device made; `who` is (sign-in, account).

    Returns new recovery codes, to be shown once, for a person who had none; an empty list otherwise; None when the
    device's answer does not hold. Raises ConflictError when the passkey is known already, InvalidError for too many.
    """
    sign_in_id, user_id = who
    challenge = _use_up(sign_in_id, Ask.MAKE)
    made = made_key(party, challenge, answer, strong=strong) if challenge else None
    if made is None:
        return None
    with db.transaction() as current:
        _check_new(current, user_id, made)
        row = _row(user_id, party, made, name)
        current.add(row)
        codes = first_recovery_codes(current, sealer, user_id)
        record(current, _self(current, user_id), "passkey.added", ("user", user_id), {"name": row.name})
        return codes


def _check_new(current: Session, user_id: int, made: KnownKey) -> None:
    if current.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)):
        raise ConflictError(say("Khóa truy cập này đã được đăng ký rồi."))
    if (current.scalar(select(func.count()).where(Passkey.user_id == user_id)) or 0) >= MOST_PASSKEYS:
        raise InvalidError(
            say("Đã đủ %(count)s khóa truy cập. Hãy xóa khóa không còn dùng.", count=MOST_PASSKEYS)
        )


def _row(user_id: int, party: RelyingParty, made: KnownKey, name: str) -> Passkey:
    return Passkey(
        user_id=user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=",".join(made.transports)[:120],
        relying_party=party.name,
        name=key_name(name, ""),
        created_at=clock.now(),
    )


def use_passkey(
    sealer: Sealer, who: tuple[int, int], party: RelyingParty, answer: str, *, strong: bool
) -> bool:
    """Say whether a device's answer proves one of the account's passkeys; `who` is (sign-in, account).

    The challenge is used up either way. A counter that went back is refused, and recorded: the key may be copied.
    """
    sign_in_id, user_id = who
    challenge = _use_up(sign_in_id, Ask.USE)
    with db.transaction() as current:
        row = _claimed(current, user_id, party, answer)
        if challenge is None or row is None:
            return False
        handle = handle_of(sealer, user_id)
        count = used_count(party, challenge, as_known(row), handle, answer, strong=strong)
        if count is None:
            return False
        if not is_counter_sound(row.sign_count, count):
            details = {"name": row.name, "stored": row.sign_count, "given": count}
            record(current, _self(current, user_id), "passkey.refused", ("user", user_id), details)
            return False
        row.sign_count, row.last_used_at = count, clock.now()
        return True


def _claimed(current: Session, user_id: int, party: RelyingParty, answer: str) -> Passkey | None:
    credential_id = named_key(answer)
    if credential_id is None:
        return None
    return current.scalar(
        select(Passkey)
        .where(
            Passkey.user_id == user_id,
            Passkey.credential_id == credential_id,
            Passkey.relying_party == party.name,
        )
        .with_for_update()
    )


def rename_passkey(actor: Actor, passkey_id: int, name: str) -> None:
    """Give one of the actor's passkeys another name."""
    with db.transaction() as current:
        row = _own(current, actor, passkey_id)
        row.name = key_name(name, row.name)


def remove_passkey(actor: Actor, passkey_id: int, *, needs_factor: bool) -> None:
    """Take one of the actor's passkeys away; raise InvalidError when it is the last factor of a role that needs one."""
    with db.transaction() as current:
        row = _own(current, actor, passkey_id)
        others = select(Passkey.id).where(Passkey.user_id == actor.user_id, Passkey.id != row.id)
        is_last = current.get(SecondFactor, actor.user_id) is None and current.scalar(others) is None
        if is_last and needs_factor:
            raise InvalidError(
                say("Vai trò của bạn cần xác thực hai lớp. Hãy thêm cách khác rồi mới xóa khóa này.")
            )
        current.delete(row)
        current.flush()
        if is_last:
            forget_idle_codes(current, actor.user_id)
        record(current, actor, "passkey.removed", ("user", actor.user_id), {"name": row.name})


def _own(current: Session, actor: Actor, passkey_id: int) -> Passkey:
    row = current.get(Passkey, passkey_id, with_for_update=True)
    if row is None or row.user_id != actor.user_id:
        raise NotFoundError
    return row


def _self(current: Session, user_id: int) -> Actor:
    return Actor(user_id, current.get_one(User, user_id).full_name)
