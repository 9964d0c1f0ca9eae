"""Reading the school: authorised loaders first, then lists. Every loader takes the actor and the permission needed.

Absent and forbidden both raise a NotFoundError. Functions that take a `session` and no actor work on objects that
were already loaded for the actor, or serve jobs and the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app import clock, db
from app.access import Actor, Permission, Place
from app.errors import InvalidError, NotFoundError
from app.i18n import say
from app.school.models import (
    BellPeriod,
    CalendarDay,
    ClassMembership,
    Enrolment,
    OrgUnit,
    Pupil,
    PupilCard,
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    Subject,
    Timetable,
    TimetableEntry,
)
from app.school.rules import (
    SESSION_ORDER,
    CalendarEntry,
    DayKind,
    DaySession,
    SchoolDay,
    days_between,
    school_day,
)
from app.school.timetables.models import EntryTeacher, LessonChange
from app.school.timetables.rules.weeks import WeekPattern, is_held_in, monday_of, week_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, time

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


# --- authorised loaders -------------------------------------------------------------------------------------------


def unit_for(actor: Actor, permission: Permission, unit_id: int) -> OrgUnit:
    """Return the unit, or raise NotFoundError when it does not exist or the actor may not do this there."""
    unit = db.session().get(OrgUnit, unit_id)
    if unit is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(unit_id))
    return unit


def school_for(actor: Actor, permission: Permission, school_id: int) -> OrgUnit:
    """Return the unit of a school; `school_details` has the rest."""
    if db.session().get(School, school_id) is None:
        raise NotFoundError
    return unit_for(actor, permission, school_id)


def class_for(actor: Actor, permission: Permission, class_id: int) -> SchoolClass:
    """Return the class, or raise NotFoundError."""
    found = db.session().get(SchoolClass, class_id)
    if found is None:
        raise NotFoundError
    actor.require(permission, place_of_class(found))
    return found


def pupil_for(actor: Actor, permission: Permission, pupil_id: int, on: date) -> Pupil:
    """Return the pupil when the actor may do this in the school or class where the pupil is on that day."""
    pupil = db.session().get(Pupil, pupil_id)
    if pupil is None or not any(actor.may(permission, place) for place in places_of_pupil(pupil_id, on)):
        raise NotFoundError
    return pupil


def own_pupil_ids(actor: Actor) -> list[int]:
    """Return the pupils whom an actor's grants name: oneself, or the children of a guardian."""
    return sorted({grant.pupil_id for grant in actor.grants if grant.pupil_id is not None})


def class_of_pupil_on(session: Session, pupil_id: int, day: date) -> SchoolClass | None:
    """Return the class of a pupil on a day, wherever; the loader of the pupil has said that the actor may ask."""
    return session.scalars(
        select(SchoolClass)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(ClassMembership.pupil_id == pupil_id, holds_on(ClassMembership, day))
        .order_by(SchoolClass.id)
    ).first()


# --- places -------------------------------------------------------------------------------------------------------


def place_of_unit(unit_id: int) -> Place:
    """Return the unit together with all units above it."""
    return Place(unit_ids=frozenset(ancestors(db.session(), unit_id)))


def wards_of(session: Session, schools: Collection[OrgUnit]) -> list[OrgUnit]:
    """Return the units right above these schools, in Vietnamese order."""
    above = {unit.parent_id for unit in schools}
    return list(session.scalars(select(OrgUnit).where(OrgUnit.id.in_(above)).order_by(OrgUnit.name_sort)))


def place_of_class(school_class: SchoolClass) -> Place:
    """Return where a class lives."""
    return Place(unit_ids=place_of_unit(school_class.school_id).unit_ids, class_id=school_class.id)


def places_of_pupil(pupil_id: int, on: date) -> list[Place]:
    """Return the places where a pupil is on a day: the school of the enrolment and each class."""
    rows = db.session().execute(
        select(Enrolment.school_id, ClassMembership.class_id)
        .outerjoin(
            ClassMembership,
            and_(ClassMembership.pupil_id == Enrolment.pupil_id, holds_on(ClassMembership, on)),
        )
        .where(Enrolment.pupil_id == pupil_id, holds_on(Enrolment, on))
    )
    return [Place(place_of_unit(row.school_id).unit_ids, row.class_id, pupil_id) for row in rows]


def ancestors(session: Session, unit_id: int) -> list[int]:
    """Return the ids of a unit and of all units above it, from the unit up."""
    chain = select(OrgUnit.id, OrgUnit.parent_id).where(OrgUnit.id == unit_id).cte("chain", recursive=True)
    chain = chain.union_all(
        select(OrgUnit.id, OrgUnit.parent_id).join(chain, OrgUnit.id == chain.c.parent_id)
    )
    return list(session.scalars(select(chain.c.id)))


def below(unit_ids: Iterable[int]) -> Select[tuple[int]]:
    """Return a subquery of the ids of units and of everything below them."""
    tree = select(OrgUnit.id).where(OrgUnit.id.in_(list(unit_ids))).cte("tree", recursive=True)
    tree = tree.union_all(select(OrgUnit.id).join(tree, OrgUnit.parent_id == tree.c.id))
    return select(tree.c.id)


def holds_on(
    table: type[ClassMembership | Enrolment | BellPeriod | Timetable], day: date
) -> ColumnElement[bool]:
    """Return the SQL condition that a dated row holds on a day: starts_on <= day < ends_on."""
    return and_(table.starts_on <= day, or_(table.ends_on.is_(None), table.ends_on > day))


# --- lists --------------------------------------------------------------------------------------------------------


def schools_for(actor: Actor, permission: Permission) -> list[OrgUnit]:
    """Return the schools where the actor holds the permission, in Vietnamese order of their names."""
    units = actor.unit_ids(permission)
    reachable: ColumnElement[bool] = OrgUnit.id.in_(below(units))
    if classes := actor.class_ids(permission):
        reachable = or_(
            reachable, OrgUnit.id.in_(select(SchoolClass.school_id).where(SchoolClass.id.in_(classes)))
        )
    return list(
        db.session().scalars(
            select(OrgUnit)
            .join(School, School.id == OrgUnit.id)
            .where(reachable)
            .order_by(OrgUnit.name_sort, OrgUnit.id)
        )
    )


def classes_for(
    actor: Actor, permission: Permission, year_id: int, school_id: int | None = None
) -> list[SchoolClass]:
    """Return the classes of a year where the actor holds the permission, in natural order (6A2 before 6A10)."""
    reachable = or_(
        SchoolClass.school_id.in_(below(actor.unit_ids(permission))),
        SchoolClass.id.in_(actor.class_ids(permission)),
    )
    query = select(SchoolClass).where(SchoolClass.year_id == year_id, reachable)
    if school_id is not None:
        query = query.where(SchoolClass.school_id == school_id)
    return list(db.session().scalars(query.order_by(SchoolClass.name_sort, SchoolClass.id)))


def classes_of_school(session: Session, school_id: int, year_id: int) -> list[SchoolClass]:
    """Return a school's classes of a year in natural order."""
    return list(
        session.scalars(
            select(SchoolClass)
            .where(SchoolClass.school_id == school_id, SchoolClass.year_id == year_id)
            .order_by(SchoolClass.name_sort, SchoolClass.id)
        )
    )


def pupils_in_class(session: Session, class_id: int, day: date) -> list[Pupil]:
    """Return the pupils of a class on a day, by given name in Vietnamese order."""
    return list(
        session.scalars(
            select(Pupil)
            .join(ClassMembership, ClassMembership.pupil_id == Pupil.id)
            .where(ClassMembership.class_id == class_id, holds_on(ClassMembership, day))
            .order_by(Pupil.name_sort, Pupil.id)
        )
    )


def class_sizes(session: Session, class_ids: Sequence[int], day: date) -> dict[int, int]:
    """Return {class id: number of pupils on the day}; a class without pupils is absent from the result."""
    rows = session.execute(
        select(ClassMembership.class_id, func.count())
        .where(ClassMembership.class_id.in_(class_ids), holds_on(ClassMembership, day))
        .group_by(ClassMembership.class_id)
    )
    return {row[0]: row[1] for row in rows}


def cards_of_pupils(session: Session, pupil_ids: Sequence[int], year_id: int) -> dict[int, str]:
    """Return {pupil id: card code} of the cards that are valid in a year."""
    rows = session.execute(
        select(PupilCard.pupil_id, PupilCard.code).where(
            PupilCard.pupil_id.in_(pupil_ids), PupilCard.year_id == year_id, PupilCard.revoked_at.is_(None)
        )
    )
    return {row[0]: row[1] for row in rows}


# --- time ---------------------------------------------------------------------------------------------------------


def year_on(session: Session, day: date) -> SchoolYear | None:
    """Return the school year in which a day falls, None in the summer gap."""
    return session.scalar(select(SchoolYear).where(SchoolYear.starts_on <= day, SchoolYear.ends_on > day))


def year_by_code(session: Session, code: str) -> SchoolYear | None:
    """Return the school year with a code such as 2026-2027."""
    return session.scalar(select(SchoolYear).where(SchoolYear.code == code))


def latest_year(session: Session, day: date) -> SchoolYear | None:
    """Return the year of the day, or the last one that began before it, or the first there is."""
    return year_on(session, day) or session.scalar(
        select(SchoolYear).order_by((SchoolYear.starts_on > day), SchoolYear.starts_on.desc()).limit(1)
    )


def school_days(session: Session, school_id: int, first: date, after_last: date) -> list[SchoolDay]:
    """Return what each day of [first, after_last) is at a school, in order."""
    school = session.get_one(School, school_id)
    weekdays = [int(digit) for digit in school.teaching_weekdays]
    entries = calendar_entries(session, school_id, first, after_last)
    years = session.scalars(
        select(SchoolYear).where(SchoolYear.starts_on < after_last, SchoolYear.ends_on > first)
    ).all()
    spans = [(year.starts_on, year.ends_on) for year in years]
    return [
        school_day(day, next((s for s in spans if s[0] <= day < s[1]), (day, day)), weekdays, entries)
        for day in days_between(first, after_last)
    ]


def calendar_entries(
    session: Session, school_id: int, first: date, after_last: date
) -> dict[date, CalendarEntry]:
    """Return the calendar of a school: its own entries over its site's, ward's and province's, the nearest winning."""
    chain = ancestors(session, school_id)
    rows = session.scalars(
        select(CalendarDay).where(
            CalendarDay.unit_id.in_(chain), CalendarDay.day >= first, CalendarDay.day < after_last
        )
    )
    nearest_last = sorted(rows, key=lambda row: -chain.index(row.unit_id))
    return {row.day: calendar_entry(row) for row in nearest_last}


def calendar_entry(row: CalendarDay) -> CalendarEntry:
    """Return what a row says of its day."""
    only = DaySession(row.only_session) if row.only_session else None
    return CalendarEntry(DayKind(row.kind), row.follows_weekday, row.note, only)


def day_at_school(session: Session, school_id: int, day: date) -> SchoolDay:
    """Return what one day is at a school."""
    return school_days(session, school_id, day, day + timedelta(days=1))[0]


def week_on(session: Session, school_id: int, day: date) -> int | None:
    """Return the number of a day's school week, None in a week without teaching or outside the school year."""
    year = year_on(session, day)
    if year is None:
        return None
    days = school_days(session, school_id, year.starts_on, monday_of(day) + timedelta(days=7))
    return week_number(day, (one.day for one in days if one.is_teaching))


# --- timetable ----------------------------------------------------------------------------------------------------


def bell_of_entry(day: date) -> ColumnElement[bool]:
    """Return the SQL condition that joins a lesson of the timetable with its period on a day, by the class's grade."""
    return and_(
        BellPeriod.school_id == Timetable.school_id,
        BellPeriod.day_session == TimetableEntry.day_session,
        BellPeriod.number == TimetableEntry.number,
        SchoolClass.grade.between(BellPeriod.first_grade, BellPeriod.last_grade),
        holds_on(BellPeriod, day),
    )


def co_teachers_of(session: Session, entry_ids: Collection[int]) -> dict[int, tuple[Staff, ...]]:
    """Return {entry: who teaches it together with the teacher who leads}; an entry without any is absent."""
    rows = session.execute(
        select(EntryTeacher.entry_id, Staff)
        .join(Staff, Staff.id == EntryTeacher.staff_id)
        .where(EntryTeacher.entry_id.in_(list(entry_ids)))
        .order_by(Staff.name_sort, Staff.id)
    )
    found: dict[int, tuple[Staff, ...]] = {}
    for entry_id, staff in rows:
        found[entry_id] = (*found.get(entry_id, ()), staff)
    return found


def held_on(session: Session, school_id: int, what: SchoolDay, entries: Iterable[TimetableEntry]) -> set[int]:
    """Return the ids of the entries that are held on a day of their weekday: session taught, their week."""
    taught = [entry for entry in entries if what.teaches_in(DaySession(entry.day_session))]
    if all(entry.weeks == WeekPattern.EVERY for entry in taught):
        return {entry.id for entry in taught}
    week = week_on(session, school_id, what.day)
    return {entry.id for entry in taught if is_held_in(WeekPattern(entry.weeks), week)}


@dataclass(frozen=True, slots=True)
class PlannedLesson:
    """A lesson that the published timetable puts on a day. Times are wall clock, None without a bell plan.

    With a substitute, `staff_id` and `teacher` are the substitute's and `substitute_for` is who is away.
    """

    entry_id: int
    school_id: int
    class_id: int
    class_name: str
    subject: str
    staff_id: int
    teacher: str
    day_session: DaySession
    number: int
    room: str
    begins_at: time | None
    finishes_at: time | None
    programme_session: int
    substitute_for: str | None = None
    co_teachers: tuple[str, ...] = ()


def lessons_on(
    session: Session, school_id: int, day: date, *, staff_id: int | None = None, class_id: int | None = None
) -> list[PlannedLesson]:
    """Return the lessons of a school (of one teacher, of one class) on a day, by session, period and class.

    What was decided for this day alone counts: cancelled lessons are left out, substituted ones are the substitute's.
    """
    what = day_at_school(session, school_id, day)
    if not what.is_teaching:
        return []
    substitute = aliased(Staff)
    query = (
        select(TimetableEntry, SchoolClass, Subject.name, Staff.full_name, BellPeriod, substitute)
        .join(Timetable, Timetable.id == TimetableEntry.timetable_id)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .join(Subject, Subject.id == TimetableEntry.subject_id)
        .join(Staff, Staff.id == TimetableEntry.staff_id)
        .outerjoin(BellPeriod, bell_of_entry(day))
        .outerjoin(LessonChange, and_(LessonChange.entry_id == TimetableEntry.id, LessonChange.day == day))
        .outerjoin(substitute, substitute.id == LessonChange.substitute_id)
        .where(
            Timetable.school_id == school_id,
            Timetable.state != "draft",
            holds_on(Timetable, day),
            TimetableEntry.weekday == what.weekday,
            or_(LessonChange.id.is_(None), LessonChange.kind != "cancelled"),
        )
    )
    if staff_id is not None:
        query = query.where(_is_taught_by(staff_id))
    if class_id is not None:
        query = query.where(TimetableEntry.class_id == class_id)
    rows = session.execute(query.order_by(SchoolClass.name_sort)).all()
    held = held_on(session, school_id, what, [row[0] for row in rows])
    others = co_teachers_of(session, held) if held else {}
    planned = [_planned(*row, others.get(row[0].id, ())) for row in rows if row[0].id in held]
    return sorted(planned, key=lambda lesson: (SESSION_ORDER[lesson.day_session], lesson.number))


def _is_taught_by(staff_id: int) -> ColumnElement[bool]:
    together = select(EntryTeacher.entry_id).where(EntryTeacher.staff_id == staff_id)
    leads = func.coalesce(LessonChange.substitute_id, TimetableEntry.staff_id) == staff_id
    return or_(leads, TimetableEntry.id.in_(together))


def _planned(
    entry: TimetableEntry,
    school_class: SchoolClass,
    subject: str,
    teacher: str,
    bell: BellPeriod | None,
    substitute: Staff | None,
    others: Sequence[Staff],
) -> PlannedLesson:
    return PlannedLesson(
        entry_id=entry.id,
        school_id=school_class.school_id,
        class_id=school_class.id,
        class_name=school_class.name,
        subject=subject,
        staff_id=substitute.id if substitute else entry.staff_id,
        teacher=substitute.full_name if substitute else teacher,
        day_session=DaySession(entry.day_session),
        number=entry.number,
        room=entry.room,
        begins_at=bell.begins_at if bell else None,
        finishes_at=bell.finishes_at if bell else None,
        programme_session=bell.programme_session if bell else 1,
        substitute_for=teacher if substitute else None,
        co_teachers=tuple(staff.full_name for staff in others),
    )


def staff_of_user(session: Session, user_id: int) -> Staff | None:
    """Return the member of staff behind an account."""
    return session.scalar(select(Staff).where(Staff.user_id == user_id))


def sessions_with_lessons(session: Session, school_id: int, day: date) -> dict[int, dict[DaySession, int]]:
    """Return {class id: {session: programme session}} for the sessions in which the timetable gives a class lessons.

    A session counts as buổi 1 when any of its periods does.
    """
    found: dict[int, dict[DaySession, int]] = {}
    for lesson in lessons_on(session, school_id, day):
        sessions = found.setdefault(lesson.class_id, {})
        sessions[lesson.day_session] = min(sessions.get(lesson.day_session, 2), lesson.programme_session)
    return found


def unit_by_code(session: Session, code: str, day: date) -> OrgUnit | None:
    """Return the unit that carries a code on a day, whatever the code set; the school one when several do."""
    rows = session.scalars(
        select(OrgUnit)
        .where(
            OrgUnit.code == code,
            OrgUnit.valid_from <= day,
            or_(OrgUnit.valid_to.is_(None), OrgUnit.valid_to > day),
        )
        .order_by((OrgUnit.kind != "school"), OrgUnit.id)
    )
    return rows.first()


def school_by_code(session: Session, code: str) -> OrgUnit:
    """Return the school that carries a code today, for the command line; raise InvalidError when there is none."""
    found = unit_by_code(session, code, clock.today())
    if found is None or found.kind != "school":
        raise InvalidError(say("Không có trường mang mã %(code)s.", code=code))
    return found


@dataclass(frozen=True, slots=True)
class SchoolCounts:
    """How many classes and pupils a school has in the year of a day."""

    classes: int = 0
    pupils: int = 0


def school_counts(session: Session, school_ids: Sequence[int], day: date) -> dict[int, SchoolCounts]:
    """Return {school id: counts} for the year of the day; a school with nothing has zeros."""
    year = latest_year(session, day)
    if year is None:
        return {}
    in_class = (
        select(func.count())
        .select_from(ClassMembership)
        .where(ClassMembership.class_id == SchoolClass.id, holds_on(ClassMembership, day))
        .scalar_subquery()
    )
    rows = session.execute(  # nobody is in two classes of a year at once, so classes may be summed
        select(SchoolClass.school_id, func.count(), func.sum(in_class))
        .where(SchoolClass.school_id.in_(school_ids), SchoolClass.year_id == year.id)
        .group_by(SchoolClass.school_id)
    )
    return {school_id: SchoolCounts(classes, int(pupils)) for school_id, classes, pupils in rows}


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A line of the list of schools: the unit, its levels, the unit above it, its counts of the year."""

    unit: OrgUnit
    levels: str
    parent: str
    parent_sort: str
    counts: SchoolCounts


def school_lines(actor: Actor, permission: Permission, day: date) -> list[SchoolLine]:
    """Return the schools where the actor holds the permission, with what a list says of them; three queries."""
    session = db.session()
    found = schools_for(actor, permission)
    above = aliased(OrgUnit)
    told = {
        row[0]: row[1:]
        for row in session.execute(
            select(School.id, School.levels, above.name, above.name_sort)
            .join(OrgUnit, OrgUnit.id == School.id)
            .outerjoin(above, above.id == OrgUnit.parent_id)
            .where(School.id.in_([unit.id for unit in found]))
        )
    }
    counts = school_counts(session, [unit.id for unit in found], day)
    lines = []
    for unit in found:
        levels, parent, parent_sort = told[unit.id]
        lines.append(
            SchoolLine(unit, levels, parent or "", parent_sort or "", counts.get(unit.id, SchoolCounts()))
        )
    return lines


def unit_name(actor: Actor) -> str | None:
    """Return the name of the unit where the actor works, for the head of the page; None without a grant."""
    if not actor.grants:
        return None
    unit = db.session().get(OrgUnit, actor.grants[0].unit_id)
    return unit.name if unit else None
