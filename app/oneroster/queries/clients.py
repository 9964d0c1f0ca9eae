"""Programs that may read: found by id or by token, listed for those who let them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.accounts.models import User
from app.accounts.queries import token_hash
from app.audit.models import AuditEntry
from app.errors import NotFoundError
from app.oneroster.models import OneRosterClient, OneRosterToken
from app.oneroster.rules.clients import MANAGE_CLIENTS
from app.school.queries import place_of_unit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.access import Actor

SHOWN_EXPORTS = 10


@dataclass(frozen=True, slots=True)
class Reader:
    """A program with a valid token: what it is called, the one school it reads, what it was granted."""

    client_id: str
    name: str
    school_id: int
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClientLine:
    """A program as a list shows it: with who let it in."""

    client: OneRosterClient
    made_by: str | None

    def state(self, today: date) -> str:
        """Return "used", "ended" (past its day) or "revoked"."""
        if self.client.revoked_at:
            return "revoked"
        return "used" if self.client.expires_on > today else "ended"


def client_by_id(session: Session, client_id: str, today: date) -> OneRosterClient | None:
    """Return a client that is neither revoked nor past its day."""
    return session.scalar(
        select(OneRosterClient).where(
            OneRosterClient.client_id == client_id,
            OneRosterClient.revoked_at.is_(None),
            OneRosterClient.expires_on > today,
        )
    )


def reader_of_token(session: Session, token: str, now: datetime, today: date) -> Reader | None:
    """Return whose token it is, None when it is nobody's, has ended, or its client has."""
    row = session.execute(
        select(OneRosterClient, OneRosterToken.scopes)
        .join(OneRosterToken, OneRosterToken.client_pk == OneRosterClient.id)
        .where(
            OneRosterToken.token_hash == token_hash(token),
            OneRosterToken.expires_at > now,
            OneRosterClient.revoked_at.is_(None),
            OneRosterClient.expires_on > today,
        )
    ).first()
    if row is None:
        return None
    client, scopes = row
    return Reader(client.client_id, client.name, client.school_id, frozenset(scopes.split()))


def clients_of_school(session: Session, school_id: int) -> list[ClientLine]:
    """Return a school's clients with who let them in: those that hold first, then by age."""
    rows = session.execute(
        select(OneRosterClient, User.full_name)
        .outerjoin(User, User.id == OneRosterClient.made_by)
        .where(OneRosterClient.school_id == school_id)
        .order_by(OneRosterClient.revoked_at.is_not(None), OneRosterClient.id.desc())
    )
    return [ClientLine(client, maker) for client, maker in rows]


def client_for(actor: Actor, client_pk: int) -> OneRosterClient:
    """Return a client of a school where the actor may manage them; raise NotFoundError."""
    row = db.session().get(OneRosterClient, client_pk)
    if row is None:
        raise NotFoundError
    actor.require(MANAGE_CLIENTS, place_of_unit(row.school_id))
    return row


def exports_of_school(session: Session, school_id: int) -> Sequence[AuditEntry]:
    """Return the latest packages that were taken of a school, as the audit log has them."""
    return session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.action == "roster.exported",
            AuditEntry.subject_kind == "school",
            AuditEntry.subject_id == str(school_id),
        )
        .order_by(AuditEntry.sequence.desc())
        .limit(SHOWN_EXPORTS)
    ).all()
