"""Reading what a year rollover starts from, and the rollovers of a school."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app import db
from app.accounts.models import User
from app.errors import InvalidError, NotFoundError
from app.i18n import say
from app.school.enrolment.queries import frame_of, histories_of
from app.school.enrolment.rules import ClassPlace
from app.school.models import ClassMembership, Enrolment, Pupil, School, SchoolClass, SchoolYear
from app.school.queries import class_sizes, classes_of_school, place_of_unit, year_by_code
from app.school.rollover.models import Rollover, RolloverLine
from app.school.rollover.rules import (
    ROLL_OVER,
    Decision,
    Plan,
    RolloverState,
    last_grade,
    plan_from_json,
    rolled,
)
from app.school.rollover.rules.previews import NewClass, OldClass, Preview, Rising, Standing, previewed
from app.school.rules import year_dates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.enrolment.rules import History, YearFrame
    from app.school.rollover.rules.previews import PupilLine

OPEN = (RolloverState.DRAFT, RolloverState.APPLYING)


def rollover_for(actor: Actor, rollover_id: int) -> Rollover:
    """Return a rollover of a school where the actor may make one, or raise NotFoundError."""
    found = db.session().get(Rollover, rollover_id)
    if found is None:
        raise NotFoundError
    actor.require(ROLL_OVER, place_of_unit(found.school_id))
    return found


def open_rollover(session: Session, school_id: int) -> Rollover | None:
    """Return the rollover of a school that is being decided or written."""
    return session.scalar(select(Rollover).where(Rollover.school_id == school_id, Rollover.state.in_(OPEN)))


@dataclass(frozen=True, slots=True)
class PastRollover:
    """A rollover in the list of a school."""

    id: int
    from_year: str
    to_year: str
    state: RolloverState
    applied_at: datetime | None
    by: str
    pupils: int


def rollovers_of(session: Session, school_id: int) -> list[PastRollover]:
    """Return the rollovers of a school that were written, the latest first."""
    old, new = aliased(SchoolYear), aliased(SchoolYear)
    rows = session.execute(
        select(Rollover, old.code, new.code, User.full_name)
        .join(old, old.id == Rollover.from_year_id)
        .join(new, new.id == Rollover.to_year_id)
        .outerjoin(User, User.id == Rollover.applied_by)
        .where(
            Rollover.school_id == school_id, Rollover.state.in_((RolloverState.APPLIED, RolloverState.UNDONE))
        )
        .order_by(Rollover.id.desc())
    )
    return [
        PastRollover(
            row.id, was, will, RolloverState(row.state), row.applied_at, by or "", numbers_of(row).total()
        )
        for row, was, will, by in rows
    ]


def numbers_of(row: Rollover) -> Counter[Decision]:
    """Return the pupils of a written rollover by decision."""
    return Counter({Decision(key): count for key, count in json.loads(row.numbers or "{}").items()})


def years_to_roll(session: Session, school_id: int) -> list[SchoolYear]:
    """Return the years in which a school has classes, the latest first."""
    return list(
        session.scalars(
            select(SchoolYear)
            .where(SchoolYear.id.in_(select(SchoolClass.year_id).where(SchoolClass.school_id == school_id)))
            .order_by(SchoolYear.starts_on.desc())
        )
    )


def standing_of(session: Session, school_id: int, old: SchoolYear, new: SchoolYear) -> Standing:
    """Return the state of a school before the step into a new year, with a fixed number of queries."""
    classes = classes_of_school(session, school_id, old.id)
    made = classes_of_school(session, school_id, new.id)
    sizes = class_sizes(session, [one.id for one in made], new.starts_on)
    school = session.get_one(School, school_id)
    return Standing(
        tuple(OldClass(one.id, one.name, one.grade, one.main_session, one.site_id) for one in classes),
        tuple(_pupils(session, school_id, old.id, new.id)),
        tuple(NewClass(one.id, one.name, one.grade, sizes.get(one.id, 0)) for one in made),
        last_grade(school.levels, [one.grade for one in classes]),
    )


def _pupils(session: Session, school_id: int, old_id: int, new_id: int) -> list[Rising]:
    """Return who is enrolled at the end of the old year, with the class, by name."""
    there = set(
        session.scalars(
            select(Enrolment.pupil_id).where(Enrolment.school_id == school_id, Enrolment.year_id == new_id)
        )
    )
    seat = (
        select(ClassMembership.pupil_id, func.max(ClassMembership.class_id).label("class_id"))
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == old_id,
            ClassMembership.ends_on.is_(None),
        )
        .group_by(ClassMembership.pupil_id)
        .subquery()
    )
    rows = session.execute(
        select(Pupil.id, Pupil.full_name, seat.c.class_id)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .outerjoin(seat, seat.c.pupil_id == Pupil.id)
        .where(Enrolment.school_id == school_id, Enrolment.year_id == old_id, Enrolment.ends_on.is_(None))
        .order_by(Pupil.name_sort, Pupil.id)
    )
    return [Rising(row.id, row.full_name, row.class_id, row.id in there) for row in rows]


def preview_of(
    session: Session, school_id: int, old: SchoolYear, new: SchoolYear, plan: Plan
) -> tuple[Preview, dict[int, History]]:
    """Return what a plan would do now, and the histories of the pupils whom it concerns."""
    standing = standing_of(session, school_id, old, new)
    histories = histories_of(session, [one.id for one in standing.pupils if not one.is_there])
    frames = frame_of(old), frame_of(new)

    def refusal(line: PupilLine) -> str | None:
        return _refusal(line, histories, school_id, frames)

    return previewed(standing, plan, refusal), histories


def _refusal(
    line: PupilLine, histories: Mapping[int, History], school_id: int, frames: tuple[YearFrame, YearFrame]
) -> str | None:
    place = ClassPlace(0, school_id, frames[1]) if line.target else None
    try:
        rolled(histories[line.pupil_id], school_id, frames[0], line.decision, place)
    except InvalidError as error:
        return error.message
    return None


def preview_of_rollover(session: Session, row: Rollover) -> Preview:
    """Return what an open rollover would do now."""
    old, new = years_of(session, row)
    return preview_of(session, row.school_id, old, new, plan_from_json(row.plan))[0]


def preview_ahead(session: Session, school_id: int, years: tuple[str, str]) -> Preview:
    """Return what the step between two years (codes) would do: by the plan of the open draft, else as proposed.

    A new year that nobody has made has the usual frame. Raises InvalidError on years that are not or do not follow.
    """
    old = year_by_code(session, years[0])
    if old is None:
        raise InvalidError(say("Không có năm học %(code)s.", code=years[0]))
    starts_on, second_semester_on, ends_on = year_dates(years[1])
    new = year_by_code(session, years[1]) or SchoolYear(
        id=0, code=years[1], starts_on=starts_on, second_semester_on=second_semester_on, ends_on=ends_on
    )
    if new.starts_on < old.ends_on:
        raise InvalidError(say("Năm học mới phải bắt đầu sau khi năm học cũ kết thúc."))
    draft = open_rollover(session, school_id)
    is_same = draft is not None and (draft.from_year_id, draft.to_year_id) == (old.id, new.id)
    plan = plan_from_json(draft.plan) if draft is not None and is_same else Plan()
    return preview_of(session, school_id, old, new, plan)[0]


def rollover_by_id(session: Session, rollover_id: int) -> Rollover:
    """Return a rollover that is known to be there."""
    return session.get_one(Rollover, rollover_id)


def years_of(session: Session, row: Rollover) -> tuple[SchoolYear, SchoolYear]:
    """Return the year that a rollover leaves and the one that it enters."""
    return session.get_one(SchoolYear, row.from_year_id), session.get_one(SchoolYear, row.to_year_id)


@dataclass(frozen=True, slots=True)
class PupilStep:
    """What rollovers did to a pupil, as the pupil's page tells it."""

    from_year: str
    to_year: str
    decision: Decision
    from_class: str
    to_class: str
    first: date


def steps_of_pupil(session: Session, pupil_id: int, school_ids: frozenset[int] | None) -> list[PupilStep]:
    """Return the rollovers that hold for a pupil (at these schools only, when given), the latest first."""
    old, new = aliased(SchoolYear), aliased(SchoolYear)
    was, will = aliased(SchoolClass), aliased(SchoolClass)
    query = (
        select(RolloverLine.decision, old.code, new.code, was.name, will.name, new.starts_on)
        .join(Rollover, Rollover.id == RolloverLine.rollover_id)
        .join(old, old.id == Rollover.from_year_id)
        .join(new, new.id == Rollover.to_year_id)
        .outerjoin(was, was.id == RolloverLine.from_class_id)
        .outerjoin(will, will.id == RolloverLine.to_class_id)
        .where(RolloverLine.pupil_id == pupil_id, Rollover.state == RolloverState.APPLIED)
        .order_by(Rollover.id.desc())
    )
    if school_ids is not None:
        query = query.where(Rollover.school_id.in_(school_ids))
    return [
        PupilStep(left, entered, Decision(decision), from_class or "", to_class or "", first)
        for decision, left, entered, from_class, to_class, first in session.execute(query)
    ]
