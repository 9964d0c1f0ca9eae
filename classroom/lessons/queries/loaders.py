"""Loaders of lessons: whom a lesson is shown to, and by which code it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.errors import NotFoundError
from app.school.queries import place_of_class
from classroom.lessons.models import Lesson
from classroom.lessons.queries.lists import class_of
from classroom.lessons.rules import LEAD_LESSON, LessonState, typed_code
from classroom.team.queries import is_co_teacher

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor, Permission


def lesson_for(actor: Actor, permission: Permission, lesson_id: int) -> Lesson:
    """Return the lesson, or raise NotFoundError.

    Its owner leads a lesson while the class is theirs; a co-teacher leads and sees this lesson whatever the class.
    """
    lesson = db.session().get(Lesson, lesson_id)
    if lesson is None:
        raise NotFoundError
    may_lead = permission is not LEAD_LESSON or lesson.owner_id == actor.user_id
    if may_lead and actor.may(permission, place_of_class(class_of(db.session(), lesson))):
        return lesson
    if not is_co_teacher(db.session(), actor.user_id, lesson):
        raise NotFoundError
    actor.require_somewhere(permission)
    return lesson


def owned_lesson_for(actor: Actor, lesson_id: int) -> Lesson:
    """Return the lesson for what its owner alone does (end it, choose who leads it), or raise NotFoundError."""
    lesson = lesson_for(actor, LEAD_LESSON, lesson_id)
    if lesson.owner_id != actor.user_id:
        raise NotFoundError
    return lesson


def live_lesson(session: Session, code: str) -> Lesson | None:
    """Return the lesson that goes on under a join code, typed in any case."""
    return session.scalar(
        select(Lesson).where(Lesson.code == typed_code(code), Lesson.state != LessonState.ENDED)
    )
