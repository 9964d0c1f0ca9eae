"""The roll call of an event: who is called in a session, by class, with what their registers say already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from app.school.models import ClassMembership, Pupil, SchoolClass
from app.school.queries import class_sizes, holds_on, sessions_with_lessons
from app.school.rules import DaySession
from attendance.excuses.queries import approved_for
from attendance.outings.models import OutingPupil
from attendance.outings.rules import device_of, takes_place
from attendance.registers.models import Mark, MarkEvent, Register
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.states import TAKEN, RegisterState, SlotKind, slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from attendance.outings.models import Outing
    from attendance.registers.queries.sheets import Codes


@dataclass(frozen=True, slots=True)
class CalledPupil:
    """A pupil to call: what the class's register says (None: nothing), and what the call says unless it is changed.

    `is_excused` says that an approved request speaks for an absence.
    """

    id: int
    name: str
    stands: str | None
    letter: str
    is_excused: bool


@dataclass(frozen=True, slots=True)
class CalledClass:
    """A class of which somebody goes, in one session: its register when there is one, and whom to call.

    `size` is how many are in the class that day, `is_due` whether it has lessons then, `is_called` whether the event
    wrote something into the register.
    """

    school_class: SchoolClass
    size: int
    is_due: bool
    register: Register | None
    pupils: Sequence[CalledPupil]
    is_called: bool

    @property
    def version(self) -> int:
        """The version of the register that is shown."""
        return self.register.row_version if self.register else 0

    @property
    def state(self) -> RegisterState:
        """How the register stands."""
        return self.register.standing if self.register else RegisterState.DUE

    @property
    def is_whole(self) -> bool:
        """Whether the whole class goes."""
        return len(self.pupils) == self.size


def days_of(outing: Outing) -> list[date]:
    """Return the days of an event."""
    return [outing.starts_on + timedelta(days=n) for n in range((outing.ends_on - outing.starts_on).days)]


def sessions_of(session: Session, outing: Outing, day: date) -> list[DaySession]:
    """Return the sessions of a day that an event takes from one of the classes of which somebody goes."""
    classes = {school_class.id for _pupil, school_class in _going(session, outing, day)}
    with_lessons = sessions_with_lessons(session, outing.school_id, day)
    there = {one for class_id in classes for one in with_lessons.get(class_id, {})}
    return [one for one in DaySession if one in there and takes_place(outing.slot, slot_of(one))]


def classes_called(session: Session, outing: Outing, day: date, day_session: DaySession) -> list[CalledClass]:
    """Return the classes to call in a session, by name; as many queries for ten classes as for one."""
    going = _going(session, outing, day)
    classes = {school_class.id: school_class for _pupil, school_class in going}
    registers = _registers(session, classes, day, slot_of(day_session))
    known, stands = codes(session, outing.school_id), _letters(session, registers.values())
    excused = {
        one.pupil_id
        for one in approved_for(
            session, [pupil.id for pupil, _ in going], outing.school_id, day, slot_of(day_session)
        )
    }
    pupils: defaultdict[int, list[CalledPupil]] = defaultdict(list)
    for pupil, school_class in going:
        code = stands.get((school_class.id, pupil.id))
        letter = known.letters[code] if code is not None else None
        pupils[school_class.id].append(_pupil(pupil, letter, known, is_excused=pupil.id in excused))
    sizes = class_sizes(session, list(classes), day)
    due = sessions_with_lessons(session, outing.school_id, day)
    called = written_by(session, outing.id, registers.values())
    return [
        CalledClass(
            school_class=school_class,
            size=sizes.get(class_id, 0),
            is_due=class_id in registers or day_session in due.get(class_id, {}),
            register=registers.get(class_id),
            pupils=pupils[class_id],
            is_called=class_id in registers and registers[class_id].id in called,
        )
        for class_id, school_class in classes.items()
    ]


def event_letter(known: Codes) -> str | None:
    """Return how a school writes being elsewhere on its business, whether or not a tap offers it; None without one."""
    return next((code.letter for code in known.all if code.is_school_event), None)


def _pupil(pupil: Pupil, stands: str | None, known: Codes, *, is_excused: bool) -> CalledPupil:
    """Return a pupil with what to call: what stands, before an approved request, before coming along."""
    away = next((code.letter for code in known.offered if code.is_authorised and not code.is_present), None)
    letter = stands or (away if is_excused else None) or event_letter(known) or ""
    return CalledPupil(pupil.id, pupil.full_name, stands, letter, is_excused)


def _going(session: Session, outing: Outing, day: date) -> Sequence[tuple[Pupil, SchoolClass]]:
    rows = session.execute(
        select(Pupil, SchoolClass)
        .join(OutingPupil, OutingPupil.pupil_id == Pupil.id)
        .join(ClassMembership, ClassMembership.pupil_id == Pupil.id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            OutingPupil.outing_id == outing.id,
            holds_on(ClassMembership, day),
            SchoolClass.school_id == outing.school_id,
        )
        .order_by(SchoolClass.name_sort, SchoolClass.id, Pupil.name_sort, Pupil.id)
    )
    return [(pupil, school_class) for pupil, school_class in rows]


def _registers(session: Session, class_ids: Collection[int], day: date, slot: int) -> dict[int, Register]:
    rows = session.scalars(
        select(Register)
        .where(
            Register.class_id.in_(list(class_ids)),
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot == slot,
        )
        .execution_options(populate_existing=True)
    )
    return {row.class_id: row for row in rows}


def _letters(session: Session, registers: Collection[Register]) -> dict[tuple[int, int], int]:
    """Return {(class, pupil): code} of what teachers said; the office's corrections stay where they are."""
    classes = {one.id: one.class_id for one in registers}
    rows = session.execute(
        select(Mark.register_id, Mark.pupil_id, Mark.teacher_code_id).where(
            Mark.register_id.in_(list(classes)), Mark.teacher_code_id.is_not(None)
        )
    )
    return {(classes[register], pupil): code for register, pupil, code in rows if code is not None}


# --- taking back --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """What a roll call said last in a register: the pupils whose marks are its own, whether it sent the register."""

    pupils: Sequence[int]
    is_sent: bool


def written_by(session: Session, outing_id: int, registers: Collection[Register]) -> dict[int, Written]:
    """Return {register: what stands there by an event's roll call}, where that is anything. Two queries.

    What somebody else said since is theirs.
    """
    device, sent = device_of(outing_id), {one.id for one in registers if one.standing in TAKEN}
    marks: defaultdict[int, list[int]] = defaultdict(list)
    rows = session.execute(
        _last_events(registers, [EventKind.MARK, EventKind.CORRECTION])
        .join(Mark, and_(Mark.register_id == MarkEvent.register_id, Mark.pupil_id == MarkEvent.pupil_id))
        .where(MarkEvent.device == device)
    )
    for register_id, pupil_id in rows:
        if pupil_id is not None:
            marks[register_id].append(pupil_id)
    states = session.execute(_last_events(registers, [EventKind.STATE]).where(MarkEvent.device == device))
    by_it = {register_id for register_id, _nobody in states} & sent
    return {one: Written(marks[one], one in by_it) for one in marks.keys() | by_it}


def _last_events(registers: Collection[Register], kinds: Collection[EventKind]) -> Select[int, int | None]:
    """Return the query of (register, pupil) of the last event of each pupil, or of the registers themselves."""
    later = aliased(MarkEvent)
    is_last = ~(
        exists().where(
            later.register_id == MarkEvent.register_id,
            later.pupil_id.is_not_distinct_from(MarkEvent.pupil_id),
            later.kind.in_(kinds),
            later.sequence > MarkEvent.sequence,
        )
    )
    return select(MarkEvent.register_id, MarkEvent.pupil_id).where(
        MarkEvent.register_id.in_([one.id for one in registers]), MarkEvent.kind.in_(kinds), is_last
    )
