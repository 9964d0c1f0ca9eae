"""Writes by those who look after accounts: make one with a role, new first password, switch, end devices and grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db, text
from app.access import Role
from app.accounts.commands import NewGrant, add_grant, new_user
from app.accounts.models import Grant, Passkey, RecoveryCode, SecondFactor, SignIn, User
from app.accounts.queries.people import taken_usernames
from app.accounts.rules.names import USERNAME, free_username
from app.accounts.rules.powers import SECOND_FACTOR_ROLES
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.models import Staff

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor

STAFF_ROLES = frozenset({Role.TEACHER, Role.HOMEROOM_TEACHER, Role.OFFICE_CLERK, Role.PRINCIPAL})


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to make at a school: a name, a user name (empty: one is made from the name), the first grant."""

    full_name: str
    username: str
    grant: NewGrant


def make_account(actor: Actor, wanted: NewAccount, password_hash: str) -> str:
    """Make an account with its first role, and a staff row for a role of the staff; return the user name.

    The first password must be changed at the first sign-in. Raises InvalidError, or ConflictError when the user name is
    taken.
    """
    name = text.clean_name(wanted.full_name)
    typed = wanted.username.strip().casefold()
    if not name or len(name) > 120:  # noqa: PLR2004 - longer than any name
        raise InvalidError(say("Hãy nhập họ và tên."))
    if typed and not USERNAME.fullmatch(typed):
        raise InvalidError(
            say("Tên đăng nhập gồm 3 đến 64 chữ thường không dấu, chữ số, dấu chấm hoặc gạch.")
        )
    try:
        with db.transaction() as current:
            username = typed or free_username(name, taken_usernames(current))
            user_id = add_account(current, actor, (username, name), password_hash)
            add_grant(current, actor, user_id, wanted.grant)
            if wanted.grant.role in STAFF_ROLES:
                current.add(staff_row(wanted.grant.unit_id, f"TK-{user_id}", name, user_id))
            return username
    except IntegrityError as error:
        raise ConflictError(say("Tên đăng nhập %(name)s đã có người dùng.", name=typed or name)) from error


def add_account(current: Session, actor: Actor, who: tuple[str, str], password_hash: str) -> int:
    """Add an account (user name, full name) with a first password inside a running transaction; return its id."""
    user = new_user(who[0], who[1], password_hash)
    user.must_change_password = True
    current.add(user)
    current.flush()
    record(current, actor, "account.created", ("user", user.id), {"username": user.username})
    return user.id


def staff_row(school_id: int, staff_code: str, full_name: str, user_id: int | None) -> Staff:
    """Return a member of staff who is not stored yet."""
    return Staff(
        school_id=school_id,
        staff_code=staff_code,
        full_name=full_name,
        name_sort=text.sort_key(full_name),
        name_fold=text.fold(full_name),
        user_id=user_id,
    )


def reset_password(actor: Actor, user_id: int, password_hash: str) -> list[int]:
    """Give an account a first password, which must be changed, and end its sign-ins, whose ids are returned."""
    with db.transaction() as current:
        return renew_password(current, actor, user_id, password_hash)


def renew_password(current: Session, actor: Actor, user_id: int, password_hash: str) -> list[int]:
    """Do what `reset_password` does, inside a running transaction."""
    user = current.get_one(User, user_id)
    user.password, user.must_change_password = password_hash, True
    ids = _end_open(current, user_id)
    record(current, actor, "account.password_reset", ("user", user_id), {"sign_ins": len(ids)})
    return ids


def end_devices(actor: Actor, user_id: int) -> list[int]:
    """Sign an account out everywhere; return the ids of the sign-ins that were ended."""
    with db.transaction() as current:
        ids = _end_open(current, user_id)
        record(current, actor, "account.devices_ended", ("user", user_id), {"sign_ins": len(ids)})
    return ids


def end_device(actor: Actor, user_id: int, sign_in_id: int) -> list[int]:
    """Sign one device of an account out; return its id in a list, none when it is not the account's or ended before."""
    with db.transaction() as current:
        row = current.get(SignIn, sign_in_id, with_for_update=True)
        if row is None or row.user_id != user_id or row.ended_at is not None:
            return []
        row.ended_at = clock.now()
        record(current, actor, "account.device_ended", ("user", user_id), {"device": row.device})
        return [row.id]


def remove_second_factor(actor: Actor, user_id: int) -> list[int]:
    """Take an account's authenticator and passkeys away (a lost phone) and end its sign-ins, whose ids are returned."""
    with db.transaction() as current:
        current.execute(delete(Passkey).where(Passkey.user_id == user_id))
        current.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        current.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
        ids = _end_open(current, user_id)
        record(current, actor, "factor.removed", ("user", user_id), {"sign_ins": len(ids)})
    return ids


def _end_open(current: Session, user_id: int, *, without_factor: bool = False) -> list[int]:
    query = select(SignIn.id).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
    if without_factor:
        query = query.where(SignIn.factor_at.is_(None))
    ids = list(current.scalars(query))
    current.execute(update(SignIn).where(SignIn.id.in_(ids)).values(ended_at=clock.now()))
    return ids


def give_role(actor: Actor, user_id: int, grant: NewGrant) -> list[int]:
    """Give a role; return the sign-ins that were ended because it asks for a second factor that they did not give.

    The same grant twice (role, place, first day) has one effect.
    """
    with db.transaction() as current:
        if _has_it(current, user_id, grant):
            return []
        add_grant(current, actor, user_id, grant)
        if grant.role not in SECOND_FACTOR_ROLES:
            return []
        return _end_open(current, user_id, without_factor=True)


def _has_it(current: Session, user_id: int, grant: NewGrant) -> bool:
    found = current.scalar(
        select(Grant.id).where(
            Grant.user_id == user_id,
            Grant.role == grant.role.value,
            Grant.unit_id == grant.unit_id,
            Grant.class_id.is_not_distinct_from(grant.class_id),
            Grant.pupil_id.is_not_distinct_from(grant.pupil_id),
            Grant.starts_on == grant.starts_on,
            Grant.ends_on.is_not_distinct_from(grant.ends_on),
        )
    )
    return found is not None


def end_grant(actor: Actor, grant_id: int, ends_on: date, reason: str) -> None:
    """Let a grant end: `ends_on` is the first day on which it no longer holds. Ended grants are never lengthened.

    Raises InvalidError when the grant is over by then anyway, or begins later.
    """
    with db.transaction() as current:
        row = current.get_one(Grant, grant_id, with_for_update=True)
        if not close_grant(current, actor, row, ends_on, reason):
            raise InvalidError(say("Quyền này đã kết thúc hoặc sẽ kết thúc sớm hơn ngày đó."))


def close_grant(current: Session, actor: Actor, row: Grant, ends_on: date, reason: str) -> bool:
    """Let a grant end in a running transaction; say whether that changed anything: it may be over by then anyway."""
    ends_on = max(ends_on, row.starts_on)
    if row.ends_on is not None and row.ends_on <= ends_on:
        return False
    row.ends_on = ends_on
    details = {
        "grant": row.id,
        "role": row.role,
        "unit": row.unit_id,
        "class": row.class_id,
        "to": ends_on,
        "reason": reason,
    }
    record(current, actor, "grant.ended", ("user", row.user_id), details)
    return True
