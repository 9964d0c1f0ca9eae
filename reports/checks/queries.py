"""The raw rows that the second computation is given, and what earlier runs found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select, true

from app import clock
from app.school.models import OrgUnit, SchoolClass
from attendance.registers.models import AttendanceCode, Mark, Register, RosterVersion
from attendance.registers.queries.due import due_registers
from attendance.registers.rules.states import SlotKind, slot_of
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState
from reports.checks.models import FigureCheck, FigureDifference
from reports.checks.rules import RAW
from reports.cubes.models import ClassDay
from reports.stretches.models import PupilStretch
from reports.stretches.queries import semester_starts
from reports.stretches.rules import stretch_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from reports.checks.rules import Raw


def raw_rows(session: Session, school_id: int, first: date) -> Raw:
    """Return the raw rows of a school from a day (the first of a stretch) until today, and what its cubes hold."""
    after_last = clock.today() + timedelta(days=1)
    registers = and_(
        Register.school_id == school_id,
        Register.day >= first,
        Register.day < after_last,
        Register.slot_kind == SlotKind.SESSION,
    )
    return {
        "register": _registers(session, registers),
        "roster": _rows(
            session,
            select(RosterVersion.id, RosterVersion.members).where(
                RosterVersion.id.in_(select(Register.roster_version_id).where(registers))
            ),
        ),
        "mark": _marks(session, registers),
        "lesson": _rows(
            session,
            select(Lesson.class_id, Lesson.held_on).where(
                Lesson.school_id == school_id,
                Lesson.held_on >= first,
                Lesson.held_on < after_last,
                Lesson.state == LessonState.ENDED,
            ),
        ),
        "due": [
            (item.class_id, item.day, slot_of(item.day_session))
            for item in due_registers(session, first, after_last, school_ids=[school_id])
        ],
        "cube_day": _stored(session, ClassDay, "cube_day", school_id, first),
        "cube_pupil": _stored(session, PupilStretch, "cube_pupil", school_id, first),
    }


def _registers(session: Session, registers: ColumnElement[bool]) -> list[tuple[Any, ...]]:
    starts = semester_starts(session)
    columns = (
        Register.id,
        Register.class_id,
        Register.day,
        Register.slot,
        Register.state,
        Register.roster_version_id,
    )
    return [(*row, stretch_of(row.day, starts)) for row in session.execute(select(*columns).where(registers))]


def _marks(session: Session, registers: ColumnElement[bool]) -> list[tuple[Any, ...]]:
    code = AttendanceCode
    flags = (code.is_present, code.is_authorised, code.is_pending, code.is_late)
    return _rows(
        session,
        select(Mark.register_id, Mark.pupil_id, *flags)
        .join(Register, Register.id == Mark.register_id)
        .join(code, code.id == Mark.code_id)
        .where(registers),
    )


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(query)]


def _stored(
    session: Session, table: type[ClassDay | PupilStretch], name: str, school_id: int, first: date
) -> list[tuple[Any, ...]]:
    day = getattr(table, "starts_on" if table is PupilStretch else "day")
    columns = [day if column == "day" else getattr(table, column) for column, _kind in RAW[name]]
    return _rows(session, select(*columns).where(table.school_id == school_id, day >= first))


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """A difference as the page shows it; the pupil by number only."""

    school: str
    class_name: str
    class_id: int
    day: date
    pupil_id: int | None
    measure: str
    stored: int | None
    computed: int | None


def latest_checks(session: Session, most: int = 10) -> list[FigureCheck]:
    """Return the newest runs, the newest first."""
    return list(session.scalars(select(FigureCheck).order_by(FigureCheck.id.desc()).limit(most)))


def differences_of(
    session: Session, check: FigureCheck, school_ids: list[int] | None, most: int = 500
) -> list[DifferenceLine]:
    """Return what a run found of some schools (of all when None), in order of keys."""
    rows = session.execute(
        select(FigureDifference, OrgUnit.name, SchoolClass.name)
        .join(OrgUnit, OrgUnit.id == FigureDifference.school_id)
        .join(SchoolClass, SchoolClass.id == FigureDifference.class_id)
        .where(
            FigureDifference.check_id == check.id,
            true() if school_ids is None else FigureDifference.school_id.in_(school_ids),
        )
        .order_by(FigureDifference.id)
        .limit(most)
    )
    return [
        DifferenceLine(
            school, name, row.class_id, row.day, row.pupil_id, row.measure, row.stored, row.computed
        )
        for row, school, name in rows
    ]
