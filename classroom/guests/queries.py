"""Reading guests and their answers, always apart from the pupils'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from classroom.activities.models import Activity
from classroom.activities.queries import content_of, milliseconds, moderation_of
from classroom.activities.rules import public_tally
from classroom.answers.queries import answer_key, answer_of, answer_row
from classroom.answers.rules import Source
from classroom.guests.models import Guest, GuestAnswer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from classroom.activities.rules import Answer, Content


def guests_of(session: Session, lesson_id: int) -> list[Guest]:
    """Return the guests of a lesson in the order in which they came, those shown out too."""
    return list(session.scalars(select(Guest).where(Guest.lesson_id == lesson_id).order_by(Guest.id)))


def guest_of_device(session: Session, lesson_id: int, device_hash: str) -> Guest | None:
    """Return the guest whom a device answers for."""
    return session.scalar(select(Guest).where(Guest.lesson_id == lesson_id, Guest.device_hash == device_hash))


def guest_row(guest: Guest) -> dict[str, Any]:
    """Return a guest as a teacher's screen has it."""
    return {
        "name": guest.nickname,
        "joined": milliseconds(guest.joined_at),
        "out": guest.device_hash is None,
    }


def guest_answer_row(answer: GuestAnswer, content: Content) -> dict[str, Any]:
    """Return a guest's answer as a teacher's screen has it, in the form of a pupil's."""
    given = answer_of(answer.answer)
    return answer_row(content, given, Source.DEVICE, answer.version, late=answer.is_late)


def guests_for_teacher(session: Session, lesson_id: int) -> dict[str, Any]:
    """Return guests and their answers for the teachers' screens."""
    guests = guests_of(session, lesson_id)
    rows = _answers(session, lesson_id) if guests else []
    return {
        "guests": {str(guest.id): guest_row(guest) for guest in guests},
        "guest_answers": {
            answer_key(row.activity_id, row.round, row.guest_id): guest_answer_row(row, content_of(content))
            for row, content in rows
        },
    }


def _answers(session: Session, lesson_id: int) -> list[tuple[GuestAnswer, str]]:
    rows = session.execute(
        select(GuestAnswer, Activity.content)
        .join(Activity, Activity.id == GuestAnswer.activity_id)
        .where(Activity.lesson_id == lesson_id)
        .order_by(GuestAnswer.id)
    )
    return [(row[0], row[1]) for row in rows]


def guests_answered(session: Session, activity: Activity) -> int:
    """Count the guests whose answer counts in an activity's present round."""
    return (
        session.scalar(
            select(func.count()).where(
                GuestAnswer.activity_id == activity.id,
                GuestAnswer.round == activity.round,
                GuestAnswer.is_late.is_(False),
            )
        )
        or 0
    )


def guest_counts(session: Session, lesson_id: int) -> dict[tuple[int, int], int]:
    """Return {(activity, round): how many guests answered in time} of a lesson."""
    rows = session.execute(
        select(GuestAnswer.activity_id, GuestAnswer.round, func.count())
        .join(Activity, Activity.id == GuestAnswer.activity_id)
        .where(Activity.lesson_id == lesson_id, GuestAnswer.is_late.is_(False))
        .group_by(GuestAnswer.activity_id, GuestAnswer.round)
    )
    return {(activity_id, round_): count for activity_id, round_, count in rows}


def guest_answers_at(session: Session, activity_id: int, round_: int) -> list[Answer]:
    """Return the guests' answers that count in a round."""
    rows = session.scalars(
        select(GuestAnswer.answer).where(
            GuestAnswer.activity_id == activity_id,
            GuestAnswer.round == round_,
            GuestAnswer.is_late.is_(False),
        )
    )
    return [answer_of(row) for row in rows]


def guest_tallies(session: Session, activity: Activity) -> dict[str, dict[str, int]]:
    """Return {round: {what: how many guests}} for the projector, beside the pupils' tallies."""
    content, moderated = content_of(activity.content), moderation_of(activity)
    return {
        str(number): public_tally(content, guest_answers_at(session, activity.id, number), moderated)
        for number in range(1, activity.round + 1)
    }


def own_guest_answer(session: Session, activity: Activity, guest_id: int) -> GuestAnswer | None:
    """Return a guest's own answer in an activity's present round."""
    return session.scalar(
        select(GuestAnswer).where(
            GuestAnswer.guest_id == guest_id,
            GuestAnswer.activity_id == activity.id,
            GuestAnswer.round == activity.round,
        )
    )
