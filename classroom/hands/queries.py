"""Reading raised hands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from classroom.activities.queries import milliseconds
from classroom.hands.models import Hand

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def hands_up(session: Session, lesson_id: int) -> list[Hand]:
    """Return the hands that are up, in the order in which they went up."""
    return list(
        session.scalars(
            select(Hand).where(Hand.lesson_id == lesson_id, Hand.lowered_at.is_(None)).order_by(Hand.id)
        )
    )


def hand_row(hand: Hand) -> dict[str, Any]:
    """Return a hand as a teacher's screen has it: its turn among all hands, and since when it is up."""
    return {"turn": hand.id, "at": milliseconds(hand.raised_at)}


def raised_counts(session: Session, lesson_id: int) -> dict[int, int]:
    """Return {pupil: how often a hand went up} in a lesson; who raised none is absent from it."""
    rows = session.execute(
        select(Hand.pupil_id, func.count()).where(Hand.lesson_id == lesson_id).group_by(Hand.pupil_id)
    )
    return {row.pupil_id: row[1] for row in rows}


def hand_of(session: Session, lesson_id: int, pupil_id: int) -> Hand | None:
    """Return the hand of a pupil that is up."""
    return session.scalar(
        select(Hand)
        .where(Hand.lesson_id == lesson_id, Hand.pupil_id == pupil_id, Hand.lowered_at.is_(None))
        .limit(1)
    )
