"""The write of how sure a pupil is; beside the storing of answers, which it must not slow down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import clock
from app.errors import ConflictError, NotFoundError
from app.i18n import say
from app.writer import write
from classroom.activities.models import Activity
from classroom.activities.rules import Phase
from classroom.answers.queries import answer_key
from classroom.confidence.models import Confidence
from classroom.confidence.queries import own_sureness
from classroom.ledger.commands import ANSWERS_BELL, locked_lesson, tell
from classroom.ledger.rules import Happened

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Confided:
    """What a pupil says of an answer: `uuid` is the answer's own, `made` the device's clock to order its taps."""

    activity_id: int
    round: int
    uuid: str
    is_sure: bool
    made: int


def confide(lesson_id: int, pupil_id: int, said: Confided) -> bool:
    """Keep whether a pupil is sure of an answer, and return what stands; an older tap changes nothing.

    Raises NotFoundError for an activity of another lesson, ConflictError where nobody asked or the solution is shown.
    """

    def keep(session: Session) -> bool:
        lesson = locked_lesson(session, lesson_id)
        activity = session.get(Activity, said.activity_id)
        if activity is None or activity.lesson_id != lesson.id or said.round > activity.round:
            raise NotFoundError
        if not lesson.asks_confidence or activity.phase == Phase.REVEALED:
            raise ConflictError(say("Bây giờ thầy cô không hỏi em có chắc không."), {})
        row = own_sureness(session, activity.id, said.round, pupil_id)
        if row is not None and row.made >= said.made:
            return row.is_sure
        if row is None:
            row = Confidence(
                lesson_id=lesson.id, activity_id=activity.id, round=said.round, pupil_id=pupil_id
            )
            session.add(row)
        row.uuid, row.is_sure, row.made = said.uuid, said.is_sure, said.made
        key = answer_key(activity.id, said.round, pupil_id)
        patch = {"sure": {key: said.is_sure}}
        tell(session, lesson, Happened.CONFIDED, patch, clock.now(), ANSWERS_BELL)
        return said.is_sure

    return write(keep)
