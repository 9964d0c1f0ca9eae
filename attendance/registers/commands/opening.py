"""Making registers: one that a teacher opens, and those that are due, laid out ahead for every school day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.errors import InvalidError
from app.i18n import N_
from app.school.models import School
from app.school.queries import below
from attendance.registers.commands.inserting import ensure_days, insert_due
from attendance.registers.models import MarkEvent, Register
from attendance.registers.queries.due import due_registers
from attendance.registers.queries.sheets import register_at
from attendance.registers.rules.states import RegisterState, SlotKind, slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.school.models import SchoolClass
    from app.school.rules import DaySession
    from attendance.registers.rules.due import DueRegister

DAYS_BACK: Final = 7
DAYS_AHEAD: Final = 7
"""A closure or a new timetable may be entered some days late; next week is there before anybody looks for it."""


def open_register(school_class: SchoolClass, day: date, day_session: DaySession) -> int:
    """Return the id of a class's register of a session, making it when it is due and nobody has laid it out.

    The caller has loaded the class for the actor. Raises InvalidError when the timetable gives it no lesson then.
    """
    found = register_at(db.session(), school_class.id, day, day_session)
    if found is not None:
        return found
    try:
        with db.transaction() as session:
            return _make(session, school_class, day, day_session)
    except IntegrityError:
        made_meanwhile = register_at(db.session(), school_class.id, day, day_session)
        if made_meanwhile is None:
            raise
        return made_meanwhile


def _make(session: Session, school_class: SchoolClass, day: date, day_session: DaySession) -> int:
    due = due_registers(
        session,
        day,
        day + timedelta(days=1),
        school_ids=[school_class.school_id],
        class_ids=[school_class.id],
    )
    for item in due:
        if item.day_session is day_session:
            ensure_days(session, school_class.school_id, [day])
            insert_due(session, [item])
            return session.scalars(
                select(Register.id).where(
                    Register.class_id == school_class.id,
                    Register.day == day,
                    Register.slot_kind == SlotKind.SESSION,
                    Register.slot == slot_of(day_session),
                )
            ).one()
    raise InvalidError(N_("Theo thời khóa biểu, lớp không học buổi này."))


@dataclass(frozen=True, slots=True)
class Materialised:
    """How many due registers were laid out, and how many that are no longer due were taken away."""

    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class UndoneRoster:
    """What the due registers need of RosterUndone."""

    school_id: int


def materialise_around(day: date) -> Materialised:
    """Lay out the due registers of all schools from a week before a day to a week after it."""
    return materialise(day - timedelta(days=DAYS_BACK), day + timedelta(days=DAYS_AHEAD + 1))


def materialise(first: date, after_last: date, school_ids: Collection[int] | None = None) -> Materialised:
    """Lay out the registers due in [first, after_last) as rows of state due, one transaction for each school.

    Rows that are no longer due (a day has become a holiday) go away when nothing ever happened in them; a register that
    somebody touched stays whatever the timetable says now. Doing it again changes nothing.
    """
    by_school: defaultdict[int, list[DueRegister]] = defaultdict(list)
    for item in due_registers(db.session(), first, after_last, school_ids=school_ids):
        by_school[item.school_id].append(item)
    for school_id in _schools_with_untouched(db.session(), first, after_last, school_ids):
        by_school.setdefault(school_id, [])  # nothing is due there any more, but rows are to be taken away
    total = Materialised()
    for school_id, due in by_school.items():
        done = _materialise_school(school_id, first, after_last, due)
        total = Materialised(total.added + done.added, total.removed + done.removed)
    return total


@dataclass(frozen=True, slots=True)
class EnrolmentMoved:
    """What this package reads of the fact that a pupil's enrolment has changed."""

    school_id: int
    first: date


def follow_enrolment(session: Session, moved: EnrolmentMoved) -> None:
    """Lay out a school's due registers anew: a class may have got its first pupil, or lost its last one.

    Registers that were taken are not touched: their sheet says how the class now differs from the roster that they were
    taken with, and marks of who has left stay. Runs in the fact's own transaction.
    """
    _lay_out_anew(session, moved.school_id, moved.first)


def follow_undone_roster(session: Session, undone: UndoneRoster) -> None:
    """Lay out a school's due registers anew: with an import undone, classes may have become empty."""
    _lay_out_anew(session, undone.school_id, date.min)


@dataclass(frozen=True, slots=True)
class CalendarMoved:
    """What this package reads of the fact that the calendar or the bells of a unit have changed."""

    unit_id: int
    first: date


def follow_calendar(session: Session, moved: CalendarMoved) -> None:
    """Lay out the due registers of a unit's schools anew: a day was closed, opened, or has other sessions."""
    for school_id in session.scalars(select(School.id).where(School.id.in_(below([moved.unit_id])))).all():
        _lay_out_anew(session, school_id, moved.first)


@dataclass(frozen=True, slots=True)
class TimetableMoved:
    """What this package reads of the fact that another timetable holds at a school."""

    school_id: int
    first: date


def follow_timetable(session: Session, moved: TimetableMoved) -> None:
    """Lay out a school's due registers anew from the first day of another timetable."""
    _lay_out_anew(session, moved.school_id, moved.first)


def _lay_out_anew(session: Session, school_id: int, since: date) -> None:
    today = clock.today()
    first = max(since, today - timedelta(days=DAYS_BACK))
    after_last = today + timedelta(days=DAYS_AHEAD + 1)
    if first < after_last:
        due = due_registers(session, first, after_last, school_ids=[school_id])
        _lay_out(session, school_id, first, after_last, _by_key(due))


def _by_key(due: Iterable[DueRegister]) -> dict[_Key, DueRegister]:
    return {(item.class_id, item.day, slot_of(item.day_session)): item for item in due}


def _materialise_school(
    school_id: int, first: date, after_last: date, due: Sequence[DueRegister]
) -> Materialised:
    wanted = _by_key(due)
    there = _rows_of_school(db.session(), school_id, first, after_last)
    if wanted.keys() <= there.keys() and not _outdated(there, wanted.keys()):
        return Materialised()  # the usual case, many times a day: nothing to write, no lock to wait for
    with db.transaction() as session:
        return _lay_out(session, school_id, first, after_last, wanted)


def _lay_out(
    session: Session, school_id: int, first: date, after_last: date, wanted: Mapping[_Key, DueRegister]
) -> Materialised:
    there = _rows_of_school(session, school_id, first, after_last)
    missing = [item for key, item in wanted.items() if key not in there]
    outdated = _outdated(there, wanted.keys())
    ensure_days(session, school_id, {item.day for item in missing})
    if missing:
        insert_due(session, missing)
    session.execute(delete(Register).where(Register.id.in_(outdated), Register.state == RegisterState.DUE))
    return Materialised(len(missing), len(outdated))


_Key = tuple[int, "date", int]


def _rows_of_school(
    session: Session, school_id: int, first: date, after_last: date
) -> dict[_Key, tuple[int, bool]]:
    """Return {(class, day, slot): (register, whether nothing ever happened in it)}."""
    touched = select(MarkEvent.id).where(MarkEvent.register_id == Register.id).exists()
    rows = session.execute(
        select(Register.class_id, Register.day, Register.slot, Register.id, Register.state, touched).where(
            Register.school_id == school_id,
            Register.day >= first,
            Register.day < after_last,
            Register.slot_kind == SlotKind.SESSION,
        )
    )
    return {
        (class_id, day, slot): (register_id, state == RegisterState.DUE and not has_events)
        for class_id, day, slot, register_id, state, has_events in rows
    }


def _outdated(there: dict[_Key, tuple[int, bool]], wanted: Collection[_Key]) -> list[int]:
    return [register_id for key, (register_id, untouched) in there.items() if untouched and key not in wanted]


def _schools_with_untouched(
    session: Session, first: date, after_last: date, school_ids: Collection[int] | None
) -> list[int]:
    query = (
        select(Register.school_id)
        .distinct()
        .where(Register.day >= first, Register.day < after_last, Register.state == RegisterState.DUE)
    )
    if school_ids is not None:
        query = query.where(Register.school_id.in_(list(school_ids)))
    return list(session.scalars(query))
