"""Reading pupils' questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from classroom.inquiries.models import Inquiry, InquiryVote
from classroom.inquiries.rules import Asked, for_class

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def inquiries_of(session: Session, lesson_id: int) -> list[Asked]:
    """Return the questions of a lesson in the order in which they were asked, each with its votes."""
    votes = (
        select(InquiryVote.inquiry_id, func.count().label("n"))
        .where(InquiryVote.is_up.is_(True))
        .group_by(InquiryVote.inquiry_id)
        .subquery()
    )
    rows = session.execute(
        select(Inquiry.id, Inquiry.pupil_id, Inquiry.text, Inquiry.state, func.coalesce(votes.c.n, 0))
        .outerjoin(votes, votes.c.inquiry_id == Inquiry.id)
        .where(Inquiry.lesson_id == lesson_id)
        .order_by(Inquiry.id)
    )
    return [Asked(*row) for row in rows]


def votes_for(session: Session, inquiry_id: int) -> int:
    """Count the votes for a question."""
    return (
        session.scalar(
            select(func.count()).where(InquiryVote.inquiry_id == inquiry_id, InquiryVote.is_up.is_(True))
        )
        or 0
    )


def inquiry_rows(session: Session, lesson_id: int) -> dict[str, dict[str, Any]]:
    """Return the questions as a teacher's screen has them, with who asked."""
    return {
        str(one.id): {"pupil": one.pupil_id, "text": one.text, "state": one.state, "votes": one.votes}
        for one in inquiries_of(session, lesson_id)
    }


def shown_inquiries(session: Session, lesson_id: int) -> list[dict[str, Any]]:
    """Return what the class sees of the questions: no names."""
    return [
        {"id": one.id, "text": one.text, "votes": one.votes, "answered": one.state == "answered"}
        for one in for_class(inquiries_of(session, lesson_id))
    ]


def own_inquiries(session: Session, lesson_id: int, pupil_id: int) -> dict[str, Any]:
    """Return a pupil's own questions and for which the pupil votes, for that pupil alone."""
    asked = session.execute(
        select(Inquiry.id, Inquiry.text, Inquiry.state)
        .where(Inquiry.lesson_id == lesson_id, Inquiry.pupil_id == pupil_id)
        .order_by(Inquiry.id)
    )
    voted = session.scalars(
        select(InquiryVote.inquiry_id)
        .join(Inquiry, Inquiry.id == InquiryVote.inquiry_id)
        .where(Inquiry.lesson_id == lesson_id, InquiryVote.pupil_id == pupil_id, InquiryVote.is_up.is_(True))
    )
    return {
        "asked": [{"id": row.id, "text": row.text, "state": row.state} for row in asked],
        "voted": sorted(voted),
    }
