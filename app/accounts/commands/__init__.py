"""Writes of accounts: make one, sign in and out, change a password, grant a role."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db, text
from app.access import Actor, Role
from app.accounts.models import Grant, SignIn, User
from app.accounts.queries import token_hash
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, SignedOutError
from app.i18n import say

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.accounts.rules.steps import Step

SEEN_EVERY: Final = timedelta(minutes=5)


LONGEST_USERNAME: Final = 64
LONGEST_NAME: Final = 120
WHOLE_UNIT_ROLES: Final = frozenset(
    {Role.OFFICE_CLERK, Role.PRINCIPAL, Role.DEPARTMENT_OFFICER, Role.HUB_OPERATOR, Role.SYSTEM_ADMINISTRATOR}
)


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant to give: role at a unit, perhaps for one class or pupil, from a day on, perhaps to a day."""

    role: Role
    unit_id: int
    starts_on: date
    class_id: int | None = None
    pupil_id: int | None = None
    ends_on: date | None = None
    reason: str = ""


def create_user(actor: Actor, username: str, full_name: str, password_hash: str) -> int:
    """Make an account and return its id; raise ConflictError when the user name is taken, InvalidError on bad names."""
    if not (0 < len(username.strip()) <= LONGEST_USERNAME and 0 < len(full_name.strip()) <= LONGEST_NAME):
        raise InvalidError(say("Tài khoản cần có tên đăng nhập và họ tên, không quá dài."))
    try:
        with db.transaction() as current:
            user = new_user(username, full_name, password_hash)
            current.add(user)
            current.flush()
            record(current, actor, "account.created", ("user", user.id), {"username": user.username})
            return user.id
    except IntegrityError as error:
        if "username_fold" not in str(error.orig):
            raise
        raise ConflictError(say("Tên đăng nhập %(name)s đã có người dùng.", name=username)) from error


def new_user(username: str, full_name: str, password_hash: str) -> User:
    """Return an account that is not stored yet; `password_hash` comes from Flask-Security's hash_password."""
    return User(
        username=username,
        username_fold=username.strip().casefold(),
        full_name=full_name,
        name_sort=text.sort_key(full_name),
        name_fold=text.fold(full_name),
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        must_change_password=False,
        created_at=clock.now(),
    )


def begin_sign_in(user_id: int, device: str, waits_for: Step | None = None) -> str:
    """Store a device whose password was right and return its token, which goes into its cookie and nowhere else.

    `waits_for` is the step that is due before the person is signed in.
    """
    token = secrets.token_urlsafe(32)
    moment = clock.now()
    with db.transaction() as current:
        user = current.get_one(User, user_id)
        row = SignIn(
            user_id=user_id,
            token_hash=token_hash(token),
            device=device[:200],
            created_at=moment,
            last_seen_at=moment,
            waits_for=waits_for,
        )
        current.add(row)
        current.flush()
        if waits_for is None:
            _record_sign_in(current, user, row)
    return token


def go_on(sign_in_id: int, step: Step | None, *, gave_factor: bool = False) -> str:
    """Move a sign-in on to its next step (None: it is complete) and return its new token; the old one is dead.

    Raises SignedOutError when the sign-in was ended meanwhile.
    """
    token = secrets.token_urlsafe(32)
    with db.transaction() as current:
        row = current.get_one(SignIn, sign_in_id)
        if row.ended_at is not None:
            raise SignedOutError
        row.waits_for, row.token_hash = step, token_hash(token)
        if gave_factor:
            row.factor_at = clock.now()
        if step is None:
            _record_sign_in(current, current.get_one(User, row.user_id), row)
    return token


def confirm_factor(actor: Actor) -> str:
    """Note that the second factor was given again on the actor's device; return its new token, the old one is dead."""
    token = secrets.token_urlsafe(32)
    with db.transaction() as current:
        row = current.get_one(SignIn, actor.sign_in_id)
        if row.ended_at is not None:
            raise SignedOutError
        row.factor_at, row.token_hash = clock.now(), token_hash(token)
        record(current, actor, "factor.confirmed", ("user", actor.user_id), {"device": row.device})
    return token


def note_let_through(actor: Actor, what: str) -> None:
    """Record that somebody without a second factor was let through where one is asked for, as development may."""
    with db.transaction() as current:
        record(current, actor, "factor.let_through", ("route", what))


def _record_sign_in(current: Session, user: User, row: SignIn) -> None:
    details = {"device": row.device, "second_factor": row.factor_at is not None}
    record(current, Actor(user.id, user.full_name), "account.signed_in", ("user", user.id), details)


def renew_token(actor: Actor) -> str:
    """Give the actor's device a new token and return it; whoever copied the old one is out."""
    token = secrets.token_urlsafe(32)
    with db.transaction() as current:
        current.get_one(SignIn, actor.sign_in_id).token_hash = token_hash(token)
    return token


def touch_sign_in(sign_in_id: int) -> None:
    """Remember that a device was just used, unless that was noted in the last five minutes."""
    moment = clock.now()
    with db.transaction() as current:
        current.execute(
            update(SignIn)
            .where(SignIn.id == sign_in_id, SignIn.last_seen_at < moment - SEEN_EVERY)
            .values(last_seen_at=moment)
        )


def end_sign_in(actor: Actor, sign_in_id: int) -> list[int]:
    """End one of the actor's own sign-ins; return the ids that were ended (none when it was not the actor's)."""
    return _end(actor, SignIn.id == sign_in_id, "account.signed_out")


def end_all_sign_ins(actor: Actor) -> list[int]:
    """Sign the actor out everywhere; return the ids that were ended."""
    return _end(actor, SignIn.ended_at.is_(None), "account.signed_out_everywhere")


def _end(actor: Actor, which: object, action: str) -> list[int]:
    with db.transaction() as current:
        ids = list(
            current.scalars(
                select(SignIn.id).where(SignIn.user_id == actor.user_id, SignIn.ended_at.is_(None), which)  # type: ignore[arg-type]
            )
        )
        current.execute(update(SignIn).where(SignIn.id.in_(ids)).values(ended_at=clock.now()))
        if action.endswith("everywhere"):
            user = current.get_one(User, actor.user_id)
            user.fs_uniquifier = secrets.token_hex(32)
        if ids:
            record(current, actor, action, ("user", actor.user_id), {"sign_ins": ids})
    return ids


def change_password(actor: Actor, password_hash: str) -> list[int]:
    """Store a new password and end every sign-in but the one that changed it; return the ids that were ended."""
    with db.transaction() as current:
        user = current.get_one(User, actor.user_id)
        user.password, user.password_changed_at = password_hash, clock.now()
        user.must_change_password = False
        others = select(SignIn.id).where(
            SignIn.user_id == actor.user_id, SignIn.ended_at.is_(None), SignIn.id != actor.sign_in_id
        )
        ids = list(current.scalars(others))
        current.execute(update(SignIn).where(SignIn.id.in_(ids)).values(ended_at=clock.now()))
        record(current, actor, "account.password_changed", ("user", actor.user_id))
    return ids


def set_active(actor: Actor, user_id: int, *, active: bool) -> list[int]:
    """Switch an account on or off; off ends all its sign-ins, whose ids are returned."""
    with db.transaction() as current:
        user = current.get_one(User, user_id)
        user.active = active
        ids = list(
            current.scalars(select(SignIn.id).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None)))
        )
        if active:
            ids = []
        current.execute(update(SignIn).where(SignIn.id.in_(ids)).values(ended_at=clock.now()))
        record(current, actor, "account.switched", ("user", user_id), {"active": active})
    return ids


def give_grant(actor: Actor, user_id: int, grant: NewGrant) -> int:
    """Give a role and return the grant's id. The grant is in the audit log with who gave it and why."""
    with db.transaction() as current:
        return add_grant(current, actor, user_id, grant)


def add_grant(current: Session, actor: Actor, user_id: int, grant: NewGrant) -> int:
    """Give a role inside a running transaction (a substitution, a seed).

    Raises InvalidError when a role that reaches a whole unit is to be narrowed to a class or pupil: it would not be.
    """
    if grant.role in WHOLE_UNIT_ROLES and (grant.class_id or grant.pupil_id):
        raise InvalidError(say("Vai trò này luôn gồm cả đơn vị, không giới hạn được trong một lớp."))
    row = Grant(
        user_id=user_id,
        role=grant.role,
        unit_id=grant.unit_id,
        class_id=grant.class_id,
        pupil_id=grant.pupil_id,
        starts_on=grant.starts_on,
        ends_on=grant.ends_on,
        reason=grant.reason,
        granted_by=actor.user_id or None,
        created_at=clock.now(),
    )
    current.add(row)
    current.flush()
    details = {
        "role": grant.role,
        "unit": grant.unit_id,
        "class": grant.class_id,
        "pupil": grant.pupil_id,
        "from": grant.starts_on,
        "to": grant.ends_on,
        "reason": grant.reason,
    }
    record(current, actor, "grant.given", ("user", user_id), details)
    return row.id
