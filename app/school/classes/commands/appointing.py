"""Appointments: who is homeroom teacher, who teaches a subject, from when on. Access follows, and ends with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.accounts.commands import NewGrant, add_grant
from app.accounts.commands.managing import close_grant
from app.accounts.models import Grant
from app.audit.commands import record
from app.errors import InvalidError, NotFoundError
from app.i18n import say
from app.school.classes.commands.subjects import ensure_subject
from app.school.classes.models import SubjectDuty
from app.school.classes.queries import held_duties, homeroom_staff, year_span
from app.school.classes.rules import check_day, grant_dates, succession
from app.school.models import HomeroomDuty, SchoolClass, Staff, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.i18n import Phrase

Duty = HomeroomDuty | SubjectDuty


def appoint_homeroom(actor: Actor, class_id: int, staff_id: int, starts_on: date) -> int:
    """Make somebody homeroom teacher from a day on, in place of who is then; return the duty's id.

    The same person again changes nothing. Raises InvalidError for a day outside the school year or a stranger.
    """
    with db.transaction() as current:
        return set_homeroom(current, actor, _open_class(current, class_id, starts_on), staff_id, starts_on)


def set_homeroom(
    current: Session, actor: Actor, school_class: SchoolClass, staff_id: int, starts_on: date
) -> int:
    """Do what `appoint_homeroom` does inside a running transaction (a rollover, a file)."""
    staff = _colleague(current, school_class, staff_id)
    rows = current.scalars(select(HomeroomDuty).where(HomeroomDuty.class_id == school_class.id)).all()
    found = succession(held_duties(rows), staff_id, starts_on)
    if found.already is not None:
        return found.already
    for row in rows:
        if row.id in found.cuts:
            _end(current, actor, school_class, row, found.cuts[row.id])
    duty = HomeroomDuty(
        class_id=school_class.id, staff_id=staff_id, starts_on=starts_on, ends_on=found.ends_on
    )
    _begin(current, actor, school_class, duty, staff)
    return duty.id


def appoint_homerooms(actor: Actor, school_id: int, chosen: Mapping[int, int], starts_on: date) -> int:
    """Make {class: teacher} homeroom teachers from a day on, all or none; return for how many classes that is new.

    Raises NotFoundError for a class of another school, InvalidError as `appoint_homeroom` does.
    """
    with db.transaction() as current:
        before = homeroom_staff(current, chosen, starts_on)
        for class_id, staff_id in chosen.items():
            found = _open_class(current, class_id, starts_on)
            if found.school_id != school_id:
                raise NotFoundError
            set_homeroom(current, actor, found, staff_id, starts_on)
        return sum(before.get(class_id) != staff_id for class_id, staff_id in chosen.items())


def appoint_subject(
    actor: Actor,
    class_id: int,
    staff_id: int,
    subject: str,
    starts_on: date,
    *,
    replaces: int | None = None,
) -> int:
    """Have somebody teach a subject (by its name) in a class from a day on; return the duty's id.

    `replaces` is the duty that ends then; without one the subject has one teacher more. Who teaches it anyway changes
    nothing. Raises InvalidError, or NotFoundError when `replaces` is no duty of this class.
    """
    with db.transaction() as current:
        school_class = _open_class(current, class_id, starts_on)
        staff = _colleague(current, school_class, staff_id)
        old = _duty_of(current, class_id, replaces) if replaces else None
        subject_id = old.subject_id if old else ensure_subject(current, subject).id
        rows = current.scalars(
            select(SubjectDuty).where(
                SubjectDuty.class_id == class_id,
                SubjectDuty.subject_id == subject_id,
                SubjectDuty.staff_id == staff_id,
            )
        ).all()
        found = succession(held_duties(rows), staff_id, starts_on)
        if old is not None and old.id != found.already:
            _end(current, actor, school_class, old, starts_on)
        if found.already is not None:
            return found.already
        duty = SubjectDuty(
            class_id=class_id,
            subject_id=subject_id,
            staff_id=staff_id,
            starts_on=starts_on,
            ends_on=found.ends_on,
        )
        _begin(current, actor, school_class, duty, staff)
        return duty.id


def end_subject(actor: Actor, class_id: int, duty_id: int, ends_on: date) -> None:
    """End a subject teacher's duty: `ends_on` is the first day without it. Again changes nothing."""
    with db.transaction() as current:
        school_class = _open_class(current, class_id, ends_on)
        _end(current, actor, school_class, _duty_of(current, class_id, duty_id), ends_on)


def end_homeroom(actor: Actor, class_id: int, ends_on: date) -> None:
    """Leave a class without homeroom teacher from a day on. Again changes nothing."""
    with db.transaction() as current:
        school_class = _open_class(current, class_id, ends_on)
        rows = current.scalars(select(HomeroomDuty).where(HomeroomDuty.class_id == class_id)).all()
        for row in rows:
            _end(current, actor, school_class, row, ends_on)


def end_all_duties(current: Session, actor: Actor, school_class: SchoolClass, ends_on: date) -> None:
    """End every duty of a class in a running transaction: it is closed."""
    which = (HomeroomDuty.class_id == school_class.id, SubjectDuty.class_id == school_class.id)
    for row in _duties(current, *which):
        _end(current, actor, school_class, row, ends_on)


def give_access_due(current: Session, actor: Actor, staff: Staff) -> int:
    """Give what the duties of a member of staff bring with them, once there is an account; return how many grants."""
    rows = _duties(current, HomeroomDuty.staff_id == staff.id, SubjectDuty.staff_id == staff.id)
    lacking = [row for row in rows if row.grant_id is None]
    for row in lacking:
        row.grant_id = _grant(current, actor, current.get_one(SchoolClass, row.class_id), row, staff)
    current.flush()
    return sum(row.grant_id is not None for row in lacking)


# --- what an appointment does -------------------------------------------------------------------------------------


def _open_class(current: Session, class_id: int, day: date) -> SchoolClass:
    """Return the class, locked: its teachers are appointed one after the other. Raises InvalidError."""
    found = current.get_one(SchoolClass, class_id, with_for_update=True)
    check_day(day, year_span(current, found))
    if found.closed_on is not None and found.closed_on <= day:
        raise InvalidError(say("Lớp này đã đóng. Hãy mở lại lớp trước khi phân công."))
    return found


def _colleague(current: Session, school_class: SchoolClass, staff_id: int) -> Staff:
    found = current.get(Staff, staff_id)
    if found is None or found.school_id != school_class.school_id:
        raise InvalidError(say("Giáo viên phải thuộc trường này."), {"staff_id": say("Chọn giáo viên.")})
    return found


def _duties(current: Session, homerooms: ColumnElement[bool], subjects: ColumnElement[bool]) -> list[Duty]:
    """Return the duties of both kinds that fit."""
    return [
        *current.scalars(select(HomeroomDuty).where(homerooms)),
        *current.scalars(select(SubjectDuty).where(subjects)),
    ]


def _duty_of(current: Session, class_id: int, duty_id: int) -> SubjectDuty:
    found = current.get(SubjectDuty, duty_id)
    if found is None or found.class_id != class_id:
        raise NotFoundError
    return found


def _begin(current: Session, actor: Actor, school_class: SchoolClass, duty: Duty, staff: Staff) -> None:
    current.add(duty)
    current.flush()
    duty.grant_id = _grant(current, actor, school_class, duty, staff)
    current.flush()
    details = {"staff": staff.id, "name": staff.full_name, "from": duty.starts_on, "to": duty.ends_on}
    record(current, actor, f"{_kind(duty)}.appointed", ("class", school_class.id), details)


def _end(current: Session, actor: Actor, school_class: SchoolClass, duty: Duty, ends_on: date) -> None:
    """End a duty, and the access that came with it; one that is over by then stays as it is."""
    if duty.ends_on is not None and duty.ends_on <= ends_on:
        return
    duty.ends_on = max(ends_on, duty.starts_on)
    for grant in _grants_of(current, school_class, duty):
        close_grant(current, actor, grant, max(ends_on, clock.today()), str(say("Hết phân công")))
    current.flush()
    details = {"staff": duty.staff_id, "to": ends_on}
    record(current, actor, f"{_kind(duty)}.ended", ("class", school_class.id), details)


def _kind(duty: Duty) -> str:
    return "homeroom" if isinstance(duty, HomeroomDuty) else "subject_teacher"


def _role(duty: Duty) -> Role:
    return Role.HOMEROOM_TEACHER if isinstance(duty, HomeroomDuty) else Role.TEACHER


def _grant(current: Session, actor: Actor, school_class: SchoolClass, duty: Duty, staff: Staff) -> int | None:
    """Give the access that comes with a duty, or take the open one that was given by hand for the same."""
    dates = grant_dates(duty.starts_on, duty.ends_on, clock.today())
    if staff.user_id is None or dates is None:
        return None
    reason = str(_reason(current, school_class, duty))
    by_hand = _unowned(current, school_class, duty, staff.user_id)
    if by_hand and by_hand[0].starts_on <= dates[0] and duty.ends_on is None:
        by_hand[0].reason = by_hand[0].reason or reason
        return by_hand[0].id
    grant = NewGrant(
        _role(duty),
        school_class.school_id,
        dates[0],
        class_id=school_class.id,
        ends_on=dates[1],
        reason=reason,
    )
    return add_grant(current, actor, staff.user_id, grant)


def _reason(current: Session, school_class: SchoolClass, duty: Duty) -> Phrase:
    """Return why somebody sees the class, as the page of who may see it says."""
    if isinstance(duty, HomeroomDuty):
        return say("Chủ nhiệm lớp %(name)s", name=school_class.name)
    subject = current.get_one(Subject, duty.subject_id).name
    return say("Dạy %(subject)s lớp %(name)s", subject=subject, name=school_class.name)


def _grants_of(current: Session, school_class: SchoolClass, duty: Duty) -> list[Grant]:
    """Return the grants that end with a duty: its own; for one that has none, those that were given by hand for it."""
    if duty.grant_id is not None:
        return [current.get_one(Grant, duty.grant_id)]
    staff = current.get_one(Staff, duty.staff_id)
    return _unowned(current, school_class, duty, staff.user_id) if staff.user_id else []


def _unowned(current: Session, school_class: SchoolClass, duty: Duty, user_id: int) -> list[Grant]:
    """Return a person's grants of the duty's role for the class, without an end, that belong to no other duty."""
    owned = [
        select(table.grant_id).where(table.grant_id.is_not(None)) for table in (HomeroomDuty, SubjectDuty)
    ]
    return list(
        current.scalars(
            select(Grant).where(
                Grant.user_id == user_id,
                Grant.role == _role(duty),
                Grant.class_id == school_class.id,
                Grant.ends_on.is_(None),
                *(Grant.id.not_in(which) for which in owned),
            )
        )
    )
