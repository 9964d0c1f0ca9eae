"""Writes of a single day: cancel a lesson, have somebody else teach it, take that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import Role
from app.accounts.commands import NewGrant, add_grant
from app.accounts.models import Grant
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from app.school.models import Staff
from app.school.timetables.models import LessonChange
from app.school.timetables.queries.days import day_lessons
from app.school.timetables.rules.days import ChangeKind, check_substitute

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.timetables.rules.days import DayLesson


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is to happen to a lesson on a day; no substitute means that it is cancelled."""

    entry_id: int
    day: date
    substitute_id: int | None
    reason: str = ""

    @property
    def kind(self) -> ChangeKind:
        """Cancelled or substituted."""
        return ChangeKind.CANCELLED if self.substitute_id is None else ChangeKind.SUBSTITUTED


def arrange(actor: Actor, school_id: int, wanted: Arrangement) -> None:
    """Cancel a lesson of a day or give it to a substitute, in place of what was decided before.

    A substitute with an account may work with the class on that one day. Raises NotFoundError when the timetable has no
    such lesson at this school on the day, InvalidError when the substitute cannot take it.
    """
    try:
        with db.transaction() as current:
            lessons = day_lessons(current, school_id, wanted.day)
            lesson = _lesson(lessons, wanted.entry_id)
            substitute = _substitute(current, school_id, wanted.substitute_id)
            if substitute is not None:
                check_substitute(lessons, lesson, substitute.id)
            _remove(current, actor, wanted.entry_id, wanted.day)
            current.add(
                LessonChange(
                    entry_id=wanted.entry_id,
                    day=wanted.day,
                    kind=wanted.kind,
                    substitute_id=wanted.substitute_id,
                    grant_id=_grant(current, actor, school_id, lesson, substitute, wanted),
                    reason=wanted.reason,
                    decided_by=actor.user_id or None,
                    decided_at=clock.now(),
                )
            )
            details = {
                "day": wanted.day.isoformat(),
                "substitute": wanted.substitute_id,
                "reason": wanted.reason,
            }
            record(current, actor, f"lesson.{wanted.kind}", ("timetable_entry", wanted.entry_id), details)
    except IntegrityError as error:
        raise ConflictError(say("Vừa có người khác ghi thay đổi cho tiết này. Hãy tải lại trang.")) from error


def withdraw(actor: Actor, school_id: int, entry_id: int, day: date) -> None:
    """Let a lesson of a day be as the timetable has it; doing it again changes nothing. Raises NotFoundError."""
    with db.transaction() as current:
        _lesson(day_lessons(current, school_id, day), entry_id)
        if _remove(current, actor, entry_id, day):
            details = {"day": day.isoformat()}
            record(current, actor, "lesson.as_planned", ("timetable_entry", entry_id), details)


def _lesson(lessons: list[DayLesson], entry_id: int) -> DayLesson:
    for lesson in lessons:
        if lesson.entry_id == entry_id:
            return lesson
    raise NotFoundError


def _substitute(current: Session, school_id: int, staff_id: int | None) -> Staff | None:
    if staff_id is None:
        return None
    found = current.get(Staff, staff_id)
    if found is None or found.school_id != school_id:
        raise InvalidError(
            say("Giáo viên dạy thay phải thuộc trường này."),
            {"substitute_id": say("Chọn giáo viên khác.")},
        )
    return found


def _grant(
    current: Session,
    actor: Actor,
    school_id: int,
    lesson: DayLesson,
    substitute: Staff | None,
    wanted: Arrangement,
) -> int | None:
    """Let the substitute work with the class on the day; a day that is over needs no grant."""
    if substitute is None or substitute.user_id is None or wanted.day < clock.today():
        return None
    reason = str(say("Dạy thay %(subject)s, tiết %(number)s", subject=lesson.subject, number=lesson.number))
    grant = NewGrant(
        Role.TEACHER,
        school_id,
        wanted.day,
        class_id=lesson.class_id,
        ends_on=wanted.day + timedelta(days=1),
        reason=reason,
    )
    return add_grant(current, actor, substitute.user_id, grant)


def _remove(current: Session, actor: Actor, entry_id: int, day: date) -> bool:
    """Delete what was decided about a lesson, and the grant that came with it; say whether there was anything."""
    row = current.scalar(
        select(LessonChange).where(LessonChange.entry_id == entry_id, LessonChange.day == day)
    )
    if row is None:
        return False
    grant = current.get(Grant, row.grant_id) if row.grant_id else None
    current.delete(row)
    current.flush()
    if grant is not None:
        current.delete(grant)
        details = {"grant": grant.id, "class": grant.class_id}
        record(current, actor, "grant.taken_back", ("user", grant.user_id), details)
    return True
