"""Writes of retention: a school decides, and every night what is too old goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import orjson
from sqlalchemy import delete, func, select, update

from app import clock, db
from app.access import SYSTEM
from app.audit.commands import record
from app.errors import InvalidError
from app.forgetting import Fate, Trace
from app.i18n import N_, say
from classroom.activities.models import Activity
from classroom.activities.queries import activities_of, content_of
from classroom.activities.rules import Kind, is_right
from classroom.answers.models import Attempt, AttemptChange
from classroom.answers.queries import answer_of, attempts_of
from classroom.confidence.models import Confidence
from classroom.groups.models import Grouping, GroupPlace
from classroom.guests.models import Guest, GuestAnswer
from classroom.hands.models import Hand
from classroom.inquiries.models import Inquiry, InquiryVote
from classroom.ledger.commands import locked_lesson
from classroom.ledger.models import LessonEvent
from classroom.meter.models import MeterTap
from classroom.retention.models import AnswerRetention, RoundSummary
from classroom.retention.queries import lessons_to_forget, summaries_of
from classroom.retention.rules import FEWEST_MONTHS, MOST_MONTHS, counts_to_keep
from classroom.seats.models import Seat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.forgetting import Leaving
    from classroom.activities.rules import Answer
    from classroom.lessons.models import Lesson


def set_retention(actor: Actor, school_id: int, months: int | None) -> None:
    """Have a school keep answers for some months, or for as long as the records are kept (None)."""
    if months is not None and not FEWEST_MONTHS <= months <= MOST_MONTHS:
        message = say("Từ %(least)s đến %(most)s tháng.", least=FEWEST_MONTHS, most=MOST_MONTHS)
        raise InvalidError(message, {"months": message})
    with db.transaction() as session:
        row = session.get(AnswerRetention, school_id)
        if (row.months if row else None) == months:
            return
        if row is not None and months is None:
            session.delete(row)
        elif row is not None and months is not None:
            row.months = months
        elif months is not None:
            session.add(AnswerRetention(school_id=school_id, months=months))
        record(session, actor, "answers.retention_set", ("unit", school_id), {"months": months})


def forget_old_answers() -> None:
    """Let go, lesson by lesson, what is older than its school keeps it. Two workers at once do it once."""
    for lesson_id in lessons_to_forget(db.session(), clock.today()):
        with db.transaction() as session:
            _forget(session, locked_lesson(session, lesson_id, ended_too=True))


def _forget(session: Session, lesson: Lesson) -> None:
    """Write down the counts, then delete whatever says who answered what: the events of the lesson say it too."""
    if lesson.answers_gone_at is None:
        _summarise(session, lesson)
        record(session, SYSTEM, "lesson.answers_forgotten", ("lesson", lesson.id))
    asked = select(Activity.id).where(Activity.lesson_id == lesson.id)
    inquiries = select(Inquiry.id).where(Inquiry.lesson_id == lesson.id)
    divisions = select(Grouping.id).where(Grouping.lesson_id == lesson.id)
    for statement in (
        delete(AttemptChange).where(AttemptChange.activity_id.in_(asked)),
        delete(Attempt).where(Attempt.lesson_id == lesson.id),
        delete(Confidence).where(Confidence.lesson_id == lesson.id),
        delete(GuestAnswer).where(GuestAnswer.activity_id.in_(asked)),
        delete(Guest).where(Guest.lesson_id == lesson.id),
        delete(InquiryVote).where(InquiryVote.inquiry_id.in_(inquiries)),
        delete(Inquiry).where(Inquiry.lesson_id == lesson.id),
        delete(MeterTap).where(MeterTap.lesson_id == lesson.id),
        delete(Hand).where(Hand.lesson_id == lesson.id),
        delete(GroupPlace).where(GroupPlace.grouping_id.in_(divisions)),
        delete(Grouping).where(Grouping.lesson_id == lesson.id),
        delete(LessonEvent).where(LessonEvent.lesson_id == lesson.id),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    lesson.answers_gone_at = lesson.answers_gone_at or clock.now()


def _summarise(session: Session, lesson: Lesson) -> None:
    given, known = attempts_of(session, lesson.id), summaries_of(session, lesson.id)
    for activity in activities_of(session, lesson.id):
        if activity.shown_seq == 0 or activity.kind == Kind.SLIDE:
            continue
        for number in range(1, activity.round + 1):
            rows = [row for row in given if (row.activity_id, row.round) == (activity.id, number)]
            if (activity.id, number) not in known:
                session.add(_summary(activity, number, rows))


def _summary(activity: Activity, number: int, rows: Sequence[Attempt]) -> RoundSummary:
    content = content_of(activity.content)
    in_time = [answer_of(row.answer) for row in rows if not row.is_late]
    right = sum(bool(is_right(content, answer)) for answer in in_time) if content.solution else None
    return RoundSummary(
        activity_id=activity.id,
        round=number,
        answered=len(in_time),
        late=sum(row.is_late for row in rows),
        right=right,
        counts=orjson.dumps(counts_to_keep(content, in_time)).decode(),
    )


# --- one pupil ------------------------------------------------------------------------------------------------------

AnyAnswer = TypeVar("AnyAnswer", Attempt, AttemptChange)
WORDLESS: Final = {Kind.TEXT: '[""]', Kind.SHORT: '[""]', Kind.WORDS: "[]", Kind.DRAWING: "[]"}
"""What stands in the place of an answer in a forgotten pupil's own words; that there was an answer stays."""


def _count_answers(session: Session, who: Leaving) -> int:
    query = select(func.count()).select_from(Attempt)
    return session.scalar(query.where(Attempt.pupil_id == who.pupil_id)) or 0


def _forget_words(session: Session, who: Leaving) -> None:
    """Empty answers and questions in the pupil's own words; choices stay, which figures are made of."""
    given: list[Attempt | AttemptChange] = [
        *_given(session, Attempt, who),
        *_given(session, AttemptChange, who),
    ]
    for row in given:
        activity = session.get_one(Activity, row.activity_id)
        _let_go_of_moderation(activity, answer_of(row.answer))
        row.answer = _wordless(Kind(activity.kind), row.answer)
    session.flush()
    session.execute(
        update(Inquiry).where(Inquiry.pupil_id == who.pupil_id).values(text=""),
        execution_options={"synchronize_session": False},
    )
    met = select(Seat.lesson_id).where(Seat.pupil_id == who.pupil_id)
    gone = delete(LessonEvent).where(LessonEvent.lesson_id.in_(met))
    session.execute(gone, execution_options={"synchronize_session": False})


def _given(session: Session, table: type[AnyAnswer], who: Leaving) -> Sequence[AnyAnswer]:
    return session.scalars(select(table).where(table.pupil_id == who.pupil_id)).all()


def _let_go_of_moderation(activity: Activity, answer: Answer) -> None:
    known = orjson.loads(activity.moderation)
    if left := [one for one in known if one not in answer]:
        activity.moderation = orjson.dumps(left).decode()
    elif known:
        activity.moderation = "[]"


def _wordless(kind: Kind, stored: str) -> str:
    if kind is Kind.EXIT:
        return orjson.dumps(answer_of(stored)[:1]).decode()
    return WORDLESS.get(kind, stored)


ANSWERS_OF_PUPIL: Final = Trace(
    N_("Câu trả lời trong tiết học: bỏ lời viết, hình vẽ, câu hỏi; giữ câu chọn đáp án"),
    ("attempt", "attempt_change", "inquiry", "lesson_event"),
    Fate.EMPTIED,
    _count_answers,
    _forget_words,
)
