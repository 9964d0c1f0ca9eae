"""Reading answers: those that stand, how many count, how they are told to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, select

from classroom.activities.queries import content_of, moderation_of
from classroom.activities.rules import Answer, Content, Kind, Phase, is_right, public_tally, share_right
from classroom.activities.rules.sketching import drawing_key
from classroom.answers.models import Attempt
from classroom.answers.rules import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.prepared import Found
    from classroom.activities.models import Activity


def stored_answer(answer: Answer) -> str:
    """Return the form in which an answer is stored; equal answers have one form."""
    return orjson.dumps(answer).decode()


def answer_of(stored: str) -> Answer:
    """Return the answer from its stored form."""
    return tuple(orjson.loads(stored))


def attempts_of(session: Session, lesson_id: int) -> list[Attempt]:
    """Return every answer that stands in a lesson."""
    return list(session.scalars(select(Attempt).where(Attempt.lesson_id == lesson_id).order_by(Attempt.id)))


def attempts_at(session: Session, activity_id: int) -> list[Attempt]:
    """Return every answer that stands to one activity, of all rounds."""
    return list(
        session.scalars(select(Attempt).where(Attempt.activity_id == activity_id).order_by(Attempt.id))
    )


def attempt_of(session: Session, activity: Activity | Found, pupil_id: int) -> Attempt | None:
    """Return the answer of a pupil that stands in the activity's present round."""
    return session.scalar(
        select(Attempt).where(
            Attempt.lesson_id == activity.lesson_id,
            Attempt.pupil_id == pupil_id,
            Attempt.activity_id == activity.id,
            Attempt.round == activity.round,
        )
    )


def answers_in_time(session: Session, activity_id: int, round_: int) -> int:
    """Count the pupils whose answer counts in a round."""
    return (
        session.scalar(
            select(func.count()).where(
                Attempt.activity_id == activity_id, Attempt.round == round_, Attempt.is_late.is_(False)
            )
        )
        or 0
    )


def answers_that_count(session: Session, activity_id: int, round_: int) -> list[Answer]:
    """Return the answers that count in a round."""
    rows = session.scalars(
        select(Attempt.answer).where(
            Attempt.activity_id == activity_id, Attempt.round == round_, Attempt.is_late.is_(False)
        )
    )
    return [answer_of(row) for row in rows]


def tallies(session: Session, activity: Activity) -> dict[str, dict[str, int]]:
    """Return {round: {what: how many}} for the projector, over the answers that count, straight from the ledger."""
    content, moderated = content_of(activity.content), moderation_of(activity)
    return {
        str(number): public_tally(content, answers_that_count(session, activity.id, number), moderated)
        for number in range(1, activity.round + 1)
    }


def attempt_for_teacher(attempt: Attempt, content: Content) -> dict[str, Any]:
    """Return an answer that stands, for the teacher's table."""
    answer = answer_of(attempt.answer)
    return answer_row(content, answer, Source(attempt.source), attempt.version, late=attempt.is_late)


def answer_row(
    content: Content, answer: Answer, source: Source, version: int, *, late: bool
) -> dict[str, Any]:
    """Return an answer as the teacher's table has it."""
    return standing_row(judged_row(content, answer), source, version, late=late)


def judged_row(content: Content, answer: Answer) -> dict[str, Any]:
    """Return what the teacher's table says of an answer, whoever gave it; `right` is None when nothing is right."""
    drawn = {"key": drawing_key(answer)} if content.kind is Kind.DRAWING else {}
    return {"answer": list(answer), "right": is_right(content, answer), **drawn}


def standing_row(judged: dict[str, Any], source: Source, version: int, *, late: bool) -> dict[str, Any]:
    """Return an answer as the teacher's table has it, from what `judged_row` says of it."""
    return {**judged, "source": source, "version": version, "late": late}


def answer_key(activity_id: int, round_: int, pupil_id: int) -> str:
    """Return the key of an answer in the teacher's table."""
    return f"{activity_id}:{round_}:{pupil_id}"


def for_its_pupil(attempt: Attempt, activity: Activity | Found | None = None) -> dict[str, Any]:
    """Return a pupil's own answer, for that pupil only; once its activity is revealed with the share that is right."""
    share = None
    if activity is not None and activity.phase == Phase.REVEALED:
        share = share_right(content_of(activity.content), answer_of(attempt.answer))
    return {
        **({} if share is None else {"share": float(share)}),
        "activity": attempt.activity_id,
        "round": attempt.round,
        "uuid": attempt.uuid,
        "answer": list(answer_of(attempt.answer)),
        "version": attempt.version,
        "late": attempt.is_late,
    }


def own_answers(session: Session, lesson_id: int, keys: Sequence[str]) -> list[tuple[int, dict[str, Any]]]:
    """Return (pupil, own answer) for keys of the teacher's table, for those pupils' own rooms."""
    wanted = {tuple(map(int, key.split(":"))) for key in keys}
    if not wanted:
        return []
    rows = session.scalars(
        select(Attempt).where(
            Attempt.lesson_id == lesson_id, Attempt.pupil_id.in_({pupil_id for _, _, pupil_id in wanted})
        )
    )
    return [
        (row.pupil_id, for_its_pupil(row))
        for row in rows
        if (row.activity_id, row.round, row.pupil_id) in wanted
    ]
