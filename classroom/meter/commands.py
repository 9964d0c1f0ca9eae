"""Writes of the understanding meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import clock
from app.errors import InvalidError
from app.i18n import say
from app.writer import write
from classroom.ledger.commands import ANSWERS_BELL, locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.meter.models import MeterTap
from classroom.meter.queries import feels_of, meter_rows, taps_of
from classroom.meter.rules import MOST_TAPS, Feels, course

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def tap_meter(lesson_id: int, pupil_id: int, uuid: str, feels: Feels) -> Feels:
    """Note what a pupil says about following, and return what stands; the same uuid again notes nothing.

    Raises InvalidError after MOST_TAPS taps in one lesson.
    """

    def tap(session: Session) -> Feels:
        lesson = locked_lesson(session, lesson_id)
        mine = (MeterTap.lesson_id == lesson.id, MeterTap.pupil_id == pupil_id)
        stands = feels_of(session, lesson.id, pupil_id)
        known = session.scalar(select(MeterTap.id).where(*mine, MeterTap.uuid == uuid))
        if known is not None or stands is feels:
            return stands
        if (session.scalar(select(func.count()).where(*mine)) or 0) >= MOST_TAPS:
            raise InvalidError(say("Em đã bấm nhiều lần trong tiết này rồi."))
        now = clock.now()
        session.add(MeterTap(lesson_id=lesson.id, pupil_id=pupil_id, uuid=uuid, feels=feels.value, at=now))
        session.flush()
        points = course(taps_of(session, lesson.id))[-1:]
        tell(session, lesson, Happened.FELT, {"meter": meter_rows(points)}, now, ANSWERS_BELL)
        return feels

    return write(tap)
