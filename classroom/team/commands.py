"""Writes of who leads a lesson: add a colleague, take one out, hand the lesson over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from app.writer import write
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.team.models import CoTeacher
from classroom.team.queries import colleagues_of, planned_with, teachers_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor
    from classroom.lessons.models import Lesson


def add_teacher(actor: Actor, lesson_id: int, user_id: int) -> None:
    """Have a colleague of the school lead the lesson too; NotFoundError for anybody else. Twice is once."""

    def add(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        if user_id in {one["id"] for one in teachers_of(session, lesson)}:
            return
        if user_id not in {one["id"] for one in colleagues_of(session, lesson)}:
            raise NotFoundError
        session.add(
            CoTeacher(lesson_id=lesson.id, user_id=user_id, added_by=actor.user_id, added_at=clock.now())
        )
        record(session, actor, "lesson.teacher_added", ("lesson", lesson.id), {"user": user_id})
        _tell(session, lesson)

    write(add)


def remove_teacher(actor: Actor, lesson_id: int, user_id: int) -> None:
    """Have a colleague lead the lesson no longer; the owner cannot be taken out. Twice is once."""

    def remove(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        if user_id == lesson.owner_id:
            raise InvalidError(say("Người bắt đầu tiết học không rời được. Hãy giao tiết học trước."))
        row = session.get(CoTeacher, (lesson.id, user_id))
        if row is None:
            return
        session.delete(row)
        record(session, actor, "lesson.teacher_removed", ("lesson", lesson.id), {"user": user_id})
        _tell(session, lesson)

    write(remove)


def hand_over(actor: Actor, lesson_id: int, user_id: int) -> None:
    """Make a co-teacher the owner; who owned the lesson leads it on with the new one. Twice is once.

    Raises NotFoundError for somebody who does not lead it, ConflictError when the colleague leads another lesson of
    the same period.
    """

    def hand(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        if lesson.owner_id == user_id:
            return
        if session.get(CoTeacher, (lesson.id, user_id)) is None:
            raise NotFoundError
        if session.get(CoTeacher, (lesson.id, lesson.owner_id)) is None:
            session.add(
                CoTeacher(
                    lesson_id=lesson.id,
                    user_id=lesson.owner_id,
                    added_by=actor.user_id,
                    added_at=clock.now(),
                )
            )
        try:
            with session.begin_nested():
                lesson.owner_id = user_id
        except IntegrityError as error:
            raise ConflictError(
                say("Đồng nghiệp đang dạy một tiết khác của lớp trong giờ này."), {}
            ) from error
        record(session, actor, "lesson.handed_over", ("lesson", lesson.id), {"user": user_id})
        _tell(session, lesson)

    write(hand)


def add_planned_teachers(session: Session, lesson: Lesson) -> None:
    """Add who teaches the period together by the timetable, in the transaction that begins the lesson."""
    known = set(session.scalars(select(CoTeacher.user_id).where(CoTeacher.lesson_id == lesson.id)))
    for user_id in planned_with(session, lesson):
        if user_id not in known:
            session.add(CoTeacher(lesson_id=lesson.id, user_id=user_id, added_by=None, added_at=clock.now()))


def _tell(session: Session, lesson: Lesson) -> None:
    session.flush()
    patch = {"teachers": teachers_of(session, lesson)}
    tell(session, lesson, Happened.TEAM, patch, clock.now())
