"""Reading how sure pupils were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from classroom.answers.models import Attempt
from classroom.answers.queries import answer_key
from classroom.confidence.models import Confidence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def sureness_of(session: Session, lesson_id: int) -> dict[str, bool]:
    """Return {answer key: whether the pupil said to be sure} for the teachers' screens."""
    rows = session.scalars(
        select(Confidence).where(Confidence.lesson_id == lesson_id).order_by(Confidence.id)
    )
    return {answer_key(row.activity_id, row.round, row.pupil_id): row.is_sure for row in rows}


def sureness_of_standing(session: Session, lesson_id: int) -> dict[tuple[int, int, int], bool]:
    """Return {(activity, round, pupil): sure} for the answers that stand, not for those replaced."""
    rows = session.execute(
        select(Confidence.activity_id, Confidence.round, Confidence.pupil_id, Confidence.is_sure)
        .join(
            Attempt,
            and_(
                Attempt.lesson_id == Confidence.lesson_id,
                Attempt.pupil_id == Confidence.pupil_id,
                Attempt.activity_id == Confidence.activity_id,
                Attempt.round == Confidence.round,
                Attempt.uuid == Confidence.uuid,
            ),
        )
        .where(Confidence.lesson_id == lesson_id)
    )
    return {(row.activity_id, row.round, row.pupil_id): row.is_sure for row in rows}


def own_sureness(session: Session, activity_id: int, round_: int, pupil_id: int) -> Confidence | None:
    """Return what a pupil said of an answer in a round."""
    return session.scalar(
        select(Confidence).where(
            Confidence.activity_id == activity_id,
            Confidence.round == round_,
            Confidence.pupil_id == pupil_id,
        )
    )
