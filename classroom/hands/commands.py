"""Writes of raised hands: a pupil raises and lowers, a teacher lowers one or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from app.writer import write
from classroom.hands.models import Hand
from classroom.hands.queries import hand_of, hand_row, hands_up
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from classroom.lessons.models import Lesson


def raise_hand(lesson_id: int, pupil_id: int, uuid: str) -> str | None:
    """Raise a pupil's hand and return the id of the hand that is up; None when this one was lowered before.

    A hand that is up keeps its turn; the same uuid again changes nothing, not even after it was lowered.
    """

    def put_up(session: Session) -> str | None:
        lesson = locked_lesson(session, lesson_id)
        up = hand_of(session, lesson.id, pupil_id)
        if up is not None:
            return up.uuid
        if _known(session, lesson, pupil_id, uuid) is not None:
            return None
        now = clock.now()
        hand = Hand(lesson_id=lesson.id, pupil_id=pupil_id, uuid=uuid, raised_at=now)
        session.add(hand)
        session.flush()
        patch = {"pupils": {str(pupil_id): {"hand": hand_row(hand)}}}
        tell(session, lesson, Happened.HAND, patch, now)
        return uuid

    return write(put_up)


def lower_hand(lesson_id: int, pupil_id: int, uuid: str) -> None:
    """Lower a pupil's hand; one that arrives before its raising keeps that one down."""

    def put_down(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        now = clock.now()
        hand = _known(session, lesson, pupil_id, uuid)
        if hand is None:
            session.add(
                Hand(lesson_id=lesson.id, pupil_id=pupil_id, uuid=uuid, raised_at=now, lowered_at=now)
            )
        elif hand.lowered_at is None:
            _lower(session, lesson, [hand], now)

    write(put_down)


def lower_hands(lesson_id: int, pupil_id: int | None = None) -> list[int]:
    """Lower the hand of one pupil, or of all (None), and return whose went down."""

    def put_down(session: Session) -> list[int]:
        lesson = locked_lesson(session, lesson_id)
        up = [hand for hand in hands_up(session, lesson.id) if pupil_id in {None, hand.pupil_id}]
        if up:
            _lower(session, lesson, up, clock.now())
        return [hand.pupil_id for hand in up]

    return write(put_down)


def _known(session: Session, lesson: Lesson, pupil_id: int, uuid: str) -> Hand | None:
    return session.scalar(
        select(Hand).where(Hand.lesson_id == lesson.id, Hand.pupil_id == pupil_id, Hand.uuid == uuid)
    )


def _lower(session: Session, lesson: Lesson, hands: list[Hand], now: datetime) -> None:
    for hand in hands:
        hand.lowered_at = now
    patch = {"pupils": {str(hand.pupil_id): {"hand": None} for hand in hands}}
    tell(session, lesson, Happened.HAND, patch, now)
