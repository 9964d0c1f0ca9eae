"""Writes of programs that read: let one in, send it away, give it a token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import Actor
from app.accounts.queries import token_hash
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import N_, say
from app.oneroster.models import OneRosterClient, OneRosterToken
from app.oneroster.rules.clients import LONGEST, TOKEN_GOOD_FOR, scopes_of
from app.text import clean_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

PROGRAM: Final = N_("Phần mềm kết nối")
_offered: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class OtherClient:
    """A program that another feature lets in: it asks here for its token, and that feature makes and reads it."""

    client_id: str
    secret_hash: str
    scopes: str
    issue: Callable[[], str]


_others: Final[list[Callable[[str], OtherClient | None]]] = []


def offer_scopes(scopes: Mapping[str, str]) -> None:
    """Let programs be granted scopes of another feature too: {scope: what it lets them do, in words}."""
    _offered.update(scopes)


def accept_clients(find: Callable[[str], OtherClient | None]) -> None:
    """Let programs of another feature ask for tokens: `find` returns the one with a client id, or None."""
    if find not in _others:
        _others.append(find)


def other_client(client_id: str) -> OtherClient | None:
    """Return the program of another feature that has this client id."""
    return next((found for find in _others if (found := find(client_id))), None)


def offered_scopes() -> Mapping[str, str]:
    """Return the scopes of other features, with their words."""
    return dict(_offered)


@dataclass(frozen=True, slots=True)
class NewClient:
    """A program to let in: its name, the first day on which it may no more, and what it may.

    `roster`: read the roster, with `demographics` birth dates and sex too; `more`: scopes of other features.
    `client_id` is made by the page, so that a form sent twice is one program.
    """

    name: str
    client_id: str
    expires_on: date
    demographics: bool = False
    roster: bool = True
    more: tuple[str, ...] = ()


def new_client_id() -> str:
    """Return an id for a program; it is no secret."""
    return f"bx-{secrets.token_hex(8)}"


def add_client(actor: Actor, school_id: int, wanted: NewClient) -> str:
    """Let a program read a school and return its secret: this once, for only a hash of it is kept.

    Raises InvalidError for a missing name or a day that is past or too far, ConflictError when the form came before.
    """
    name, today = clean_name(wanted.name)[:120], clock.today()
    if not name:
        raise InvalidError(say("Hãy đặt tên cho phần mềm."), {"name": say("Hãy đặt tên cho phần mềm.")})
    if not today < wanted.expires_on <= today + LONGEST:
        fault = say("Ngày hết hạn phải sau hôm nay và trong vòng %(days)s ngày.", days=LONGEST.days)
        raise InvalidError(fault, {"expires_on": fault})
    scopes = scopes_of(
        roster=wanted.roster,
        demographics=wanted.demographics,
        more=[scope for scope in _offered if scope in wanted.more],
    )
    if not scopes:
        fault = say("Hãy chọn ít nhất một việc mà phần mềm được làm.")
        raise InvalidError(fault, {"reads_roster": fault})
    secret = secrets.token_urlsafe(32)
    row = OneRosterClient(
        school_id=school_id,
        client_id=wanted.client_id,
        secret_hash=token_hash(secret),
        name=name,
        scopes=scopes,
        made_by=actor.user_id or None,
        made_at=clock.now(),
        expires_on=wanted.expires_on,
    )
    try:
        with db.transaction() as session:
            session.add(row)
            session.flush()
            details = {
                "client": row.client_id,
                "name": name,
                "demographics": wanted.demographics,
                "scopes": " ".join(scope for scope in scopes.split() if scope in _offered),
                "to": wanted.expires_on,
            }
            record(session, actor, "roster.client_added", ("school", school_id), details)
    except IntegrityError as error:
        raise ConflictError(
            say(
                "Phần mềm này đã được thêm; mã bí mật chỉ hiện một lần. Nếu chưa chép, hãy thu hồi rồi thêm lại."
            )
        ) from error
    return secret


def revoke_client(actor: Actor, client_pk: int) -> None:
    """Send a program away: its secret and its tokens are no good from now on. Twice is once."""
    with db.transaction() as session:
        row = session.get_one(OneRosterClient, client_pk, with_for_update=True)
        if row.revoked_at is not None:
            return
        row.revoked_at = clock.now()
        session.execute(delete(OneRosterToken).where(OneRosterToken.client_pk == row.id))
        details = {"client": row.client_id, "name": row.name}
        record(session, actor, "roster.client_revoked", ("school", row.school_id), details)


def keep_token(client_pk: int, token: str, scopes: str) -> None:
    """Keep the hash of a token that a program was given, and say so in the log."""
    now = clock.now()
    with db.transaction() as session:
        row = session.get_one(OneRosterClient, client_pk, with_for_update=True)
        row.last_used_at = now
        session.add(
            OneRosterToken(
                client_pk=row.id,
                token_hash=token_hash(token),
                scopes=scopes,
                expires_at=now + TOKEN_GOOD_FOR,
            )
        )
        details = {"client": row.client_id, "name": row.name}
        record(session, Actor(0, PROGRAM), "roster.token_given", ("school", row.school_id), details)


def forget_old_tokens() -> None:
    """Delete the tokens that have ended."""
    with db.transaction() as session:
        session.execute(delete(OneRosterToken).where(OneRosterToken.expires_at < clock.now()))
