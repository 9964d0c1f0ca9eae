"""The registers of one day: a teacher's own, and a school's with who is missing and who has not answered yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import HomeroomDuty, Pupil, SchoolClass, Staff
from app.school.queries import class_sizes, lessons_on
from app.school.rules import SESSION_ORDER, DaySession
from attendance.registers.models import AttendanceCode, Mark, Register, RosterVersion
from attendance.registers.queries.due import due_registers
from attendance.registers.queries.sheets import members_of
from attendance.registers.rules.marks import Counters
from attendance.registers.rules.states import MISSING, TAKEN, RegisterState, SlotKind, is_time_for, session_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, time

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A session register of a day, there or only due. `size` is the number of pupils in the class that day."""

    register_id: int | None
    school_id: int
    class_id: int
    class_name: str
    day: date
    day_session: DaySession
    state: RegisterState
    counters: Counters
    size: int
    class_sort: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether it counts."""
        return self.state in TAKEN

    @property
    def is_missing(self) -> bool:
        """Whether somebody still has to take it."""
        return self.state in MISSING

    def is_asked_for(self, moment: time) -> bool:
        """Whether it should have been taken by this time of the day, and was not."""
        return self.is_missing and is_time_for(self.day_session, moment)


def lines_of_day(
    session: Session,
    day: date,
    *,
    school_ids: Collection[int] | None = None,
    class_ids: Collection[int] | None = None,
) -> list[RegisterLine]:
    """Return the session registers of a day, by session and class; those that are due without a row are included."""
    query = select(Register, SchoolClass).join(SchoolClass, SchoolClass.id == Register.class_id)
    query = query.where(Register.day == day, Register.slot_kind == SlotKind.SESSION)
    if school_ids is not None:
        query = query.where(Register.school_id.in_(list(school_ids)))
    if class_ids is not None:
        query = query.where(Register.class_id.in_(list(class_ids)))
    rows = session.execute(query).all()
    due = due_registers(session, day, day + timedelta(days=1), school_ids=school_ids, class_ids=class_ids)
    known = {(register.class_id, session_of(register.slot)) for register, _ in rows}
    unopened = [item for item in due if (item.class_id, item.day_session) not in known]
    classes = {school_class.id: school_class for _, school_class in rows}
    classes |= _classes(session, {item.class_id for item in unopened} - classes.keys())
    sizes = class_sizes(session, list(classes), day)
    lines = [_line_of_row(register, classes, sizes) for register, _ in rows]
    lines += [
        RegisterLine(
            register_id=None,
            school_id=item.school_id,
            class_id=item.class_id,
            class_name=classes[item.class_id].name,
            day=item.day,
            day_session=item.day_session,
            state=RegisterState.DUE,
            counters=Counters(),
            size=sizes.get(item.class_id, 0),
            class_sort=classes[item.class_id].name_sort,
        )
        for item in unopened
    ]
    return sorted(lines, key=lambda line: (SESSION_ORDER[line.day_session], line.class_sort, line.class_id))


def _line_of_row(register: Register, classes: dict[int, SchoolClass], sizes: dict[int, int]) -> RegisterLine:
    school_class = classes[register.class_id]
    return RegisterLine(
        register_id=register.id,
        school_id=register.school_id,
        class_id=register.class_id,
        class_name=school_class.name,
        day=register.day,
        day_session=session_of(register.slot),
        state=register.standing,
        counters=register.counters,
        size=register.expected or sizes.get(register.class_id, 0),
        class_sort=school_class.name_sort,
    )


def _classes(session: Session, class_ids: Collection[int]) -> dict[int, SchoolClass]:
    if not class_ids:
        return {}
    rows = session.scalars(select(SchoolClass).where(SchoolClass.id.in_(list(class_ids))))
    return {row.id: row for row in rows}


# --- a school today -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """A pupil with a mark that counts, in a register that was taken."""

    class_id: int
    class_name: str
    pupil: str
    letter: str
    code_name: str
    is_present: bool
    is_authorised: bool
    minutes_late: int | None
    reason: str
    is_provisional: bool
    is_corrected: bool
    register_id: int


@dataclass(frozen=True, slots=True)
class SchoolSession:
    """One session of a day at a school: taken and missing registers, who is absent or late, and whom to ask."""

    day: date
    day_session: DaySession
    lines: Sequence[RegisterLine]
    absences: Sequence[AbsenceLine]
    teachers: dict[int, str]

    @property
    def taken(self) -> list[RegisterLine]:
        """The registers that count."""
        return [line for line in self.lines if line.is_taken]

    @property
    def due(self) -> list[RegisterLine]:
        """The registers that somebody takes, or should: not those that were called off."""
        return [line for line in self.lines if line.state is not RegisterState.NOT_HELD]

    @property
    def called_off(self) -> list[RegisterLine]:
        """The registers of classes that have no lesson in this session after all."""
        return [line for line in self.lines if line.state is RegisterState.NOT_HELD]

    @property
    def missing(self) -> list[RegisterLine]:
        """The registers that somebody still has to take."""
        return [line for line in self.lines if line.is_missing]

    @property
    def totals(self) -> Counters:
        """The sums over the taken registers."""
        counted = [line.counters for line in self.taken]
        names = Counters.__dataclass_fields__
        return Counters(**{name: sum(getattr(item, name) for item in counted) for name in names})


def school_session(
    session: Session, school_id: int, day: date, day_session: DaySession, lines: Sequence[RegisterLine]
) -> SchoolSession:
    """Return one session of a school's day; `lines` are the day's registers (`lines_of_day`)."""
    of_session = [line for line in lines if line.day_session is day_session]
    return SchoolSession(
        day=day,
        day_session=day_session,
        lines=of_session,
        absences=absences_of(session, [line for line in of_session if line.is_taken]),
        teachers=_responsible(session, school_id, day, day_session, {line.class_id for line in of_session}),
    )


def absences_of(session: Session, taken: Sequence[RegisterLine]) -> list[AbsenceLine]:
    """Return the marks that count, by class and name. A pupil who left the roster before the last save is left out."""
    lines = {line.register_id: line for line in taken if line.register_id is not None}
    rows = session.execute(
        select(Mark, AttendanceCode, Pupil.full_name, RosterVersion)
        .join(Register, Register.id == Mark.register_id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .join(Pupil, Pupil.id == Mark.pupil_id)
        .join(RosterVersion, RosterVersion.id == Register.roster_version_id)
        .where(Mark.register_id.in_(list(lines)))
        .order_by(Pupil.name_sort, Pupil.id)
    ).all()
    found = [
        _absence(lines[mark.register_id], mark, code, name)
        for mark, code, name, roster in rows
        if mark.pupil_id in members_of(roster)
    ]
    order = {line.class_id: number for number, line in enumerate(taken)}
    return sorted(found, key=lambda line: order[line.class_id])


def _absence(line: RegisterLine, mark: Mark, code: AttendanceCode, name: str) -> AbsenceLine:
    return AbsenceLine(
        class_id=line.class_id,
        class_name=line.class_name,
        pupil=name,
        letter=code.letter,
        code_name=code.name,
        is_present=code.is_present,
        is_authorised=code.is_authorised,
        minutes_late=mark.minutes_late,
        reason=mark.reason or "",
        is_provisional=line.state is RegisterState.PROVISIONAL,
        is_corrected=mark.is_corrected,
        register_id=mark.register_id,
    )


def _responsible(
    session: Session, school_id: int, day: date, day_session: DaySession, class_ids: Collection[int]
) -> dict[int, str]:
    """Return {class: whom to ask for its register}: the homeroom teacher, else who teaches its first period."""
    names: dict[int, str] = {}
    for lesson in reversed(lessons_on(session, school_id, day)):
        if lesson.day_session is day_session:
            names[lesson.class_id] = lesson.teacher
    rows = session.execute(
        select(HomeroomDuty.class_id, Staff.full_name)
        .join(Staff, Staff.id == HomeroomDuty.staff_id)
        .where(
            HomeroomDuty.class_id.in_(list(class_ids)),
            HomeroomDuty.starts_on <= day,
            HomeroomDuty.ends_on.is_(None) | (HomeroomDuty.ends_on > day),
        )
        .order_by(HomeroomDuty.starts_on)
    )
    names.update({row.class_id: row.full_name for row in rows})
    return names
