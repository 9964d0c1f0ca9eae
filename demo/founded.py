"""What every step of founding needs and leaves behind: the transaction, ids to give out, what a school became."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app import clock
from app.accounts.models import Grant, User
from app.school.models import (
    BellPeriod,
    CalendarDay,
    ClassMembership,
    Enrolment,
    HomeroomDuty,
    OrgUnit,
    Pupil,
    PupilCard,
    SchoolClass,
    Staff,
    Subject,
    Timetable,
    TimetableEntry,
)
from demo.bulk import AuditTrail, catch_up_sequences, next_id
from demo.schools import SchoolPlan, Teaching, teaching_of

if TYPE_CHECKING:
    import random

    from sqlalchemy.orm import Session

    from app.db import Base
    from demo.days import DemoYear
    from demo.names import InventedPerson

_TABLES: Final = (
    OrgUnit, CalendarDay, BellPeriod, SchoolClass, Pupil, Enrolment, ClassMembership, PupilCard, Staff, HomeroomDuty,
    Subject, Timetable, TimetableEntry, User, Grant,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundedPupil:
    """A pupil as stored, with the code on this year's card."""

    id: int
    person: InventedPerson
    card: str


@dataclass(frozen=True, slots=True)
class FoundedClass:
    """A class as stored, with its pupils."""

    id: int
    name: str
    grade: int
    pupils: tuple[FoundedPupil, ...]


@dataclass(frozen=True, slots=True)
class FoundedStaff:
    """A member of staff as stored; `user_id` is None where no accounts were asked for."""

    id: int
    code: str
    name: str
    user_id: int | None
    username: str


@dataclass(frozen=True, slots=True)
class FoundedSchool:
    """A school as stored. `teachers` are numbered as in `teaching`; `office` is in the order of OFFICE."""

    id: int
    plan: SchoolPlan
    classes: tuple[FoundedClass, ...]
    office: tuple[FoundedStaff, ...]
    teachers: tuple[FoundedStaff, ...]
    teaching: Teaching

    def homeroom_teacher(self, school_class: FoundedClass) -> FoundedStaff:
        """Return who has the homeroom duty of a class."""
        return self.teachers[self.teaching.homeroom[self.classes.index(school_class)]]


@dataclass(slots=True)
class Founding:
    """What every step of founding needs: the transaction, the year, ids to give out, chance, the audit trail."""

    current: Session
    year: DemoYear
    chance: random.Random
    password_hash: str | None
    year_id: int = 0
    subjects: dict[str, int] = field(default_factory=dict)
    audit: AuditTrail = field(default_factory=AuditTrail)
    first_ministry_code: int = 7_599_000_001
    _next: dict[type[Base], int] = field(default_factory=dict)
    _shapes: dict[object, Teaching] = field(default_factory=dict)

    @property
    def opened_at(self) -> datetime:
        """When the records of the year were made: its first morning, or a moment ago if that is later."""
        opened = instant_at(self.year.starts_on, time(7, 0))
        return min(opened, clock.now().replace(microsecond=0))

    def new_id(self, model: type[Base]) -> int:
        """Return a fresh id of a table; ids are counted here so that rows can refer to each other before they exist."""
        number = self._next.get(model) or next_id(self.current, model)
        self._next[model] = number + 1
        return number

    def teaching(self, plan: SchoolPlan) -> Teaching:
        """Return the week of a school; schools with the same classes have the same one."""
        shape = (plan.level, tuple((one.grade, one.main_session, one.stream) for one in plan.classes))
        if shape not in self._shapes:
            self._shapes[shape] = teaching_of(plan, self.chance)
        return self._shapes[shape]

    def close(self) -> None:
        """Write the audit trail and let the database's own counters go on after our ids."""
        self.audit.write(self.current)
        catch_up_sequences(self.current, _TABLES)


def instant_at(day: date, moment: time) -> datetime:
    """Return the instant of a wall-clock time at the schools, in UTC."""
    return datetime.combine(day, moment, ZoneInfo(clock.SCHOOL_ZONE)).astimezone(UTC)
