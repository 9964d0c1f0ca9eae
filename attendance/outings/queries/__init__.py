"""Reading school events: the authorised loader, a school's list, who goes, and who is away in a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from app import db
from app.errors import NotFoundError
from app.school.models import ClassMembership, Pupil, SchoolClass, Staff
from app.school.queries import holds_on, place_of_unit
from attendance.outings.models import Outing, OutingPupil
from attendance.outings.rules import LEAD_OUTING, PLAN_OUTINGS, takes_place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor


def outing_for(actor: Actor, outing_id: int) -> Outing:
    """Return an event of a school where the actor plans them; raise NotFoundError."""
    row = db.session().get(Outing, outing_id)
    if row is None:
        raise NotFoundError
    actor.require(PLAN_OUTINGS, place_of_unit(row.school_id))
    return row


def led_outing_for(actor: Actor, outing_id: int) -> Outing:
    """Return an event that the actor leads, or of a school whose office the actor is; raise NotFoundError."""
    row = db.session().get(Outing, outing_id)
    if row is None:
        raise NotFoundError
    if row.led_by is None or row.led_by != actor.user_id:
        actor.require(LEAD_OUTING, place_of_unit(row.school_id))
    return row


def led_on(session: Session, user_id: int, day: date) -> Sequence[Outing]:
    """Return the events of a day that somebody leads, without those called off."""
    return session.scalars(
        select(Outing)
        .where(
            Outing.led_by == user_id,
            Outing.starts_on <= day,
            Outing.ends_on > day,
            Outing.called_off_at.is_(None),
        )
        .order_by(Outing.starts_on, Outing.id)
    ).all()


def leaders_at(session: Session, school_id: int) -> Sequence[Staff]:
    """Return the staff of a school who have an account, by name: one of them may lead an event."""
    return session.scalars(
        select(Staff)
        .where(Staff.school_id == school_id, Staff.user_id.is_not(None))
        .order_by(Staff.name_sort, Staff.id)
    ).all()


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class of the event's school: how many are in it on the first day, and how many of them go."""

    id: int
    name: str
    size: int
    going: int


def class_lines_of(session: Session, outing: Outing) -> list[ClassLine]:
    """Return the classes of an event's school on its first day, by name; empty ones are left out. One query."""
    goes = func.count(OutingPupil.id)
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name, func.count(), goes)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .outerjoin(
            OutingPupil,
            and_(OutingPupil.pupil_id == ClassMembership.pupil_id, OutingPupil.outing_id == outing.id),
        )
        .where(SchoolClass.school_id == outing.school_id, holds_on(ClassMembership, outing.starts_on))
        .group_by(SchoolClass.id, SchoolClass.name, SchoolClass.name_sort)
        .order_by(SchoolClass.name_sort, SchoolClass.id)
    )
    return [ClassLine(*row) for row in rows]


def outings_of_school(session: Session, school_id: int) -> list[tuple[Outing, int]]:
    """Return a school's events, the latest first, each with how many pupils go. One query."""
    rows = session.execute(
        select(Outing, func.count(OutingPupil.id))
        .outerjoin(OutingPupil, OutingPupil.outing_id == Outing.id)
        .where(Outing.school_id == school_id)
        .group_by(Outing.id)
        .order_by(Outing.starts_on.desc(), Outing.id.desc())
    )
    return [(row, count) for row, count in rows]


def last_day_of(outing: Outing) -> date:
    """Return the last day of an event, as people say it."""
    return outing.ends_on - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GoingLine:
    """A pupil who goes on an outing, with the class on its first day."""

    pupil_id: int
    pupil: str
    class_id: int | None
    class_name: str


def going_on(session: Session, outing: Outing) -> list[GoingLine]:
    """Return who goes on an outing, by class and name. One query."""
    rows = session.execute(
        select(Pupil.id, Pupil.full_name, SchoolClass.id, SchoolClass.name)
        .join(OutingPupil, OutingPupil.pupil_id == Pupil.id)
        .outerjoin(
            ClassMembership,
            and_(ClassMembership.pupil_id == Pupil.id, holds_on(ClassMembership, outing.starts_on)),
        )
        .outerjoin(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(OutingPupil.outing_id == outing.id)
        .order_by(SchoolClass.name_sort, Pupil.name_sort, Pupil.id)
    )
    return [GoingLine(pupil_id, name, class_id, label or "") for pupil_id, name, class_id, label in rows]


@dataclass(frozen=True, slots=True)
class Away:
    """That a pupil goes on an event: on [starts_on, ends_on), in one session (0: the whole day)."""

    pupil_id: int
    name: str
    starts_on: date
    ends_on: date
    slot: int

    def takes(self, day: date, session_slot: int) -> bool:
        """Say whether it takes the pupil out of a session of a day."""
        return self.starts_on <= day < self.ends_on and takes_place(self.slot, session_slot)


def away_between(session: Session, pupil_ids: Collection[int], first: date, last: date) -> list[Away]:
    """Return who of these pupils goes on an event on one of the days from the first to the last. One query."""
    rows = session.execute(
        select(OutingPupil.pupil_id, Outing.name, Outing.starts_on, Outing.ends_on, Outing.slot)
        .join(Outing, Outing.id == OutingPupil.outing_id)
        .where(
            OutingPupil.pupil_id.in_(list(pupil_ids)),
            Outing.starts_on <= last,
            Outing.ends_on > first,
            Outing.called_off_at.is_(None),
        )
        .order_by(Outing.id)
    )
    return [Away(*row) for row in rows]
