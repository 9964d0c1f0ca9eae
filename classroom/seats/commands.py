"""Writes of seats: take one with the card code, free one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import delete, func, select, update

from app import clock, facts
from app.errors import InvalidError, NotFoundError, RateLimitedError
from app.i18n import say
from app.school.models import SchoolClass
from app.school.queries import cards_of_pupils
from app.writer import write
from classroom.activities.queries import milliseconds
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.lessons.queries import pupils_of
from classroom.seats.models import Seat, WrongTry
from classroom.seats.rules import TRIES_PER_DEVICE, TRIES_PER_PUPIL, TRIES_WITHIN, is_card_code

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.errors import BangXanhError
    from classroom.lessons.models import Lesson


@dataclass(frozen=True)
class PupilJoinedLesson(facts.Fact):
    """A pupil's device joined a lesson: evidence of presence, never a mark."""

    fact_name: ClassVar[str] = "PupilJoinedLesson"
    lesson_id: int
    class_id: int
    school_id: int
    pupil_id: int
    day: date
    day_session: str
    number: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatTaken:
    """A seat that a device holds now. `replaced` says whether another device held it until now."""

    seat_id: int
    pupil_id: int
    replaced: bool


def take_seat(lesson_id: int, pupil_id: int, card_code: str, device_hash: str) -> SeatTaken:
    """Seat a pupil's device after the card code was checked; the pupil's former device, if any, loses the seat.

    Raises NotFoundError for a pupil who is not in the class, RateLimitedError after too many wrong codes, InvalidError
    for a wrong one. A wrong try is stored, so it is the transaction's result, not its failure.
    """

    def take(session: Session) -> SeatTaken | BangXanhError:
        lesson = locked_lesson(session, lesson_id)
        if pupil_id not in {pupil.id for pupil in pupils_of(session, lesson)}:
            raise NotFoundError
        refused = _card_refused(session, lesson, pupil_id, card_code, device_hash)
        return refused or _seat(session, lesson, pupil_id, device_hash)

    taken = write(take)
    if not isinstance(taken, SeatTaken):
        raise taken
    return taken


def _card_refused(
    session: Session, lesson: Lesson, pupil_id: int, card_code: str, device_hash: str
) -> BangXanhError | None:
    now = clock.now()
    recent = WrongTry.at > now - TRIES_WITHIN
    by_pupil = session.scalar(
        select(func.count()).where(WrongTry.lesson_id == lesson.id, WrongTry.pupil_id == pupil_id, recent)
    )
    by_device = session.scalar(select(func.count()).where(WrongTry.device_hash == device_hash, recent))
    if (by_pupil or 0) >= TRIES_PER_PUPIL or (by_device or 0) >= TRIES_PER_DEVICE:
        wait = int(TRIES_WITHIN.total_seconds())
        return RateLimitedError(say("Đã nhập sai nhiều lần. Em hãy nhờ thầy cô, hoặc đợi 10 phút."), wait)
    year_id = session.get_one(SchoolClass, lesson.class_id).year_id
    stored = cards_of_pupils(session, [pupil_id], year_id).get(pupil_id)
    if stored is None:
        return InvalidError(say("Em chưa có mã thẻ. Hãy báo thầy cô để văn phòng in thẻ."))
    if is_card_code(stored, card_code):
        return None
    session.add(WrongTry(lesson_id=lesson.id, pupil_id=pupil_id, device_hash=device_hash, at=now))
    return InvalidError(say("Mã thẻ chưa đúng. Em xem lại mã 4 ký tự trên thẻ của mình."))


def _seat(session: Session, lesson: Lesson, pupil_id: int, device_hash: str) -> SeatTaken:
    now = clock.now()
    seat = session.scalar(select(Seat).where(Seat.lesson_id == lesson.id, Seat.pupil_id == pupil_id))
    if seat is not None and seat.device_hash == device_hash:
        return SeatTaken(seat.id, pupil_id, replaced=False)
    changed = _leave_other_seat(session, lesson, device_hash)
    replaced = seat is not None and seat.device_hash is not None
    if seat is None:
        seat = Seat(
            lesson_id=lesson.id, pupil_id=pupil_id, device_hash=device_hash, joined_at=now, taken_at=now
        )
        session.add(seat)
        facts.record(session, _joined(lesson, pupil_id, now))
    else:
        seat.device_hash, seat.taken_at = device_hash, now
    session.flush()
    changed[str(pupil_id)] = {"joined": milliseconds(seat.joined_at), "device": True}
    tell(session, lesson, Happened.SEATED, {"pupils": changed}, now)
    return SeatTaken(seat.id, pupil_id, replaced=replaced)


def _leave_other_seat(session: Session, lesson: Lesson, device_hash: str) -> dict[str, Any]:
    """One device answers for one pupil: it leaves the seat that it held before. Return what changes on screens."""
    other = session.scalar(select(Seat).where(Seat.lesson_id == lesson.id, Seat.device_hash == device_hash))
    if other is None:
        return {}
    other.device_hash = None
    session.flush()
    return {str(other.pupil_id): {"device": False}}


def _joined(lesson: Lesson, pupil_id: int, now: datetime) -> PupilJoinedLesson:
    return PupilJoinedLesson(
        lesson_id=lesson.id,
        class_id=lesson.class_id,
        school_id=lesson.school_id,
        pupil_id=pupil_id,
        day=lesson.held_on,
        day_session=lesson.day_session,
        number=lesson.number,
        at=now,
    )


def free_seat(lesson_id: int, pupil_id: int) -> None:
    """Take the seat from a pupil's device and forget wrong tries: another device may be seated at once."""

    def free(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        changed = session.execute(
            update(Seat)
            .where(Seat.lesson_id == lesson.id, Seat.pupil_id == pupil_id, Seat.device_hash.is_not(None))
            .values(device_hash=None)
            .returning(Seat.id)
        ).all()
        session.execute(
            delete(WrongTry).where(WrongTry.lesson_id == lesson.id, WrongTry.pupil_id == pupil_id)
        )
        if changed:
            patch = {"pupils": {str(pupil_id): {"device": False}}}
            tell(session, lesson, Happened.FREED, patch, clock.now())

    write(free)


def give_extra_time(lesson_id: int, pupil_id: int, percent: int) -> None:
    """Give a seated pupil 0 to 100 per cent more of every timer in this lesson; NotFoundError without a seat."""

    def give(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        seat = session.scalar(select(Seat).where(Seat.lesson_id == lesson.id, Seat.pupil_id == pupil_id))
        if seat is None:
            raise NotFoundError
        if seat.extra_percent == percent:
            return
        seat.extra_percent = percent
        patch = {"pupils": {str(pupil_id): {"extra": percent}}}
        tell(session, lesson, Happened.EXTENDED, patch, clock.now())

    write(give)
