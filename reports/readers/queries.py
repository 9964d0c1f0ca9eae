"""Who reads: the key of a request, and whether a place lies within its reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from reports.readers.models import ReadingKey
from reports.readers.rules import Reader, client_id_of, hash_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from reports.tallies.queries import PlaceTree


def reader_with(session: Session, token: str) -> Reader | None:
    """Return the reader whose key this is; None when it is unknown, withdrawn or past its day."""
    return _reader(_valid(session, ReadingKey.token_hash == hash_of(token)))


def reader_of_key(session: Session, key_id: int) -> Reader | None:
    """Return the reader who has a key; None when it was withdrawn since, or its day is past."""
    return _reader(_valid(session, ReadingKey.id == key_id))


def secret_hash_of(session: Session, key_id: int) -> str | None:
    """Return the hash of a key that is still good."""
    row = _valid(session, ReadingKey.id == key_id)
    return row.token_hash if row else None


def _valid(session: Session, which: ColumnElement[bool]) -> ReadingKey | None:
    return session.scalar(
        select(ReadingKey).where(
            which, ReadingKey.withdrawn_at.is_(None), ReadingKey.expires_on > clock.today()
        )
    )


def _reader(row: ReadingKey | None) -> Reader | None:
    return Reader(client_id_of(row.id), row.name, row.unit_id, row.id) if row else None


def keys(session: Session) -> list[ReadingKey]:
    """Return all keys, the newest last."""
    return list(session.scalars(select(ReadingKey).order_by(ReadingKey.id)))


def is_within(place: PlaceTree, unit_id: int, whole: PlaceTree | None) -> bool:
    """Say whether a place is the unit or lies below it, in the organisation of the day asked for."""
    if place.unit.id == unit_id:
        return True
    return whole is not None and any(one.unit.id == place.unit.id for one in whole.walk())
