"""Values and pure rules of what changes on a single day of the timetable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import say
from app.school.rules import SESSION_ORDER, DaySession

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import time

ARRANGE_SUBSTITUTES: Final = Permission("substitutes.arrange", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))


class ChangeKind(StrEnum):
    """What happens to a lesson on one day."""

    CANCELLED = "cancelled"
    SUBSTITUTED = "substituted"


@dataclass(frozen=True, slots=True)
class DayLesson:
    """A lesson as the timetable has it on a day, and what was decided about it for this day alone."""

    entry_id: int
    class_id: int
    class_name: str
    subject: str
    staff_id: int
    teacher: str
    day_session: DaySession
    number: int
    begins_at: time | None = None
    finishes_at: time | None = None
    change: ChangeKind | None = None
    substitute_id: int | None = None
    substitute: str | None = None
    reason: str = ""
    co_teacher_ids: tuple[int, ...] = ()
    co_teachers: tuple[str, ...] = ()

    @property
    def slot(self) -> tuple[DaySession, int]:
        """Session and period."""
        return self.day_session, self.number

    @property
    def taught_by(self) -> int | None:
        """Who really teaches it; None when it is cancelled."""
        if self.change is ChangeKind.CANCELLED:
            return None
        return self.staff_id if self.substitute_id is None else self.substitute_id

    @property
    def busy(self) -> frozenset[int]:
        """Everybody who is in the lesson, co-teachers too; nobody when it is cancelled."""
        leads = self.taught_by
        return frozenset() if leads is None else frozenset({leads, *self.co_teacher_ids})


def in_order(lessons: Iterable[DayLesson]) -> list[DayLesson]:
    """Return lessons as the day goes."""
    return sorted(
        lessons, key=lambda lesson: (SESSION_ORDER[lesson.day_session], lesson.number, lesson.entry_id)
    )


def busy_staff(lessons: Iterable[DayLesson], lesson: DayLesson) -> set[int]:
    """Return who teaches another class in the slot of a lesson, after all that was decided for the day."""
    return {
        staff_id
        for other in lessons
        if other.slot == lesson.slot and other.entry_id != lesson.entry_id
        for staff_id in other.busy
    }


def check_substitute(lessons: Iterable[DayLesson], lesson: DayLesson, substitute_id: int) -> None:
    """Raise InvalidError when somebody cannot take a lesson: it is theirs, or they teach another class then."""
    if substitute_id in {lesson.staff_id, *lesson.co_teacher_ids}:
        raise InvalidError(
            say("Tiết này vốn của giáo viên đó. Hãy chọn người khác."),
            {"substitute_id": say("Chọn giáo viên khác.")},
        )
    if substitute_id in busy_staff(lessons, lesson):
        raise InvalidError(
            say("Giáo viên này đang dạy lớp khác trong tiết %(number)s.", number=lesson.number),
            {"substitute_id": say("Chọn giáo viên khác.")},
        )
