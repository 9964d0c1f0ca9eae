"""What accounts hold of a forgotten pupil: the account of the pupil, and of guardians who saw this pupil only."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, exists, func, or_, select, update

from app import clock
from app.accounts.models import Grant, Passkey, RecoveryCode, SecondFactor, SignIn, SlipBatch, User
from app.audit.commands import take_words_out
from app.audit.models import AuditEntry
from app.forgetting import Fate, Removed, Trace
from app.i18n import N_

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.forgetting import Leaving

_AT_ONCE: Final = {"synchronize_session": False}
NO_PASSWORD: Final = "!"  # noqa: S105 - what no password has as its hash
NO_NAME: Final = N_("Tài khoản ẩn danh")


def _users(who: Leaving) -> Select[int]:
    """Return the accounts all of whose grants, past ones too, name this pupil."""
    other = exists().where(
        Grant.user_id == User.id, or_(Grant.pupil_id.is_(None), Grant.pupil_id != who.pupil_id)
    )
    mine = exists().where(Grant.user_id == User.id, Grant.pupil_id == who.pupil_id)
    return select(User.id).where(mine, ~other)


def _count(session: Session, who: Leaving) -> int:
    return session.scalar(select(func.count()).select_from(_users(who).subquery())) or 0


def _forget(session: Session, who: Leaving) -> Removed:
    users = list(session.scalars(_users(who)))
    for user_id in users:
        _empty(session, user_id)
    today = clock.today()
    mine = Grant.pupil_id == who.pupil_id
    session.execute(update(Grant).where(mine).values(reason=""), execution_options=_AT_ONCE)
    still = or_(Grant.ends_on.is_(None), Grant.ends_on > today)
    for grant in session.scalars(select(Grant).where(mine, still)):
        grant.ends_on = max(today, grant.starts_on)
    slips = update(SlipBatch).where(SlipBatch.school_id.in_(who.school_ids)).values(sealed=None)
    session.execute(slips, execution_options=_AT_ONCE)
    about = (AuditEntry.subject_kind == "user") & AuditEntry.subject_id.in_([str(one) for one in users])
    return Removed({AuditEntry.__tablename__: take_words_out(session, about, users)})


def _empty(session: Session, user_id: int) -> None:
    for table in (SignIn, SecondFactor, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.user_id == user_id), execution_options=_AT_ONCE)
    user = session.get_one(User, user_id)
    user.username = user.username_fold = f"an-danh-{user_id}-{secrets.token_hex(4)}"
    user.full_name = user.name_sort = user.name_fold = f"{NO_NAME} {user_id}"
    user.password, user.active = NO_PASSWORD, False
    user.fs_uniquifier = secrets.token_hex(32)
    session.flush()


ACCOUNTS_OF_PUPIL: Final = Trace(
    N_("Tài khoản chỉ của em, của người chỉ xem em: bỏ tên, mật khẩu, quyền; giữ con số"),
    ("user_account", "sign_in", "second_factor", "passkey", "recovery_code", "role_grant", "slip_batch"),
    Fate.EMPTIED,
    _count,
    _forget,
)
