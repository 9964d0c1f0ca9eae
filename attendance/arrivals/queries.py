"""Who is at the desk: pupils of a school by card or name, with what their register says of them now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import ClassMembership, Pupil, SchoolClass
from app.school.queries import holds_on, lessons_on
from app.text import fold
from attendance.arrivals.rules import MOST_FOUND
from attendance.evidence.queries import sightings
from attendance.evidence.rules import EvidenceKind
from attendance.gates.queries import pupils_of_cards
from attendance.gates.rules import card_code
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.rules.states import RegisterState, SlotKind, slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime, time

    from sqlalchemy.orm import Session

    from app.school.rules import DaySession
    from attendance.registers.queries.sheets import Codes


@dataclass(frozen=True, slots=True)
class Arrival:
    """A pupil at the desk: the class, its register of the session that is on, what stands there, when the gate saw it.

    `version` is that of the register, 0 when nobody has opened one; `is_due` says whether the class has lessons now.
    `finishes_at` is the end of its last lesson of the session, None where nobody knows.
    """

    pupil_id: int
    pupil: str
    class_id: int
    class_name: str
    is_due: bool
    begins_at: time | None
    finishes_at: time | None
    version: int
    state: RegisterState
    letter: str
    letter_name: str
    minutes_late: int | None
    seen_at: datetime | None


def arrivals_named(
    session: Session, school_id: int, day: date, day_session: DaySession, text: str, known: Codes
) -> list[Arrival]:
    """Return the pupils of a school whose card or name is asked for, the card's owner alone when it is a card's.

    Accents or none, words in any order; at most MOST_FOUND, by name. About ten queries.
    """
    asked = text.strip()
    if not asked:
        return []
    found = _pupils(session, school_id, day, asked)
    return _with_registers(session, school_id, day, day_session, found, known)


def _pupils(session: Session, school_id: int, day: date, asked: str) -> Sequence[tuple[int, str, int, str]]:
    query = (
        select(Pupil.id, Pupil.full_name, SchoolClass.id, SchoolClass.name)
        .join(ClassMembership, ClassMembership.pupil_id == Pupil.id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(SchoolClass.school_id == school_id, holds_on(ClassMembership, day))
        .order_by(Pupil.name_sort, Pupil.id)
        .limit(MOST_FOUND)
    )
    owner = pupils_of_cards(session, school_id, day, [card_code(asked)])
    narrowed = query.where(Pupil.id.in_(owner.values())) if owner else None
    rows = session.execute(narrowed).all() if narrowed is not None else []
    if not rows:
        for word in fold(asked).split()[:6]:
            query = query.where(Pupil.name_fold.contains(word, autoescape=True))
        rows = session.execute(query).all()
    return [(pupil_id, name, class_id, label) for pupil_id, name, class_id, label in rows]


def _with_registers(
    session: Session,
    school_id: int,
    day: date,
    day_session: DaySession,
    pupils: Sequence[tuple[int, str, int, str]],
    known: Codes,
) -> list[Arrival]:
    registers = _registers(session, {class_id for _, _, class_id, _ in pupils}, day, day_session)
    marks = _marks(session, [row.id for row in registers.values()], [one[0] for one in pupils])
    begins: dict[int, time | None] = {}
    finishes: dict[int, time | None] = {}
    for lesson in lessons_on(session, school_id, day) if pupils else []:
        if lesson.day_session is day_session:
            begins.setdefault(lesson.class_id, lesson.begins_at)
            finishes[lesson.class_id] = lesson.finishes_at
    seen = _seen(session, [one[0] for one in pupils], day, slot_of(day_session))
    arrivals = []
    for pupil_id, name, class_id, label in pupils:
        row, mark = registers.get(class_id), marks.get(pupil_id)
        code = known.by_id.get(mark.code_id) if mark is not None and mark.code_id is not None else None
        arrivals.append(
            Arrival(
                pupil_id=pupil_id,
                pupil=name,
                class_id=class_id,
                class_name=label,
                is_due=class_id in begins or row is not None,
                begins_at=begins.get(class_id),
                finishes_at=finishes.get(class_id),
                version=row.row_version if row else 0,
                state=row.standing if row else RegisterState.DUE,
                letter=code.letter if code else "",
                letter_name=code.name if code else "",
                minutes_late=mark.minutes_late if mark else None,
                seen_at=seen.get(pupil_id),
            )
        )
    return arrivals


def _registers(
    session: Session, class_ids: Collection[int], day: date, day_session: DaySession
) -> dict[int, Register]:
    rows = session.scalars(
        select(Register).where(
            Register.class_id.in_(list(class_ids)),
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot == slot_of(day_session),
        )
    )
    return {row.class_id: row for row in rows}


def _marks(session: Session, register_ids: Collection[int], pupil_ids: Collection[int]) -> dict[int, Mark]:
    rows = session.scalars(
        select(Mark).where(Mark.register_id.in_(list(register_ids)), Mark.pupil_id.in_(list(pupil_ids)))
    )
    return {row.pupil_id: row for row in rows}


def _seen(session: Session, pupil_ids: Sequence[int], day: date, slot: int) -> dict[int, datetime]:
    """Return {pupil: when the gate saw them first in a session}."""
    found = [
        one
        for one in sightings(session, pupil_ids, day)
        if one.kind is EvidenceKind.GATE and one.slot == slot
    ]
    return {one.pupil_id: one.at for one in sorted(found, key=lambda one: one.at, reverse=True)}


@dataclass(frozen=True, slots=True)
class LateLine:
    """A pupil who is marked late in a session of today, whether or not the register has been sent."""

    register_id: int
    pupil: str
    class_name: str
    minutes_late: int | None


def late_in_session(session: Session, school_id: int, day: date, day_session: DaySession) -> list[LateLine]:
    """Return who is marked late in a session at a school, by class and name. One query."""
    rows = session.execute(
        select(Register.id, Pupil.full_name, SchoolClass.name, Mark.minutes_late)
        .join(Mark, Mark.register_id == Register.id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .join(Pupil, Pupil.id == Mark.pupil_id)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .where(
            Register.school_id == school_id,
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot == slot_of(day_session),
            AttendanceCode.is_late.is_(True),
        )
        .order_by(SchoolClass.name_sort, Pupil.name_sort, Pupil.id)
    )
    return [LateLine(register_id, name, label, minutes) for register_id, name, label, minutes in rows]
