"""Reading seats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from classroom.seats.models import Seat

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def seat_of_device(session: Session, lesson_id: int, device_hash: str) -> Seat | None:
    """Return the seat that a device holds in a lesson."""
    return session.scalar(select(Seat).where(Seat.lesson_id == lesson_id, Seat.device_hash == device_hash))


def joined_count(session: Session, lesson_id: int) -> int:
    """Count the pupils who joined with a device."""
    return session.scalar(select(func.count()).where(Seat.lesson_id == lesson_id)) or 0


def seats_of(session: Session, lesson_id: int) -> dict[int, Seat]:
    """Return {pupil id: seat} of a lesson."""
    return {seat.pupil_id: seat for seat in session.scalars(select(Seat).where(Seat.lesson_id == lesson_id))}
