"""Looking for pupils of a school: a page of rows, with a fixed number of queries however many there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import and_, exists, extract, func, or_, select
from sqlalchemy.orm import aliased

from app.db import is_one_of
from app.lists.queries import slice_of
from app.lists.rules import Wanted as Page
from app.school.models import ClassMembership, Enrolment, Pupil, SchoolClass
from app.school.pupils.rules import YEAR_OVER, PupilRow, Standing, wanted
from app.school.queries import holds_on
from app.school.rules import EnrolmentStatus
from app.sealing import sealer_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from app.lists.rules import Slice
    from app.school.pupils.rules import Asked, BirthDay, Wanted


FIRST_PAGE: Final = Page()


def pupils_of_school(
    session: Session, school_id: int, year_id: int, day: date, asked: Asked, page: Page = FIRST_PAGE
) -> Slice[PupilRow]:
    """Return a page of a school's pupils of a year, by given name in Vietnamese order. Three queries."""
    orders = {
        "name": (Pupil.name_sort, Pupil.id),
        "born": (Pupil.birth_date,),
        "sex": (Pupil.sex,),
        "class": (_class_order(school_id, year_id, day),),
        "code": (func.coalesce(Pupil.ministry_code, Pupil.temporary_key),),
        "left": (Enrolment.ends_on,),
    }
    found = cast("Select[Any]", _found(school_id, year_id, day, asked))
    return slice_of(
        session,
        found,
        page,
        orders,
        lambda session, query: _rows(session, school_id, year_id, day, session.execute(query).all()),
    )


def _class_order(school_id: int, year_id: int, day: date) -> ColumnElement[str]:
    """Return what a list is sorted by when it is sorted by class: the class that `_last_classes` names."""
    return (
        select(SchoolClass.name_sort)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(
            ClassMembership.pupil_id == Pupil.id,
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == year_id,
        )
        .order_by(*(part.desc() for part in _last_first(day)))
        .limit(1)
        .scalar_subquery()
    )


def _last_first(day: date) -> tuple[ColumnElement[Any], ...]:
    """Return the order of a pupil's classes: the class of the day comes last, before it one that is over."""
    return (
        ClassMembership.starts_on <= day,
        ClassMembership.starts_on.expression,
        ClassMembership.ends_on.is_(None),
        ClassMembership.id.expression,
    )


def _found(school_id: int, year_id: int, day: date, asked: Asked) -> Select[Pupil, Enrolment]:
    """Return the query: a pupil with the last enrolment at the school in the year. It begins at the school's index."""
    later = aliased(Enrolment)
    is_last = ~exists().where(
        later.pupil_id == Enrolment.pupil_id,
        later.school_id == school_id,
        later.year_id == year_id,
        or_(
            later.starts_on > Enrolment.starts_on,
            and_(later.starts_on == Enrolment.starts_on, later.id > Enrolment.id),
        ),
    )
    return (
        select(Pupil, Enrolment)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.school_id == school_id, Enrolment.year_id == year_id, is_last)
        .where(
            *_standing(asked.standing, day), *_in_class(asked, year_id, day), *_matching(wanted(asked.text))
        )
        .order_by(Pupil.name_sort, Pupil.id)
    )


def _standing(standing: Standing, day: date) -> Iterator[ColumnElement[bool]]:
    if standing is Standing.STUDYING:
        yield or_(Enrolment.ends_on.is_(None), Enrolment.ends_on > day)
    elif standing is Standing.GONE:
        yield Enrolment.ends_on <= day


def _in_class(asked: Asked, year_id: int, day: date) -> Iterator[ColumnElement[bool]]:
    """Yield the class filter: a pupil is listed under the class of the day.

    One who has gone is listed under the last class, one who is still to come under the first.
    """
    if asked.class_id is None and asked.grade is None:
        return
    condition = exists().where(
        ClassMembership.pupil_id == Pupil.id,
        ClassMembership.class_id == SchoolClass.id,
        SchoolClass.year_id == year_id,
        SchoolClass.school_id == Enrolment.school_id,
        or_(
            holds_on(ClassMembership, day),
            and_(Enrolment.ends_on <= day, ClassMembership.ends_on == Enrolment.ends_on),
            and_(Enrolment.starts_on > day, ClassMembership.starts_on == Enrolment.starts_on),
        ),
    )
    if asked.class_id is not None:
        condition = condition.where(SchoolClass.id == asked.class_id)
    if asked.grade is not None:
        condition = condition.where(SchoolClass.grade == asked.grade)
    yield condition


def _matching(sought: Wanted) -> Iterator[ColumnElement[bool]]:
    for word in sought.words:
        contains: ColumnElement[bool] = Pupil.name_fold.contains(word, autoescape=True)
        yield or_(contains, _has_initials(sought.initials)) if sought.initials else contains
    for code in sought.codes:
        yield or_(
            Pupil.ministry_code.contains(code, autoescape=True),
            func.lower(Pupil.temporary_key).contains(code, autoescape=True),
        )
    for birth in sought.births:
        yield from _born(birth)


def _has_initials(letters: str) -> ColumnElement[bool]:
    """Every word begins with its letter, and there are no more words: as many spaces in the name as in the pattern."""
    return and_(
        Pupil.name_fold.like(" ".join(f"{letter}%" for letter in letters)),
        Pupil.name_fold.not_like("% " * len(letters) + "%"),
    )


def _born(birth: BirthDay) -> Iterator[ColumnElement[bool]]:
    for part, value in (("day", birth.day), ("month", birth.month), ("year", birth.year)):
        if value is not None:
            yield extract(part, Pupil.birth_date) == value


def _rows(
    session: Session, school_id: int, year_id: int, day: date, found: Sequence[Row[Pupil, Enrolment]]
) -> list[PupilRow]:
    classes = _last_classes(session, school_id, year_id, day, [pupil.id for pupil, _ in found])
    return [
        PupilRow(
            pupil_id=pupil.id,
            full_name=pupil.full_name,
            birth_date=pupil.birth_date,
            sex=pupil.sex,
            code=pupil.ministry_code or pupil.temporary_key or "",
            class_name=classes.get(pupil.id, ""),
            status=_status(enrolment, day),
            starts_on=enrolment.starts_on,
            ends_on=enrolment.ends_on,
        )
        for pupil, enrolment in found
    ]


def _status(enrolment: Enrolment, day: date) -> str:
    """Return the ministry's status, or that the year ended: nobody who has finished a level is still learning."""
    is_over = enrolment.ends_on is not None and enrolment.ends_on <= day
    return YEAR_OVER if is_over and EnrolmentStatus(enrolment.status).is_studying else enrolment.status


def _last_classes(
    session: Session, school_id: int, year_id: int, day: date, pupil_ids: Sequence[int]
) -> dict[int, str]:
    """Return {pupil: the class of the day, else the last one, else one that is still to begin}."""
    rows = session.execute(
        select(ClassMembership.pupil_id, SchoolClass.name)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            is_one_of(ClassMembership.pupil_id, pupil_ids),
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == year_id,
        )
        .order_by(*_last_first(day))
    )
    return {row.pupil_id: row.name for row in rows}


def class_now(session: Session, pupil_id: int, day: date) -> str | None:
    """Return the name of a pupil's class of a day."""
    return session.scalar(
        select(SchoolClass.name)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(ClassMembership.pupil_id == pupil_id, holds_on(ClassMembership, day))
        .order_by(ClassMembership.starts_on.desc())
        .limit(1)
    )


def mark_of(pupil: Pupil) -> str:
    """Return what tells one state of a record from another, without telling what is in it."""
    said = [
        pupil.full_name,
        str(pupil.birth_date),
        pupil.sex,
        pupil.ministry_code,
        pupil.temporary_key,
        pupil.ethnicity,
        pupil.ethnicity_code,
        pupil.disability,
    ]
    return sealer_for("pupil-record").digest(json.dumps([pupil.id, *said]))


def pupils_named(session: Session, pupil_ids: Sequence[int]) -> list[Pupil]:
    """Return pupils by name."""
    return list(
        session.scalars(select(Pupil).where(Pupil.id.in_(pupil_ids)).order_by(Pupil.name_sort, Pupil.id))
    )
