"""Working stretches out from registers, marks and lessons, and reading what is stored of them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, true

from app import clock
from app.school.models import SchoolYear
from attendance.registers.models import AttendanceCode, Mark, MarkEvent, Register, RosterVersion
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.states import TAKEN, SlotKind
from classroom.activities.models import Activity
from classroom.answers.models import Attempt, AttemptChange
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState
from classroom.seats.models import Seat
from reports.stretches.models import ClassStretch, PupilStretch
from reports.stretches.rules import ClassSums, PupilSums, stretch_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from reports.stretches.rules import ClassKey, PupilKey

PUPIL_SUMS = ("expected", "excused", "unexcused", "pending", "late")
CLASS_SUMS = ("sessions_on_time", "answers", "answers_possible", "attempts")


@dataclass(frozen=True, slots=True)
class Part:
    """What is computed at once: whole stretches [first, after_last) of a school, perhaps of one of its classes."""

    school_id: int
    first: date
    after_last: date
    class_id: int | None = None

    @property
    def taken(self) -> ColumnElement[bool]:
        """The condition on session registers that count."""
        return and_(
            Register.school_id == self.school_id,
            Register.day >= self.first,
            Register.day < self.after_last,
            Register.slot_kind == SlotKind.SESSION,
            Register.state.in_(TAKEN),
            true() if self.class_id is None else Register.class_id == self.class_id,
        )

    @property
    def lessons(self) -> ColumnElement[bool]:
        """The condition on live lessons that were ended."""
        return and_(
            Lesson.school_id == self.school_id,
            Lesson.held_on >= self.first,
            Lesson.held_on < self.after_last,
            Lesson.state == LessonState.ENDED,
            true() if self.class_id is None else Lesson.class_id == self.class_id,
        )


def semester_starts(session: Session) -> list[date]:
    """Return the first days of second semesters, of all school years."""
    return list(session.scalars(select(SchoolYear.second_semester_on)))


def computed_pupils(session: Session, part: Part) -> dict[PupilKey, PupilSums]:
    """Work out what registers say of each class, stretch and pupil; pupils of a register's roster alone count."""
    starts = semester_starts(session)
    found: defaultdict[PupilKey, PupilSums] = defaultdict(PupilSums)
    places: dict[int, tuple[int, date, frozenset[int]]] = {}
    rosters: Counter[tuple[int, date, int]] = Counter()
    rows = session.execute(
        select(Register.id, Register.class_id, Register.day, Register.roster_version_id).where(part.taken)
    ).all()
    members = _members(session, {row.roster_version_id for row in rows})
    for row in rows:
        stretch = stretch_of(row.day, starts)
        places[row.id] = (row.class_id, stretch, members[row.roster_version_id])
        rosters[row.class_id, stretch, row.roster_version_id] += 1
    for (class_id, stretch, roster), times in rosters.items():
        for pupil_id in members[roster]:
            found[class_id, stretch, pupil_id].expected += times
    for register_id, pupil_id, kind in _marks(session, part):
        class_id, stretch, roster_members = places[register_id]
        if pupil_id in roster_members:
            sums = found[class_id, stretch, pupil_id]
            setattr(sums, kind, getattr(sums, kind) + 1)
    return dict(found)


def _members(session: Session, roster_ids: set[int]) -> dict[int, frozenset[int]]:
    rows = session.execute(
        select(RosterVersion.id, RosterVersion.members).where(RosterVersion.id.in_(roster_ids))
    )
    return {roster_id: frozenset(json.loads(members)) for roster_id, members in rows}


def _marks(session: Session, part: Part) -> list[tuple[int, int, str]]:
    """Return (register, pupil, the sum to which the mark adds), twice for a mark that adds to two."""
    code = AttendanceCode
    rows = session.execute(
        select(
            Mark.register_id,
            Mark.pupil_id,
            code.is_present,
            code.is_authorised,
            code.is_pending,
            code.is_late,
        )
        .join(Register, Register.id == Mark.register_id)
        .join(code, code.id == Mark.code_id)
        .where(part.taken, or_(code.is_present.is_(False), code.is_late.is_(True)))
    )
    found = []
    for register_id, pupil_id, is_present, is_authorised, is_pending, is_late in rows:
        if is_late:
            found.append((register_id, pupil_id, "late"))
        if not is_present:
            kind = "excused" if is_authorised else "pending" if is_pending else "unexcused"
            found.append((register_id, pupil_id, kind))
    return found


def computed_classes(session: Session, part: Part) -> dict[ClassKey, ClassSums]:
    """Work out what is counted of each class and stretch besides its days."""
    starts = semester_starts(session)
    found: defaultdict[ClassKey, ClassSums] = defaultdict(ClassSums)
    for class_id, day in _on_time(session, part):
        found[class_id, stretch_of(day, starts)].sessions_on_time += 1
    for class_id, day, answers, possible, attempts in _answers(session, part):
        sums = found[class_id, stretch_of(day, starts)]
        sums.answers += answers
        sums.answers_possible += possible
        sums.attempts += attempts
    return {key: sums for key, sums in found.items() if any(astuple(sums))}


def _on_time(session: Session, part: Part) -> list[tuple[int, date]]:
    """Return class and day of each register that became a taken one on its own day."""
    first_taken = func.min(MarkEvent.at).label("first_taken")
    is_taking = or_(*(MarkEvent.after.contains(f'"state":"{state}"') for state in sorted(TAKEN)))
    rows = session.execute(
        select(Register.class_id, Register.day, first_taken)
        .join(MarkEvent, MarkEvent.register_id == Register.id)
        .where(part.taken, MarkEvent.kind == EventKind.STATE, is_taking)
        .group_by(Register.id, Register.class_id, Register.day)
    )
    return [(class_id, day) for class_id, day, at in rows if clock.civil_date(at) <= day]


def _answers(session: Session, part: Part) -> list[tuple[int, date, int, int, int]]:
    """Return class, day, standing answers, possible answers and stored answers of each lesson."""
    rounds = _per_lesson(
        session, part, func.sum(Activity.round), Activity.lesson_id, Activity.opened_at.is_not(None)
    )
    seats = _per_lesson(session, part, func.count(), Seat.lesson_id, true())
    answers = _per_lesson(session, part, func.count(), Attempt.lesson_id, true())
    stored = session.execute(
        select(Activity.lesson_id, func.count())
        .select_from(AttemptChange)
        .join(Activity, Activity.id == AttemptChange.activity_id)
        .join(Lesson, Lesson.id == Activity.lesson_id)
        .where(part.lessons)
        .group_by(Activity.lesson_id)
    )
    attempts = {key: int(value) for key, value in stored}
    rows = session.execute(select(Lesson.id, Lesson.class_id, Lesson.held_on).where(part.lessons))
    return [
        (class_id, day, answers.get(key, 0), rounds.get(key, 0) * seats.get(key, 0), attempts.get(key, 0))
        for key, class_id, day in rows
    ]


def _per_lesson(
    session: Session,
    part: Part,
    what: ColumnElement[int],
    lesson_id: InstrumentedAttribute[int],
    where: ColumnElement[bool],
) -> dict[int, int]:
    query = (
        select(lesson_id, what)
        .join(Lesson, Lesson.id == lesson_id)
        .where(part.lessons, where)
        .group_by(lesson_id)
    )
    return {key: int(value) for key, value in session.execute(query)}


# --- what is stored -----------------------------------------------------------------------------------------------


def stored_pupils(session: Session, part: Part) -> dict[PupilKey, PupilSums]:
    """Return what the cube holds of each class, stretch and pupil."""
    rows = session.execute(
        select(
            PupilStretch.class_id,
            PupilStretch.starts_on,
            PupilStretch.pupil_id,
            *(getattr(PupilStretch, name) for name in PUPIL_SUMS),
        ).where(
            PupilStretch.school_id == part.school_id,
            PupilStretch.starts_on >= part.first,
            PupilStretch.starts_on < part.after_last,
            true() if part.class_id is None else PupilStretch.class_id == part.class_id,
        )
    )
    return {(row[0], row[1], row[2]): PupilSums(*row[3:]) for row in rows}


def stored_classes(session: Session, part: Part) -> dict[ClassKey, ClassSums]:
    """Return what the cube holds of each class and stretch."""
    rows = session.execute(
        select(
            ClassStretch.class_id,
            ClassStretch.starts_on,
            *(getattr(ClassStretch, name) for name in CLASS_SUMS),
        ).where(
            ClassStretch.school_id == part.school_id,
            ClassStretch.starts_on >= part.first,
            ClassStretch.starts_on < part.after_last,
            true() if part.class_id is None else ClassStretch.class_id == part.class_id,
        )
    )
    return {(row[0], row[1]): ClassSums(*row[2:]) for row in rows}


def places_of_pupils(session: Session, pupil_ids: Collection[int]) -> list[tuple[int, int, date]]:
    """Return (school, class, stretch) of what the cube holds of pupils, in that order. One query."""
    rows = session.execute(
        select(PupilStretch.school_id, PupilStretch.class_id, PupilStretch.starts_on)
        .where(PupilStretch.pupil_id.in_(list(pupil_ids)))
        .distinct()
        .order_by(PupilStretch.school_id, PupilStretch.class_id, PupilStretch.starts_on)
    )
    return [(school_id, class_id, starts_on) for school_id, class_id, starts_on in rows]
