"""Many sheets at once, in as many queries for a week as for a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import ClassMembership, Pupil, SchoolClass
from app.school.queries import lessons_between, staff_of_user
from app.school.seating.queries import plans_between
from app.school.seating.rules import plan_on
from attendance.devices.rules import MOST_SHEETS, PeriodKey, kept_days
from attendance.registers.models import Mark, Register
from attendance.registers.queries.sheets import Amendment, PupilLine, Roll, Sheet, codes, mark_lines
from attendance.registers.rules.marks import Counters
from attendance.registers.rules.states import RegisterState, SlotKind, slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from attendance.registers.queries.sheets import Codes


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whose device it is: the account, the classes whose sessions are kept, those whose own periods are."""

    user_id: int
    own: Collection[int]
    taught: Collection[int]


def kept_sheets(session: Session, keeper: Keeper, today: date) -> list[Sheet]:
    """Return the sheets that a device keeps: of sessions from this week's Monday on, then of periods from today on."""
    first, after_last = kept_days(today)
    rows = _session_rows(session, keeper.own, first, after_last)
    rows += _period_rows(session, keeper, today, after_last)
    return _sheets(session, rows, first, after_last)


def _session_rows(
    session: Session, class_ids: Collection[int], first: date, after_last: date
) -> list[tuple[Register, SchoolClass]]:
    """Return the session registers of classes on [first, after_last), by day and slot, MOST_SHEETS at most."""
    rows = session.execute(
        select(Register, SchoolClass)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .where(
            Register.class_id.in_(list(class_ids)),
            Register.day >= first,
            Register.day < after_last,
            Register.slot_kind == SlotKind.SESSION,
        )
        .order_by(Register.day, Register.slot, SchoolClass.name_sort)
        .limit(MOST_SHEETS)
    )
    return [(register, school_class) for register, school_class in rows]


def _period_rows(
    session: Session, keeper: Keeper, first: date, after_last: date
) -> list[tuple[Register, SchoolClass]]:
    """Return the registers of the periods that somebody teaches on [first, after_last), by day and slot.

    A period of which there is no register yet has the number of its `PeriodKey` instead of an id.
    """
    staff = staff_of_user(session, keeper.user_id)
    if staff is None or not keeper.taught:
        return []
    lessons = lessons_between(
        session, staff.school_id, first, after_last, staff_id=staff.id, class_ids=keeper.taught
    )
    taught = [
        (day, slot_of(lesson.day_session, lesson.number), lesson.class_id)
        for day, of_day in lessons.items()
        for lesson in of_day
    ]
    there = _periods(session, {class_id for _day, _slot, class_id in taught}, first, after_last)
    classes = _classes(session, {class_id for _day, _slot, class_id in taught})
    return [
        (there.get(one) or _unopened(staff.school_id, *one), classes[one[2]])
        for one in sorted(taught)[:MOST_SHEETS]
    ]


def _periods(
    session: Session, class_ids: Collection[int], first: date, after_last: date
) -> dict[tuple[date, int, int], Register]:
    rows = session.scalars(
        select(Register).where(
            Register.class_id.in_(list(class_ids)),
            Register.day >= first,
            Register.day < after_last,
            Register.slot_kind == SlotKind.PERIOD,
        )
    )
    return {(row.day, row.slot, row.class_id): row for row in rows}


def _classes(session: Session, class_ids: Collection[int]) -> dict[int, SchoolClass]:
    rows = session.scalars(select(SchoolClass).where(SchoolClass.id.in_(list(class_ids))))
    return {row.id: row for row in rows}


def _unopened(school_id: int, day: date, slot: int, class_id: int) -> Register:
    """Return a register as it will begin, which is in no session and never stored."""
    return Register(
        id=PeriodKey(class_id, day, slot).number,
        school_id=school_id,
        class_id=class_id,
        day=day,
        slot_kind=SlotKind.PERIOD.value,
        slot=slot,
        state=RegisterState.DUE.value,
        row_version=0,
        **dict.fromkeys(
            Counters.__dataclass_fields__.keys() - {"present"}, 0
        ),  # who is present is what is left
    )


def _sheets(
    session: Session, rows: Sequence[tuple[Register, SchoolClass]], first: date, after_last: date
) -> list[Sheet]:
    members = _members(session, {register.class_id for register, _ in rows}, first, after_last)
    marks = _marks(session, [register.id for register, _ in rows])
    known = {
        school_id: codes(session, school_id) for school_id in {register.school_id for register, _ in rows}
    }
    plans = plans_between(session, {register.class_id for register, _ in rows}, first, after_last)
    return [
        replace(
            _sheet(register, school_class, members[register.class_id], marks[register.id], known),
            plan=plan_on(plans.get(register.class_id, ()), register.day),
        )
        for register, school_class in rows
    ]


def _members(
    session: Session, class_ids: Collection[int], first: date, after_last: date
) -> Mapping[int, list[tuple[ClassMembership, str]]]:
    """Return {class: memberships of these days with the pupils' names}, in Vietnamese order."""
    rows = session.execute(
        select(ClassMembership, Pupil.full_name)
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .where(
            ClassMembership.class_id.in_(list(class_ids)),
            ClassMembership.starts_on < after_last,
            ClassMembership.ends_on.is_(None) | (ClassMembership.ends_on > first),
        )
        .order_by(Pupil.name_sort, Pupil.id)
    )
    found: defaultdict[int, list[tuple[ClassMembership, str]]] = defaultdict(list)
    for membership, name in rows:
        found[membership.class_id].append((membership, name))
    return found


def _marks(session: Session, register_ids: Collection[int]) -> Mapping[int, dict[int, Mark]]:
    found: defaultdict[int, dict[int, Mark]] = defaultdict(dict)
    for mark in session.scalars(select(Mark).where(Mark.register_id.in_(list(register_ids)))):
        found[mark.register_id][mark.pupil_id] = mark
    return found


def _sheet(
    register: Register,
    school_class: SchoolClass,
    members: Sequence[tuple[ClassMembership, str]],
    marks: Mapping[int, Mark],
    known: Mapping[int, Codes],
) -> Sheet:
    names = {one.pupil_id: name for one, name in members if _holds(one, register.day)}
    roll = Roll(frozenset(names), {pupil_id: mark for pupil_id, mark in marks.items() if pupil_id in names})
    return Sheet(
        register=register,
        school_class=school_class,
        school_name="",
        pupils=[PupilLine(one, number, name) for number, (one, name) in enumerate(names.items(), start=1)],
        marks=mark_lines(roll, known[register.school_id]),
        codes=known[register.school_id],
        amendment=Amendment(),
    )


def _holds(membership: ClassMembership, day: date) -> bool:
    return membership.starts_on <= day and (membership.ends_on is None or membership.ends_on > day)
