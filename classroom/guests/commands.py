"""Writes of guests: come in, answer, be shown out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from app.text import fold
from app.writer import write
from classroom.activities.models import Activity
from classroom.activities.queries import content_of, standing_of
from classroom.activities.rules import checked_answer
from classroom.answers.queries import answer_key, answer_of, stored_answer
from classroom.answers.rules import Kept, Wish, is_late, placed
from classroom.guests.models import Guest, GuestAnswer
from classroom.guests.queries import guest_answer_row, guest_of_device, guest_row, guests_of
from classroom.guests.rules import MOST_GUESTS, checked_nickname
from classroom.ledger.commands import ANSWERS_BELL, locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.lessons.queries import pupils_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def admit_guest(lesson_id: int, nickname: str, device_hash: str) -> int:
    """Let a device in under a nickname and return the guest; a device that is in already stays who it is.

    Raises ConflictError unless the lesson goes on and takes guests, InvalidError for a nickname that will not do.
    """

    def admit(session: Session) -> int:
        lesson = locked_lesson(session, lesson_id)
        known = guest_of_device(session, lesson.id, device_hash)
        if known is not None:
            return known.id
        if not lesson.takes_guests:
            raise ConflictError(say("Tiết học này không nhận khách."), {})
        others = guests_of(session, lesson.id)
        if len(others) >= MOST_GUESTS:
            raise InvalidError(say("Tiết học đã có đủ khách."))
        taken = {fold(pupil.full_name) for pupil in pupils_of(session, lesson)}
        name = checked_nickname(nickname, taken | {guest.nickname_fold for guest in others})
        now = clock.now()
        guest = Guest(
            lesson_id=lesson.id,
            nickname=name,
            nickname_fold=fold(name),
            device_hash=device_hash,
            joined_at=now,
        )
        session.add(guest)
        session.flush()
        tell(session, lesson, Happened.GUEST, {"guests": {str(guest.id): guest_row(guest)}}, now)
        return guest.id

    return write(admit)


def show_out(lesson_id: int, guest_id: int) -> None:
    """Show a guest out: the device no longer holds the nickname, which nobody else gets in this lesson."""

    def show(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        guest = session.get(Guest, guest_id)
        if guest is None or guest.lesson_id != lesson.id:
            raise NotFoundError
        if guest.device_hash is None:
            return
        guest.device_hash = None
        patch = {"guests": {str(guest.id): guest_row(guest)}}
        tell(session, lesson, Happened.GUEST, patch, clock.now())

    write(show)


def store_guest_answer(lesson_id: int, guest_id: int, activity_id: int, wish: Wish) -> GuestAnswer:
    """Store a guest's answer by the rules of a pupil's (time, replacement), in the guests' table; return what stands.

    Raises NotFoundError for an activity of another lesson or a guest who is out, InvalidError when the round has not
    begun or the answer is none of this question's.
    """

    def store(session: Session) -> GuestAnswer:
        lesson = locked_lesson(session, lesson_id, ended_too=True)
        guest, activity = session.get(Guest, guest_id), session.get(Activity, activity_id)
        if guest is None or guest.device_hash is None or activity is None:
            raise NotFoundError
        if {guest.lesson_id, activity.lesson_id} != {lesson.id}:
            raise NotFoundError
        content = content_of(activity.content)
        answer = checked_answer(content, wish.answer)
        late = is_late(standing_of(activity), wish)
        stands = session.scalar(
            select(GuestAnswer).where(
                GuestAnswer.guest_id == guest.id,
                GuestAnswer.activity_id == activity.id,
                GuestAnswer.round == wish.round,
            )
        )
        if stands is not None and stands.uuid == wish.uuid:
            return stands
        kept = placed(_kept(stands), wish, late=late)
        if kept is None:
            if stands is None:
                raise NotFoundError
            return stands
        if stands is None:
            stands = GuestAnswer(guest_id=guest.id, activity_id=activity.id, round=wish.round)
            session.add(stands)
        stands.uuid, stands.answer, stands.is_late = wish.uuid, stored_answer(answer), late
        stands.version, stands.made, stands.answered_at = kept.version, wish.made, wish.arrived_at
        session.flush()
        row = {answer_key(activity.id, wish.round, guest.id): guest_answer_row(stands, content)}
        tell(session, lesson, Happened.GUEST, {"guest_answers": row}, wish.arrived_at, ANSWERS_BELL)
        return stands

    return write(store)


def _kept(stands: GuestAnswer | None) -> Kept | None:
    if stands is None:
        return None
    return Kept(stands.uuid, answer_of(stands.answer), stands.is_late, stands.version, stands.made)
