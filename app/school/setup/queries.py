"""Counts what a school has and what it lacks, for the set-up guide and the school's home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select

from app.school.bells.queries import bell_plans
from app.school.bells.rules import plan_on
from app.school.classes.queries import class_lines
from app.school.classes.rules import is_over_norm
from app.school.models import ClassMembership, Pupil, PupilCard, SchoolClass, Staff, Timetable, TimetableEntry
from app.school.queries import calendar_entries, classes_of_school, holds_on, latest_year
from app.school.setup.rules import SchoolState

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.school.classes.rules import ClassLine
    from app.school.models import SchoolYear


def state_of(session: Session, school_id: int, today: date) -> SchoolState:
    """Return what a school has today, or on the first day of a year that is to come. About ten queries."""
    year = latest_year(session, today)
    staff, without_account = session.execute(
        select(func.count(), func.count().filter(Staff.user_id.is_(None))).where(Staff.school_id == school_id)
    ).one()
    plans = bell_plans(session, school_id)
    if year is None:
        return SchoolState(staff=staff, without_account=without_account, has_bells=bool(plans))
    day = min(max(today, year.starts_on), year.ends_on)
    every = class_lines(session, classes_of_school(session, school_id, year.id), day)
    lines = [line for line in every if line.closed_on is None or line.closed_on > day]
    grades = {line.grade for line in lines}
    timetable_id = _timetable(session, school_id, year, day)
    return SchoolState(
        year=year.code,
        decided_days=len(calendar_entries(session, school_id, year.starts_on, year.ends_on)),
        has_bells=bool(plans),
        grades_without_bells=sum(
            plan_on(plans, max(day, plans[0].starts_on), grade) is None for grade in grades
        )
        if plans
        else len(grades),
        staff=staff,
        without_account=without_account,
        classes=len(lines),
        empty_classes=sum(not line.size for line in lines),
        over_norm=sum(is_over_norm(line.size, line.grade) for line in lines),
        pupils=sum(line.size for line in lines),
        without_homeroom=sum(not line.homeroom for line in lines),
        has_timetable=timetable_id is not None,
        without_lessons=_without_lessons(session, timetable_id, lines),
        without_card=_without_card(session, school_id, year, day),
    )


def _timetable(session: Session, school_id: int, year: SchoolYear, day: date) -> int | None:
    """Return the version that holds on a day, or the first that is to come this year."""
    return session.scalar(
        select(Timetable.id)
        .where(
            Timetable.school_id == school_id,
            Timetable.year_id == year.id,
            Timetable.state != "draft",
            or_(Timetable.ends_on.is_(None), Timetable.ends_on > day),
        )
        .order_by(Timetable.starts_on)
        .limit(1)
    )


def _without_lessons(session: Session, timetable_id: int | None, lines: list[ClassLine]) -> int:
    taught = set(
        session.scalars(
            select(TimetableEntry.class_id).where(TimetableEntry.timetable_id == timetable_id).distinct()
        )
    )
    return sum(line.id not in taught for line in lines)


def _without_card(session: Session, school_id: int, year: SchoolYear, day: date) -> int:
    return session.scalar(select(func.count()).select_from(_cardless(school_id, year, day).subquery())) or 0


def pupils_without_card(session: Session, school_id: int, year: SchoolYear, day: date) -> list[Pupil]:
    """Return the pupils in a school's classes of a day who have no valid card for the year."""
    return list(session.scalars(_cardless(school_id, year, day).order_by(Pupil.id)))


def _cardless(school_id: int, year: SchoolYear, day: date) -> Select[Pupil]:
    has_card = exists().where(
        PupilCard.pupil_id == Pupil.id, PupilCard.year_id == year.id, PupilCard.revoked_at.is_(None)
    )
    members = (
        select(ClassMembership.pupil_id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == year.id,
            holds_on(ClassMembership, day),
        )
    )
    return select(Pupil).where(Pupil.id.in_(members), ~has_card)
