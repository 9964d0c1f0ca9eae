"""Counting again from raw rows: rosters, marks and codes, one by one, not the registers' own counters.

What is due comes from the calendar and the timetable either way.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from app import clock
from attendance.registers.models import AttendanceCode, Mark, Register, RosterVersion
from attendance.registers.queries.due import due_registers
from attendance.registers.rules.states import TAKEN, RegisterState, SlotKind, session_of
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState
from reports.cubes.queries import stored_days
from reports.cubes.rules import Difference, differences
from reports.indicators.rules import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from reports.cubes.rules import ClassDayKey


@dataclass(frozen=True, slots=True)
class Scope:
    """A school in [first, after_last); days to come are not due yet and are left out."""

    school_id: int
    first: date
    after_last: date

    @property
    def registers(self) -> ColumnElement[bool]:
        """The condition on registers of sessions."""
        after_last = min(self.after_last, clock.today() + timedelta(days=1))
        return and_(
            Register.school_id == self.school_id,
            Register.day >= self.first,
            Register.day < after_last,
            Register.slot_kind == SlotKind.SESSION,
        )


def recount_differences(session: Session, scope: Scope) -> list[Difference]:
    """Return where the cube and the recount say different things of a school."""
    stored = stored_days(session, scope.school_id, scope.first, scope.after_last)
    return differences(stored, recounted_days(session, scope))


def recounted_days(session: Session, scope: Scope) -> dict[ClassDayKey, Counts]:
    """Return the counts of each class and day, counted mark by mark."""
    found: dict[ClassDayKey, Counts] = defaultdict(Counts)
    members = _members(session, scope)
    absences = _marks(session, scope, members)
    for register in session.scalars(select(Register).where(scope.registers)):
        if register.state == RegisterState.NOT_HELD:
            continue
        taken = register.state in TAKEN
        roster = members.get(register.id, frozenset()) if taken else frozenset()
        marks = absences[register.id] if taken else Counter()
        found[register.class_id, register.day] += Counts(
            sessions_due=1, sessions_taken=int(taken), expected=len(roster), **marks
        )
    for class_id, day, sessions in _never_opened(session, scope):
        found[class_id, day] += Counts(sessions_due=sessions)
    for class_id, day, held in _lessons(session, scope):
        found[class_id, day] += Counts(lessons_held=held)
    return dict(found)


def _members(session: Session, scope: Scope) -> dict[int, frozenset[int]]:
    """Return {register: pupils of its roster}."""
    rosters = {
        roster_id: frozenset(json.loads(members))
        for roster_id, members in session.execute(
            select(RosterVersion.id, RosterVersion.members)
            .join(Register, Register.roster_version_id == RosterVersion.id)
            .where(scope.registers)
            .distinct()
        )
    }
    rows = session.execute(select(Register.id, Register.roster_version_id).where(scope.registers))
    return {register_id: rosters[roster_id] for register_id, roster_id in rows if roster_id is not None}


def _marks(session: Session, scope: Scope, members: Mapping[int, frozenset[int]]) -> dict[int, Counter[str]]:
    """Return {register: how many are excused, unexcused, pending, late}; only pupils of its roster count."""
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    rows = session.execute(
        select(Mark.register_id, Mark.pupil_id, AttendanceCode)
        .join(Register, Register.id == Mark.register_id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .where(scope.registers)
    )
    for register_id, pupil_id, code in rows:
        if pupil_id in members.get(register_id, frozenset()):
            counted[register_id].update(_kinds(code))
    return counted


def _kinds(code: AttendanceCode) -> list[str]:
    kinds = ["late"] if code.is_late else []
    if not code.is_present:
        kinds.append("excused" if code.is_authorised else "pending" if code.is_pending else "unexcused")
    return kinds


def _never_opened(session: Session, scope: Scope) -> list[tuple[int, date, int]]:
    """Return (class, day, sessions) of what was due and has no register at all."""
    after_last = min(scope.after_last, clock.today() + timedelta(days=1))
    known = {
        (class_id, day, session_of(slot))
        for class_id, day, slot in session.execute(
            select(Register.class_id, Register.day, Register.slot).where(scope.registers)
        )
    }
    due = due_registers(session, scope.first, after_last, school_ids=[scope.school_id])
    missing = Counter(
        (item.class_id, item.day) for item in due if (item.class_id, item.day, item.day_session) not in known
    )
    return [(class_id, day, sessions) for (class_id, day), sessions in missing.items()]


def _lessons(session: Session, scope: Scope) -> list[tuple[int, date, int]]:
    rows = session.execute(
        select(Lesson.class_id, Lesson.held_on, func.count())
        .where(
            Lesson.school_id == scope.school_id,
            Lesson.held_on >= scope.first,
            Lesson.held_on < scope.after_last,
            Lesson.state == LessonState.ENDED,
        )
        .group_by(Lesson.class_id, Lesson.held_on)
    )
    return [(class_id, day, held) for class_id, day, held in rows]
