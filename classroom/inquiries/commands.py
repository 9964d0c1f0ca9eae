"""Writes of pupils' questions: ask, vote, judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app import clock
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from app.writer import write
from classroom.inquiries.models import Inquiry, InquiryVote
from classroom.inquiries.queries import votes_for
from classroom.inquiries.rules import MOST_WAITING, InquiryState, checked_question
from classroom.ledger.commands import ANSWERS_BELL, locked_lesson, tell
from classroom.ledger.rules import Happened

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from classroom.lessons.models import Lesson


def ask_question(lesson_id: int, pupil_id: int, uuid: str, typed: str) -> int:
    """Keep a pupil's question for the teacher to judge and return its id; the same uuid again returns the same.

    Raises ConflictError while the lesson takes no questions, InvalidError for a text that will not do, or when too many
    of the pupil's questions wait.
    """
    text = checked_question(typed)

    def ask(session: Session) -> int:
        lesson = locked_lesson(session, lesson_id)
        mine = (Inquiry.lesson_id == lesson.id, Inquiry.pupil_id == pupil_id)
        known = session.scalar(select(Inquiry.id).where(*mine, Inquiry.uuid == uuid))
        if known is not None:
            return known
        _must_take(lesson)
        waiting = select(func.count()).where(*mine, Inquiry.state == InquiryState.WAITING)
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            raise InvalidError(say("Em đã gửi vài câu hỏi. Em chờ thầy cô xem nhé."))
        now = clock.now()
        inquiry = Inquiry(
            lesson_id=lesson.id,
            pupil_id=pupil_id,
            uuid=uuid,
            text=text,
            state=InquiryState.WAITING,
            asked_at=now,
        )
        session.add(inquiry)
        session.flush()
        row = {"pupil": pupil_id, "text": text, "state": inquiry.state, "votes": 0}
        tell(session, lesson, Happened.ASKED, _patch(inquiry.id, row), now)
        return inquiry.id

    return write(ask)


def vote(lesson_id: int, pupil_id: int, inquiry_id: int, *, up: bool, made: int) -> int:
    """Set a pupil's one vote for a question and return how many it has; an older tap changes nothing.

    Raises NotFoundError for a question that the class does not see, ConflictError once it is answered.
    """

    def set_vote(session: Session) -> int:
        lesson = locked_lesson(session, lesson_id)
        _must_take(lesson)
        inquiry = _inquiry(session, lesson, inquiry_id)
        if inquiry.state == InquiryState.ANSWERED:
            raise ConflictError(say("Câu hỏi này đã được trả lời."), {})
        if inquiry.state != InquiryState.SHOWN:
            raise NotFoundError
        row = session.scalar(
            select(InquiryVote).where(InquiryVote.inquiry_id == inquiry.id, InquiryVote.pupil_id == pupil_id)
        )
        if row is None:
            session.add(InquiryVote(inquiry_id=inquiry.id, pupil_id=pupil_id, is_up=up, made=made))
        elif row.made >= made or row.is_up == up:
            return votes_for(session, inquiry.id)
        else:
            row.is_up, row.made = up, made
        session.flush()
        votes = votes_for(session, inquiry.id)
        patch = _patch(inquiry.id, {"votes": votes})
        tell(session, lesson, Happened.VOTED, patch, clock.now(), ANSWERS_BELL)
        return votes

    return write(set_vote)


def judge(lesson_id: int, inquiry_id: int, state: InquiryState) -> int:
    """Show a question to the class, hide it, or note that it was answered; return whose it is."""

    def decide(session: Session) -> int:
        lesson = locked_lesson(session, lesson_id)
        inquiry = _inquiry(session, lesson, inquiry_id)
        if inquiry.state != state:
            inquiry.state = state
            tell(session, lesson, Happened.INQUIRED, _patch(inquiry.id, {"state": state.value}), clock.now())
        return inquiry.pupil_id

    return write(decide)


def _must_take(lesson: Lesson) -> None:
    if not lesson.takes_inquiries:
        raise ConflictError(say("Thầy cô chưa nhận câu hỏi trong tiết này."), {})


def _inquiry(session: Session, lesson: Lesson, inquiry_id: int) -> Inquiry:
    inquiry = session.get(Inquiry, inquiry_id)
    if inquiry is None or inquiry.lesson_id != lesson.id:
        raise NotFoundError
    return inquiry


def _patch(inquiry_id: int, row: dict[str, Any]) -> dict[str, Any]:
    return {"inquiries": {str(inquiry_id): row}}
