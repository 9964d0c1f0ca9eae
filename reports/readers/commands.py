"""Giving and withdrawing keys for reading."""

from __future__ import annotations

import secrets
from datetime import timedelta

from app import clock, db
from app.access import Actor
from app.audit.commands import record
from app.errors import InvalidError, NotFoundError
from app.i18n import say
from app.school.queries import unit_by_code
from reports.readers.models import ReadingKey
from reports.readers.rules import KEY_PREFIX, LONGEST_VALIDITY, hash_of


def add_key(actor: Actor, name: str, unit_code: str, days: int) -> str:
    """Make a key for the figures of a unit and below, valid for some days, and return it: it is shown once only.

    Raises NotFoundError for an unknown unit, InvalidError for a validity that is too long.
    """
    if not 1 <= days <= LONGEST_VALIDITY:
        raise InvalidError(say("Khóa có hạn từ 1 đến %(most)s ngày.", most=LONGEST_VALIDITY))
    unit = unit_by_code(db.session(), unit_code, clock.today())
    if unit is None:
        raise NotFoundError
    unit_id, token = unit.id, f"{KEY_PREFIX}{secrets.token_urlsafe(32)}"
    with db.transaction() as session:
        row = ReadingKey(
            name=name,
            unit_id=unit_id,
            token_hash=hash_of(token),
            added_at=clock.now(),
            expires_on=clock.today() + timedelta(days=days),
        )
        session.add(row)
        session.flush()
        details = {"name": name, "key": row.id, "expires_on": row.expires_on}
        record(session, actor, "reading_key.added", ("unit", unit_id), details)
    return token


def withdraw_key(actor: Actor, key_id: int) -> None:
    """Take a key back; doing it twice changes nothing. Raises NotFoundError."""
    with db.transaction() as session:
        row = session.get(ReadingKey, key_id)
        if row is None:
            raise NotFoundError
        if row.withdrawn_at is None:
            row.withdrawn_at = clock.now()
            record(
                session,
                actor,
                "reading_key.withdrawn",
                ("unit", row.unit_id),
                {"name": row.name, "key": key_id},
            )


def note_use(key_id: int) -> None:
    """Remember that a key was used."""
    with db.transaction() as session:
        session.get_one(ReadingKey, key_id).used_at = clock.now()


def note_token(key_id: int) -> None:
    """Log that a program was given a token for its key."""
    with db.transaction() as session:
        row = session.get_one(ReadingKey, key_id)
        row.used_at = clock.now()
        details = {"name": row.name, "key": key_id}
        record(session, Actor(0, row.name), "reading_key.token_given", ("unit", row.unit_id), details)
