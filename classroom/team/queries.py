"""Reading who leads a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from app import clock
from app.accounts.models import Grant, User
from app.school.models import Staff
from app.school.queries import co_teachers_of, lessons_on
from classroom.lessons.rules import LEAD_LESSON
from classroom.team.models import CoTeacher

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from classroom.lessons.models import Lesson


def is_co_teacher(session: Session, user_id: int, lesson: Lesson) -> bool:
    """Say whether somebody leads a lesson with its owner, and is on the staff of its school."""
    return (
        session.scalar(
            select(CoTeacher.user_id)
            .join(Staff, Staff.user_id == CoTeacher.user_id)
            .where(
                CoTeacher.lesson_id == lesson.id,
                CoTeacher.user_id == user_id,
                Staff.school_id == lesson.school_id,
            )
            .limit(1)
        )
        is not None
    )


def teachers_of(session: Session, lesson: Lesson) -> list[dict[str, Any]]:
    """Return who leads a lesson, for the teachers' screens: the owner first."""
    others = select(CoTeacher.user_id).where(CoTeacher.lesson_id == lesson.id)
    rows = session.execute(
        select(User.id, User.full_name).where((User.id == lesson.owner_id) | User.id.in_(others))
    ).all()
    told = [{"id": row.id, "name": row.full_name, "owner": row.id == lesson.owner_id} for row in rows]
    return sorted(told, key=lambda one: (not one["owner"], one["name"], one["id"]))


def colleagues_of(session: Session, lesson: Lesson) -> list[dict[str, Any]]:
    """Return the teachers of a lesson's school who could lead it too: on its staff, and with a teacher's role today."""
    known = {one["id"] for one in teachers_of(session, lesson)}
    teaching = select(Grant.user_id).where(
        Grant.role.in_(LEAD_LESSON.reach),
        Grant.unit_id == lesson.school_id,
        Grant.starts_on <= clock.today(),
        or_(Grant.ends_on.is_(None), Grant.ends_on > clock.today()),
    )
    rows = session.execute(
        select(Staff.user_id, Staff.full_name)
        .join(User, User.id == Staff.user_id)
        .where(Staff.school_id == lesson.school_id, User.active.is_(True), User.id.in_(teaching))
        .order_by(Staff.name_sort, Staff.id)
    )
    return [{"id": row.user_id, "name": row.full_name} for row in rows if row.user_id not in known]


def planned_with(session: Session, lesson: Lesson) -> list[int]:
    """Return the accounts of those who teach the lesson's period together with its owner, by the timetable."""
    if lesson.number is None:
        return []
    planned = [
        one
        for one in lessons_on(session, lesson.school_id, lesson.held_on, class_id=lesson.class_id)
        if (one.day_session, one.number) == (lesson.day_session, lesson.number)
    ]
    together = co_teachers_of(session, [one.entry_id for one in planned]) if planned else {}
    for one in planned:
        staff_ids = {one.staff_id, *(staff.id for staff in together.get(one.entry_id, ()))}
        users = set(
            session.scalars(select(Staff.user_id).where(Staff.id.in_(staff_ids), Staff.user_id.is_not(None)))
        )
        if lesson.owner_id in users:
            return sorted(user_id for user_id in users - {lesson.owner_id} if user_id is not None)
    return []
