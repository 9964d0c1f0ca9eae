"""What pages show of a history: the times at schools, the steps that made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.models import User
from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.rules import (
    History,
    Stay,
    Verb,
    from_json,
)
from app.school.models import OrgUnit, SchoolClass, SchoolYear

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import InstrumentedAttribute, Session


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
