"""A pupil's history as the rules know it, and the classes and years in which it can go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.errors import NotFoundError
from app.school.enrolment.rules import (
    ClassPlace,
    ClassStay,
    History,
    Stay,
    YearFrame,
)
from app.school.models import ClassMembership, Enrolment, SchoolClass, SchoolYear

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


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


def stay_of(row: Enrolment) -> Stay:
    """Return an enrolment as the rules know it."""
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
