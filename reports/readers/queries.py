"""Who reads: the key of a request, and whether a place lies within its reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from reports.readers.models import ReadingKey
from reports.readers.rules import Reader, hash_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reports.tallies.queries import PlaceTree


def reader_with(session: Session, token: str) -> Reader | None:
    """Return the reader whose key this is; None when it is unknown, withdrawn or past its day."""
    row = session.scalar(
        select(ReadingKey).where(
            ReadingKey.token_hash == hash_of(token),
            ReadingKey.withdrawn_at.is_(None),
            ReadingKey.expires_on > clock.today(),
        )
    )
    return Reader(row.id, row.name, row.unit_id) if row else None


def keys(session: Session) -> list[ReadingKey]:
    """Return all keys, the newest last."""
    return list(session.scalars(select(ReadingKey).order_by(ReadingKey.id)))


def is_within(place: PlaceTree, unit_id: int, whole: PlaceTree | None) -> bool:
    """Say whether a place is the unit or lies below it, in the organisation of the day asked for."""
    if place.unit.id == unit_id:
        return True
    return whole is not None and any(one.unit.id == place.unit.id for one in whole.walk())
