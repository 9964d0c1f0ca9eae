"""Reading a pupil's year of absences, and a school's runs of absence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, or_, select

from app.school.models import ClassMembership, Pupil, SchoolClass, SchoolYear
from app.school.rules import SESSION_NAMES
from attendance.absences.models import AbsenceOpening
from attendance.absences.rules import FIRST_COUNTED_GRADE, RUN_FROM, Session, run_of_absence
from attendance.registers.models import Mark, Register
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.states import TAKEN, RegisterState, SlotKind, session_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session as Db

    from attendance.registers.rules.marks import Code

DAYS_LOOKED_BACK: Final = 30


def _was_in_class() -> ColumnElement[bool]:
    """Return the SQL condition that a membership holds on its register's day."""
    return and_(
        ClassMembership.class_id == Register.class_id,
        ClassMembership.starts_on <= Register.day,
        or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > Register.day),
    )


def sessions_of_pupil(
    session: Db, pupil_id: int, first: date, after_last: date, school_ids: Collection[int] | None = None
) -> list[Session]:
    """Return the taken session registers of [first, after_last) in which a pupil was, by day. Two queries.

    At these schools, or at all: what counts toward the 45 sessions follows the pupil.
    """
    query = (
        select(Register.day, Register.slot, Register.programme_session, Register.school_id, Mark.code_id)
        .join(ClassMembership, and_(_was_in_class(), ClassMembership.pupil_id == pupil_id))
        .outerjoin(Mark, and_(Mark.register_id == Register.id, Mark.pupil_id == pupil_id))
        .where(
            Register.day >= first,
            Register.day < after_last,
            Register.slot_kind == SlotKind.SESSION,
            Register.state.in_(TAKEN),
        )
        .order_by(Register.day, Register.slot)
    )
    if school_ids is not None:
        query = query.where(Register.school_id.in_(list(school_ids)))
    rows = session.execute(query).all()
    by_id = codes(session, rows[-1].school_id if rows else None).by_id
    return [
        Session(day, slot, programme, by_id[code_id] if code_id is not None else None)
        for day, slot, programme, _school, code_id in rows
    ]


def is_counted(session: Db, pupil_id: int, first: date, after_last: date) -> bool:
    """Say whether the 45 sessions are counted for a pupil: in a class of grade 6 or above in this period."""
    highest = session.scalar(
        select(func.max(SchoolClass.grade))
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(
            ClassMembership.pupil_id == pupil_id,
            ClassMembership.starts_on < after_last,
            or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > first),
        )
    )
    return highest is not None and highest >= FIRST_COUNTED_GRADE


def opening_of(session: Db, pupil_id: int, first: date) -> AbsenceOpening | None:
    """Return what a pupil brought into the school year that begins on a day."""
    return session.scalar(
        select(AbsenceOpening)
        .join(SchoolYear, SchoolYear.id == AbsenceOpening.year_id)
        .where(AbsenceOpening.pupil_id == pupil_id, SchoolYear.starts_on <= first, SchoolYear.ends_on > first)
    )


@dataclass(frozen=True, slots=True)
class DayLine:
    """A session of a pupil's day: where its register stands, and the letter that stands in it; no letter is present."""

    session_name: str
    state: RegisterState
    code: Code | None

    @property
    def is_taken(self) -> bool:
        """Whether the letter, or its absence, says something yet."""
        return self.state in TAKEN


def day_of_pupil(session: Db, pupil_id: int, day: date) -> list[DayLine]:
    """Return the sessions that a pupil's class has on a day, in their order. Two queries."""
    rows = session.execute(
        select(Register.slot, Register.state, Register.school_id, Mark.code_id)
        .join(ClassMembership, and_(_was_in_class(), ClassMembership.pupil_id == pupil_id))
        .outerjoin(Mark, and_(Mark.register_id == Register.id, Mark.pupil_id == pupil_id))
        .where(Register.day == day, Register.slot_kind == SlotKind.SESSION)
        .order_by(Register.slot)
    ).all()
    by_id = codes(session, rows[0].school_id).by_id if rows else {}
    return [
        DayLine(
            SESSION_NAMES[session_of(slot)],
            RegisterState(state),
            by_id[code_id] if code_id is not None else None,
        )
        for slot, state, _school, code_id in rows
    ]


@dataclass(frozen=True, slots=True)
class RunLine:
    """A pupil who has been absent for days in a row: how many, since when, how many of the sessions without reason."""

    pupil_id: int
    pupil: str
    class_name: str
    days: int
    since: date
    unexcused: int


def runs_of_absence(session: Db, school_id: int, today: date, at_least: int = RUN_FROM) -> list[RunLine]:
    """Return a school's pupils absent for at least so many school days in a row up to now, the longest first.

    Two queries, of pupils who were absent on that many of the last thirty days.
    """
    since = today - timedelta(days=DAYS_LOOKED_BACK)
    period = (
        Register.school_id == school_id,
        Register.day > since,
        Register.day <= today,
        Register.slot_kind == SlotKind.SESSION,
        Register.state.in_(TAKEN),
    )
    known = codes(session, school_id)
    absent = [code.id for code in known.all if not code.is_present]
    often = (
        select(Mark.pupil_id)
        .join(Register, Register.id == Mark.register_id)
        .where(*period, Mark.code_id.in_(absent))
        .group_by(Mark.pupil_id)
        .having(func.count(Register.day.distinct()) >= at_least)
    )
    rows = session.execute(
        select(
            ClassMembership.pupil_id,
            Pupil.full_name,
            SchoolClass.name,
            Register.day,
            Register.slot,
            Register.programme_session,
            Mark.code_id,
        )
        .join(Register, _was_in_class())
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .outerjoin(Mark, and_(Mark.register_id == Register.id, Mark.pupil_id == ClassMembership.pupil_id))
        .where(*period, ClassMembership.pupil_id.in_(often))
        .order_by(Pupil.name_sort, Pupil.id, Register.day)
    )
    names: dict[int, tuple[str, str]] = {}
    sessions: defaultdict[int, list[Session]] = defaultdict(list)
    for pupil_id, name, class_name, day, slot, programme, code_id in rows:
        names[pupil_id] = name, class_name
        code = known.by_id[code_id] if code_id is not None else None
        sessions[pupil_id].append(Session(day, slot, programme, code))
    found = [
        _run_line(pupil_id, *names[pupil_id], run, ones)
        for pupil_id, ones in sessions.items()
        if len(run := run_of_absence(ones)) >= at_least
    ]
    return sorted(found, key=lambda line: -line.days)


def _run_line(pupil_id: int, name: str, class_name: str, run: list[date], ones: list[Session]) -> RunLine:
    without = sum(one.code is not None and not one.code.is_authorised for one in ones if one.day in run)
    return RunLine(pupil_id, name, class_name, len(run), run[-1], without)
