"""Reading a class's year."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from app.school.models import ClassMembership, SchoolYear
from app.school.models import Pupil as PupilRow
from app.school.queries import pupils_in_class
from attendance.absences.models import AbsenceOpening
from attendance.absences.rules import Session as Half
from attendance.months.models import MonthClose
from attendance.registers.models import Mark, Register
from attendance.registers.queries.sheets import codes
from attendance.registers.queries.totals import session_totals
from attendance.registers.rules.states import TAKEN, SlotKind
from attendance.years.rules.frame import Frame, Part, cover_of
from attendance.years.rules.record import Record, Way, record_lines
from attendance.years.rules.sheet import Pupil, YearSheet, year_sheet

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.school.models import SchoolClass
    from attendance.months.rules import Month


def frame_of(session: Session, school_class: SchoolClass) -> Frame:
    """Return the school year of a class."""
    year = session.get_one(SchoolYear, school_class.year_id)
    return Frame(year.code, year.starts_on, year.second_semester_on, year.ends_on)


def sheet_of_year(session: Session, school_class: SchoolClass) -> YearSheet:
    """Return a class's year up to today: its own registers, and everybody who was in it. About fifteen queries."""
    frame = frame_of(session, school_class)
    pupils = _pupils(session, school_class.id, frame)
    marked = _marked(session, frame, school_class, [pupil.id for pupil in pupils], only_here=True)
    return year_sheet(frame, pupils, marked, _registers(session, school_class, frame))


def record_of(session: Session, school_class: SchoolClass, way: Way, today: date) -> Record:
    """Return what is copied into the school records of who is in a class today, or was on the year's last day.

    The sums follow a pupil through every class and school of the year, as the record does.
    """
    frame = frame_of(session, school_class)
    day = min(max(today, frame.first), frame.after_last - timedelta(days=1))
    pupils = [(pupil.id, pupil.full_name) for pupil in pupils_in_class(session, school_class.id, day)]
    ids = [pupil_id for pupil_id, _ in pupils]
    registers = _registers(session, school_class, frame)
    return Record(
        frame=frame,
        way=way,
        lines=record_lines(
            frame,
            way,
            pupils,
            _marked(session, frame, school_class, ids, only_here=False),
            _openings(session, school_class.year_id, ids),
        ),
        covers={part: cover_of(registers, frame.part_has(part)) for part in Part},
        open_months=_open_months(session, school_class.school_id, frame, today),
    )


def _pupils(session: Session, class_id: int, frame: Frame) -> list[Pupil]:
    rows = session.execute(
        select(PupilRow.id, PupilRow.full_name, ClassMembership.starts_on, ClassMembership.ends_on)
        .join(ClassMembership, ClassMembership.pupil_id == PupilRow.id)
        .where(
            ClassMembership.class_id == class_id,
            ClassMembership.starts_on < frame.after_last,
            or_(
                ClassMembership.ends_on.is_(None),
                and_(
                    ClassMembership.ends_on > frame.first, ClassMembership.ends_on > ClassMembership.starts_on
                ),
            ),
        )
        .order_by(PupilRow.name_sort, PupilRow.id, ClassMembership.starts_on)
    )
    names: dict[int, str] = {}
    spans: defaultdict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for pupil_id, name, since, until in rows:
        names[pupil_id] = name
        spans[pupil_id].append((since, until))
    return [Pupil(pupil_id, name, tuple(spans[pupil_id])) for pupil_id, name in names.items()]


def _marked(
    session: Session, frame: Frame, school_class: SchoolClass, pupil_ids: Collection[int], *, only_here: bool
) -> dict[int, list[Half]]:
    """Return {pupil: the taken sessions of the year with a mark}, of this class or of all that the pupil was in."""
    query = (
        select(Mark.pupil_id, Register.day, Register.slot, Register.programme_session, Mark.code_id)
        .join(Register, Register.id == Mark.register_id)
        .join(ClassMembership, _was_in_class())
        .where(
            Mark.pupil_id.in_(list(pupil_ids)),
            Mark.code_id.is_not(None),
            Register.day >= frame.first,
            Register.day < frame.after_last,
            Register.slot_kind == SlotKind.SESSION,
            Register.state.in_(TAKEN),
        )
        .order_by(Register.day, Register.slot)
    )
    if only_here:
        query = query.where(Register.class_id == school_class.id)
    by_id = codes(session, school_class.school_id).by_id
    found: defaultdict[int, list[Half]] = defaultdict(list)
    for pupil_id, day, slot, programme, code_id in session.execute(query):
        found[pupil_id].append(Half(day, slot, programme, by_id[code_id] if code_id else None))
    return found


def _was_in_class() -> ColumnElement[bool]:
    """Return the SQL condition that a mark's pupil was in the class of its register on its day."""
    return and_(
        ClassMembership.pupil_id == Mark.pupil_id,
        ClassMembership.class_id == Register.class_id,
        ClassMembership.starts_on <= Register.day,
        or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > Register.day),
    )


def _registers(session: Session, school_class: SchoolClass, frame: Frame) -> list[tuple[date, bool]]:
    """Return (day, taken) of every session register of the class due up to today, those never opened too."""
    totals = session_totals(
        session, school_class.school_id, frame.first, frame.after_last, class_id=school_class.id
    )
    return [(one.day, bool(one.taken)) for one in totals]


def _openings(session: Session, year_id: int, pupil_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(AbsenceOpening.pupil_id, AbsenceOpening.sessions).where(
            AbsenceOpening.year_id == year_id, AbsenceOpening.pupil_id.in_(list(pupil_ids))
        )
    )
    return {row.pupil_id: row.sessions for row in rows}


def _open_months(session: Session, school_id: int, frame: Frame, today: date) -> tuple[Month, ...]:
    """Return the months of the year up to today that do not stand closed: their sums may still change."""
    closed = set(
        session.scalars(
            select(MonthClose.month).where(
                MonthClose.school_id == school_id, MonthClose.reopened_at.is_(None)
            )
        )
    )
    return tuple(month for month in frame.months if month.first <= today and month.first not in closed)
