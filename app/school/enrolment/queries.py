"""Reading enrolment: a pupil's history, the steps that made it, and who waits to be taken in.

A school that a pupil has left still finds the pupil, and shows the pupil's time there; the school where the pupil is
sees the whole history.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from app import clock, db
from app.access import Actor, Permission, Place, Reach
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.rules import (
    KEEP_ENROLMENT,
    ClassPlace,
    ClassStay,
    History,
    Stay,
    Verb,
    YearFrame,
    from_json,
    holds,
    keeping_stay,
)
from app.school.models import ClassMembership, Enrolment, OrgUnit, Pupil, SchoolClass, SchoolYear
from app.school.queries import holds_on, place_of_unit, places_of_pupil

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session


# --- authorised loaders -------------------------------------------------------------------------------------------


def known_pupil_for(actor: Actor, permission: Permission, pupil_id: int, on: date) -> Pupil:
    """Return a pupil who is, or ever was, where the actor may do this, or raise NotFoundError.

    A class's teacher reaches the pupils of the day only; the office of a school also those who have left it.
    """
    pupil = db.session().get(Pupil, pupil_id)
    if pupil is None or not _is_reached(actor, permission, pupil.id, on):
        raise NotFoundError
    return pupil


def _is_reached(actor: Actor, permission: Permission, pupil_id: int, on: date) -> bool:
    if any(actor.may(permission, place) for place in places_of_pupil(pupil_id, on)):
        return True
    past = db.session().scalars(select(Enrolment.school_id).distinct().where(Enrolment.pupil_id == pupil_id))
    return any(
        actor.may(permission, Place(place_of_unit(school_id).unit_ids, None, pupil_id)) for school_id in past
    )


def kept_pupil_for(actor: Actor, permission: Permission, pupil_id: int) -> tuple[Pupil, int]:
    """Return a pupil and the school that keeps the pupil's record now.

    Raises NotFoundError when the actor may not do this there: a school that a pupil has left changes nothing.
    """
    pupil = db.session().get(Pupil, pupil_id)
    school_id = keeping_school(db.session(), pupil_id)
    if pupil is None or school_id is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(school_id))
    return pupil, school_id


def keeping_school(session: Session, pupil_id: int) -> int | None:
    """Return the school that keeps a pupil's record today (`rules.keeping_stay`)."""
    rows = session.scalars(
        select(Enrolment).where(Enrolment.pupil_id == pupil_id).execution_options(populate_existing=True)
    )
    kept = keeping_stay([_stay(row) for row in rows], clock.today())
    return kept.school_id if kept else None


def keeping_schools(session: Session, pupil_ids: Collection[int]) -> dict[int, int]:
    """Return {pupil: the school that keeps the record today}, as `keeping_school`; who has none is absent."""
    stays: dict[int, list[Stay]] = {}
    wanted = sorted(pupil_ids)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        for row in session.scalars(select(Enrolment).where(Enrolment.pupil_id.in_(some))):
            stays.setdefault(row.pupil_id, []).append(_stay(row))
    found = {pupil_id: keeping_stay(rows, clock.today()) for pupil_id, rows in stays.items()}
    return {pupil_id: kept.school_id for pupil_id, kept in found.items() if kept}


def change_for(actor: Actor, permission: Permission, change_id: int) -> EnrolmentChange:
    """Return a step made at a school where the actor may do this, or raise NotFoundError."""
    found = db.session().get(EnrolmentChange, change_id)
    if found is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(found.school_id))
    return found


def offer_for(actor: Actor, permission: Permission, change_id: int) -> EnrolmentChange:
    """Return a transfer to a school where the actor may do this, or raise NotFoundError."""
    found = db.session().get(EnrolmentChange, change_id)
    if found is None or found.to_school_id is None or found.undone_at is not None:
        raise NotFoundError
    actor.require(permission, place_of_unit(found.to_school_id))
    return found


# --- history ------------------------------------------------------------------------------------------------------


def history_of(session: Session, pupil_id: int) -> History:
    """Return a pupil's history."""
    return histories_of(session, [pupil_id])[pupil_id]


def histories_of(session: Session, pupil_ids: Collection[int]) -> dict[int, History]:
    """Return {pupil: history} with two queries: of columns, for a school's rows as objects take three times as long."""
    stays: dict[int, list[Stay]] = {pupil_id: [] for pupil_id in pupil_ids}
    classes: dict[int, list[ClassStay]] = {pupil_id: [] for pupil_id in pupil_ids}
    for pupil_id, stay_id, school_id, year_id, status, came_as, starts_on, ends_on in session.execute(
        select(
            Enrolment.pupil_id,
            Enrolment.id,
            Enrolment.school_id,
            Enrolment.year_id,
            Enrolment.status,
            Enrolment.came_as,
            Enrolment.starts_on,
            Enrolment.ends_on,
        )
        .where(Enrolment.pupil_id.in_(pupil_ids))
        .order_by(Enrolment.starts_on, Enrolment.id)
    ):
        stays[pupil_id].append(Stay(stay_id, school_id, year_id, status, came_as, starts_on, ends_on))
    for pupil_id, row_id, class_id, school_id, year_id, first, after_last in session.execute(
        select(
            ClassMembership.pupil_id,
            ClassMembership.id,
            ClassMembership.class_id,
            SchoolClass.school_id,
            SchoolClass.year_id,
            ClassMembership.starts_on,
            ClassMembership.ends_on,
        )
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(ClassMembership.pupil_id.in_(pupil_ids))
        .order_by(ClassMembership.starts_on, ClassMembership.id)
    ):
        classes[pupil_id].append(ClassStay(row_id, class_id, school_id, year_id, first, after_last))
    return {
        pupil_id: History(tuple(stays[pupil_id]), tuple(classes[pupil_id])) for pupil_id in set(pupil_ids)
    }


def _stay(row: Enrolment) -> Stay:
    return Stay(row.id, row.school_id, row.year_id, row.status, row.came_as, row.starts_on, row.ends_on)


def year_frames(session: Session) -> dict[int, YearFrame]:
    """Return the frames of all school years by id."""
    return {year.id: frame_of(year) for year in session.scalars(select(SchoolYear))}


def frame_of(year: SchoolYear) -> YearFrame:
    """Return a school year as the rules know it."""
    return YearFrame(year.id, year.starts_on, year.second_semester_on, year.ends_on)


def year_after(session: Session, year: SchoolYear) -> SchoolYear | None:
    """Return the school year that follows one, None when nobody has made it yet."""
    return session.scalar(
        select(SchoolYear).where(SchoolYear.starts_on >= year.ends_on).order_by(SchoolYear.starts_on).limit(1)
    )


def class_place(session: Session, class_id: int) -> ClassPlace:
    """Return a class with its school and year, or raise NotFoundError."""
    row = session.execute(
        select(SchoolClass, SchoolYear)
        .join(SchoolYear, SchoolYear.id == SchoolClass.year_id)
        .where(SchoolClass.id == class_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    return ClassPlace(row.SchoolClass.id, row.SchoolClass.school_id, frame_of(row.SchoolYear))


def last_place(session: Session, pupil_id: int, school_id: int) -> tuple[Stay, YearFrame] | None:
    """Return a pupil's last enrolment at a school with its year."""
    stays = [one for one in history_of(session, pupil_id).stays if one.school_id == school_id]
    if not stays:
        return None
    last = max(stays, key=lambda one: (one.starts_on, one.ends_on is None, one.id or 0))
    return last, year_frames(session)[last.year_id]


# --- what pages show ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClassPeriod:
    """A pupil's time in a class."""

    class_id: int
    name: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SchoolPeriod:
    """A pupil's time at a school in a year, with the classes. `is_whole` is false where the reader has no say."""

    school_id: int
    school: str
    year: str
    status: str
    came_as: str | None
    starts_on: date
    ends_on: date | None
    classes: tuple[ClassPeriod, ...]


def periods_of(session: Session, history: History, school_ids: Iterable[int] | None) -> list[SchoolPeriod]:
    """Return a pupil's times at schools (at these only, when given), the latest first, with a fixed number of queries.

    Periods that hold on no day are left out: they were mistakes.
    """
    seen = None if school_ids is None else set(school_ids)
    stays = [one for one in history.stays if one.ends_on != one.starts_on]
    stays = [one for one in stays if seen is None or one.school_id in seen]
    names = _named(session, OrgUnit.id, OrgUnit.name, {one.school_id for one in stays})
    years = _named(session, SchoolYear.id, SchoolYear.code, {one.year_id for one in stays})
    classes = _named(session, SchoolClass.id, SchoolClass.name, {one.class_id for one in history.classes})
    return [
        SchoolPeriod(
            stay.school_id,
            names[stay.school_id],
            years[stay.year_id],
            stay.status,
            stay.came_as,
            stay.starts_on,
            stay.ends_on,
            _classes_within(stay, history, classes),
        )
        for stay in reversed(stays)
    ]


def _named(
    session: Session, key: InstrumentedAttribute[int], name: InstrumentedAttribute[str], ids: Collection[int]
) -> dict[int, str]:
    rows = session.execute(select(key.label("key"), name.label("name")).where(key.in_(ids)))
    return {row.key: row.name for row in rows}


def _classes_within(stay: Stay, history: History, names: dict[int, str]) -> tuple[ClassPeriod, ...]:
    return tuple(
        ClassPeriod(one.class_id, names[one.class_id], one.starts_on, one.ends_on)
        for one in reversed(history.classes)
        if (one.school_id, one.year_id) == (stay.school_id, stay.year_id)
        and one.ends_on != one.starts_on
        and one.starts_on >= stay.starts_on
        and (stay.ends_on is None or one.starts_on < stay.ends_on)
    )


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A step as it is listed. `can_be_undone` while the history is still what the step made of it."""

    id: int
    verb: Verb
    day: date
    wrong_day: date | None
    school_id: int
    class_name: str | None
    destination: str
    reason: str | None
    note: str
    decided_by: str | None
    decided_at: datetime
    is_undone: bool
    can_be_undone: bool


def changes_of(session: Session, pupil_id: int, history: History) -> list[ChangeLine]:
    """Return the steps of a pupil, the latest first."""
    rows = session.execute(
        select(EnrolmentChange, SchoolClass.name, User.full_name, OrgUnit.name)
        .outerjoin(SchoolClass, SchoolClass.id == EnrolmentChange.class_id)
        .outerjoin(User, User.id == EnrolmentChange.decided_by)
        .outerjoin(OrgUnit, OrgUnit.id == EnrolmentChange.to_school_id)
        .where(EnrolmentChange.pupil_id == pupil_id)
        .order_by(EnrolmentChange.id.desc())
    )
    return [
        ChangeLine(
            id=row.id,
            verb=Verb(row.verb),
            day=row.day,
            wrong_day=row.wrong_day,
            school_id=row.school_id,
            class_name=class_name,
            destination=to_school or row.destination,
            reason=row.reason,
            note=row.note,
            decided_by=by,
            decided_at=row.decided_at,
            is_undone=row.undone_at is not None,
            can_be_undone=row.undone_at is None and from_json(row.after) == history,
        )
        for row, class_name, by, to_school in rows
    ]


@dataclass(frozen=True, slots=True)
class Offer:
    """A pupil whom another school has transferred here and who waits to be taken in."""

    change_id: int
    pupil_id: int
    full_name: str
    birth_date: date | None
    from_school: str
    class_name: str | None
    day: date


def still_waits(session: Session, change_id: int) -> bool:
    """Say whether a transfer still waits: nobody took the pupil in, nor did anything else happen to the pupil since."""
    return (
        session.scalar(select(EnrolmentChange.id).where(EnrolmentChange.id == change_id, *_waiting()))
        is not None
    )


def _waiting() -> tuple[ColumnElement[bool], ...]:
    """Return what makes a transfer wait: not undone, no later step but a mended date, no enrolment after it.

    A pupil who came back to the old school and left it again waits for the new transfer, if any, not for the old one.
    """
    later, enrolled = aliased(EnrolmentChange), aliased(Enrolment)
    has_later_step = exists().where(
        later.pupil_id == EnrolmentChange.pupil_id,
        later.id > EnrolmentChange.id,
        later.undone_at.is_(None),
        later.verb != Verb.CORRECT,
    )
    is_enrolled = exists().where(
        enrolled.pupil_id == EnrolmentChange.pupil_id,
        enrolled.starts_on >= EnrolmentChange.day,
        or_(enrolled.ends_on.is_(None), enrolled.ends_on != enrolled.starts_on),
    )
    return EnrolmentChange.undone_at.is_(None), ~has_later_step, ~is_enrolled


def offers_to(session: Session, school_id: int) -> list[Offer]:
    """Return who waits to be taken in at a school, by name."""
    rows = session.execute(
        select(EnrolmentChange, Pupil, OrgUnit.name, SchoolClass.name)
        .join(Pupil, Pupil.id == EnrolmentChange.pupil_id)
        .join(OrgUnit, OrgUnit.id == EnrolmentChange.school_id)
        .outerjoin(SchoolClass, SchoolClass.id == EnrolmentChange.class_id)
        .where(EnrolmentChange.to_school_id == school_id, *_waiting())
        .order_by(Pupil.name_sort, Pupil.id)
    )
    return [
        Offer(change.id, pupil.id, pupil.full_name, pupil.birth_date, school, class_name, change.day)
        for change, pupil, school, class_name in rows
    ]


def count_offers(session: Session, school_id: int) -> int:
    """Return how many pupils wait to be taken in at a school."""
    query = select(func.count()).select_from(EnrolmentChange)
    return session.scalar(query.where(EnrolmentChange.to_school_id == school_id, *_waiting())) or 0


def other_schools(session: Session, school_id: int) -> list[OrgUnit]:
    """Return the schools of the installation to which a pupil of this one may be transferred."""
    return list(
        session.scalars(
            select(OrgUnit)
            .where(OrgUnit.kind == "school", OrgUnit.id != school_id, OrgUnit.valid_to.is_(None))
            .order_by(OrgUnit.name_sort, OrgUnit.id)
        )
    )


def visible_schools(
    actor: Actor, permission: Permission, pupil_id: int, history: History, on: date
) -> set[int] | None:
    """Return the schools whose part of a history the actor may read, None for all of it.

    The school that keeps the record reads everything, and so do the teacher of the pupil's class, the guardian and the
    pupil. A school that the pupil has left reads its own part.
    """
    if not history.stays or any(
        grant.pupil_id == pupil_id and permission.reach.get(grant.role) is Reach.SELF
        for grant in actor.grants
    ):
        return None
    kept = keeping_stay(history.stays, on)
    keepers = [place_of_unit(kept.school_id)] if kept else []
    places = [*keepers, *places_of_pupil(pupil_id, on)]
    if any(actor.may(permission, place) for place in places):
        return None
    schools = {one.school_id for one in history.stays}
    return {one for one in schools if actor.may(permission, place_of_unit(one))}


def may_keep(actor: Actor, school_id: int) -> bool:
    """Say whether the actor keeps the enrolment of a school."""
    return actor.may(KEEP_ENROLMENT, place_of_unit(school_id))


# --- as it was known then -----------------------------------------------------------------------------------------


def class_members_known(
    session: Session, school_id: int, day: date, moment: datetime, also_known: Collection[int] = ()
) -> dict[int, set[int]]:
    """Return {class: pupils} of a school on a day, as the steps of enrolment had it at an instant.

    A pupil whose record was made later was not known then, unless `also_known` says so. What an import, a rollover or a
    merge of records changed since is told as it is today. Two statements.
    """
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(ClassMembership.class_id, Pupil.id, Pupil.created_at)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .where(SchoolClass.school_id == school_id, holds_on(ClassMembership, day))
    )
    for class_id, pupil_id, made_at in rows:
        if made_at <= moment or pupil_id in also_known:
            found[class_id].add(pupil_id)
    for pupil_id, then in _histories_then(session, school_id, moment).items():
        for members in found.values():
            members.discard(pupil_id)
        for one in then.classes:
            if one.school_id == school_id and holds(one, day):
                found[one.class_id].add(pupil_id)
    return dict(found)


def _histories_then(session: Session, school_id: int, moment: datetime) -> dict[int, History]:
    """Return {pupil: history at the instant} of those whom a step at this school touched since, or took back since."""
    is_later = or_(EnrolmentChange.decided_at > moment, EnrolmentChange.undone_at > moment)
    here = or_(EnrolmentChange.school_id == school_id, EnrolmentChange.to_school_id == school_id)
    touched = select(EnrolmentChange.pupil_id).where(is_later, here)
    rows = session.scalars(
        select(EnrolmentChange)
        .where(is_later, EnrolmentChange.pupil_id.in_(touched))
        .order_by(EnrolmentChange.id)
    )
    first: dict[int, tuple[datetime, str]] = {}
    for row in rows:
        events = [(row.decided_at, row.before)] if row.decided_at > moment else []
        events += [(row.undone_at, row.after)] if row.undone_at and row.undone_at > moment else []
        for at, stood in events:
            if row.pupil_id not in first or at < first[row.pupil_id][0]:
                first[row.pupil_id] = (at, stood)
    return {pupil_id: from_json(stood) for pupil_id, (_at, stood) in first.items()}
