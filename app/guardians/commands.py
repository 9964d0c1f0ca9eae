"""Writing guardians down, and letting an account of theirs see their own child."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import Role
from app.accounts.commands import NewGrant, add_grant
from app.accounts.commands.managing import add_account
from app.accounts.models import Grant
from app.accounts.queries.people import taken_usernames
from app.accounts.rules.names import free_username
from app.audit.commands import record
from app.contacts.queries import held_on
from app.contacts.rules import ContactField
from app.errors import ConflictError, InvalidError
from app.guardians.models import Guardian
from app.guardians.queries import account_at
from app.guardians.rules import Relationship, checked, name_field
from app.i18n import say
from app.school.enrolment.commands.writing import locked_pupil

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.accounts.rules.holders import Holder
    from app.guardians.rules import Details


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """What the guardians need of ContactSwitchedOff."""

    school_id: int
    field: str


def add_guardian(actor: Actor, pupil_id: int, school_id: int, details: Details, client_key: str) -> int:
    """Write a guardian down and return the id; the same key again returns the same.

    Raises InvalidError, and ConflictError for a pupil who was forgotten.
    """
    try:
        with db.transaction() as session:
            known = session.scalar(select(Guardian.id).where(Guardian.client_key == client_key))
            if known is not None:
                return known
            locked_pupil(session, pupil_id)
            row = Guardian(
                pupil_id=pupil_id,
                school_id=school_id,
                client_key=client_key,
                made_by=actor.user_id or None,
                made_at=clock.now(),
            )
            _fill(session, row, details)
            session.add(row)
            session.flush()
            record(session, actor, "guardian.added", ("pupil", pupil_id), _about(row))
            return row.id
    except IntegrityError as error:
        raise ConflictError(say("Biểu mẫu này đã được gửi rồi. Hãy tải lại trang.")) from error


def edit_guardian(actor: Actor, guardian_id: int, details: Details, seen: int) -> None:
    """Write down what is known of a guardian now. Raises ConflictError when somebody wrote since `seen`."""
    with db.transaction() as session:
        row = _locked(session, guardian_id)
        if row.row_version != seen:
            raise ConflictError(say("Người khác vừa sửa mục này. Hãy tải lại trang rồi sửa tiếp."))
        before = (row.relationship, row.full_name, row.phone)
        _fill(session, row, details)
        if before != (row.relationship, row.full_name, row.phone):
            row.row_version += 1
            record(session, actor, "guardian.edited", ("pupil", row.pupil_id), _about(row))


def remove_guardian(actor: Actor, guardian_id: int) -> None:
    """Delete a guardian; the account, if there is one, no longer sees the pupil. Twice is once."""
    with db.transaction() as session:
        row = session.get(Guardian, guardian_id, with_for_update=True)
        if row is None:
            return
        _end_grant(session, actor, row)
        record(session, actor, "guardian.removed", ("pupil", row.pupil_id), _about(row))
        session.delete(row)


def link_account(actor: Actor, guardian_id: int, username: str) -> None:
    """Let an account of the school (a teacher, the parent of a brother) see this pupil. Twice is once.

    Raises InvalidError when the school has no such account.
    """
    with db.transaction() as session:
        row = _locked(session, guardian_id)
        user = account_at(session, row.school_id, username)
        if user is None:
            raise InvalidError(
                say("Trường không có tài khoản này."), {"username": say("Kiểm tra lại tên đăng nhập.")}
            )
        if row.user_id != user.id:
            _end_grant(session, actor, row)
            _link(session, actor, row, user.id)


def open_account(actor: Actor, guardian_id: int, password_hash: str) -> str | None:
    """Make an account for a guardian, whose first password must be changed; return its user name.

    None when the guardian has an account: a form sent twice makes no second one.
    """
    with db.transaction() as session:
        row = _locked(session, guardian_id)
        if row.user_id is not None:
            return None
        username = free_username(row.full_name, taken_usernames(session))
        _link(session, actor, row, add_account(session, actor, (username, row.full_name), password_hash))
        return username


def note_account(session: Session, holder: Holder, user_id: int) -> None:
    """Note, in the transaction that made an account for a guardian, whose it is and what lets it see the pupil."""
    row = _locked(session, holder.key)
    row.user_id = user_id
    row.grant_id = session.scalar(
        select(Grant.id)
        .where(Grant.user_id == user_id, Grant.pupil_id == row.pupil_id)
        .order_by(Grant.id.desc())
    )


def unlink_account(actor: Actor, guardian_id: int) -> None:
    """Take the pupil from a guardian's account; the account itself stays. Twice is once."""
    with db.transaction() as session:
        row = _locked(session, guardian_id)
        if row.user_id is not None:
            _end_grant(session, actor, row)
            record(session, actor, "guardian.unlinked", ("pupil", row.pupil_id), {"guardian": row.id})


def forget_switched_off(session: Session, fact: SwitchedOff) -> None:
    """Delete what a school keeps no longer. A guardian with an account stays without a name: the account has one."""
    of_school = Guardian.school_id == fact.school_id
    if fact.field == ContactField.PHONE:
        session.execute(update(Guardian).where(of_school).values(phone=None))
        return
    gone = [one for one in Relationship if name_field(one) == fact.field]
    chosen = (of_school, Guardian.relationship.in_(gone))
    session.execute(delete(Guardian).where(*chosen, Guardian.user_id.is_(None)))
    session.execute(update(Guardian).where(*chosen).values(full_name="", phone=None))


# --- parts of a step ----------------------------------------------------------------------------------------------


def _locked(session: Session, guardian_id: int) -> Guardian:
    return session.get_one(Guardian, guardian_id, with_for_update=True)


def _fill(session: Session, row: Guardian, details: Details) -> None:
    found = checked(details, held_on(session, row.school_id))
    row.relationship, row.full_name, row.phone = found.relationship, found.full_name, found.phone or None


def _link(session: Session, actor: Actor, row: Guardian, user_id: int) -> None:
    grant = NewGrant(Role.GUARDIAN, row.school_id, clock.today(), pupil_id=row.pupil_id)
    row.user_id, row.grant_id = user_id, add_grant(session, actor, user_id, grant)
    record(session, actor, "guardian.linked", ("pupil", row.pupil_id), {"guardian": row.id, "user": user_id})


def _end_grant(session: Session, actor: Actor, row: Guardian) -> None:
    """End what let the account see the pupil, today."""
    grant = session.get(Grant, row.grant_id, with_for_update=True) if row.grant_id else None
    if grant is not None and grant.ends_on is None:
        grant.ends_on = max(clock.today(), grant.starts_on)
        details = {"grant": grant.id, "role": grant.role, "unit": grant.unit_id, "to": grant.ends_on}
        record(session, actor, "grant.ended", ("user", grant.user_id), details)
    row.user_id = row.grant_id = None


def _about(row: Guardian) -> dict[str, object]:
    """Return what the log keeps: no name and no number, which could never be deleted there."""
    return {"guardian": row.id, "relationship": row.relationship}
