"""Writes of the class itself: open it, rename it, say where and when it learns, close it, open it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db, text
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.classes.commands.appointing import end_all_duties
from app.school.classes.models import ClassFormerName
from app.school.classes.queries import former_names, members_from, sites_of, year_span
from app.school.classes.rules import check_day, checked_class, checked_name, is_new_name
from app.school.commands import add_class
from app.school.models import SchoolClass

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.classes.rules import NewClass
    from app.school.rules import DaySession


def open_class(actor: Actor, school_id: int, year_id: int, wanted: NewClass) -> int:
    """Open a class for a school year and return its id; raise ConflictError when there is one of this name."""
    new = checked_class(wanted)
    try:
        with db.transaction() as current:
            _check_site(current, school_id, new.site_id)
            _refuse_taken(current, school_id, year_id, new.name)
            row = add_class(current, school_id, year_id, new.name, new.grade or 0)
            row.main_session, row.site_id = new.main_session, new.site_id
            current.flush()
            details = {"name": new.name, "grade": new.grade, "site": new.site_id}
            record(current, actor, "class.opened", ("class", row.id), details)
            return row.id
    except IntegrityError as error:
        raise _taken(new.name) from error


def rename_class(actor: Actor, class_id: int, name: str, since: date) -> None:
    """Give a class another name from a day on; for the days before it keeps the old one.

    A name from the day of the present one on takes its place. The same name changes nothing. Raises InvalidError, or
    ConflictError when another class has the name.
    """
    new = checked_name(name)
    try:
        with db.transaction() as current:
            row = _locked(current, class_id)
            if row.name == new:
                return
            former = former_names(current, [class_id]).get(class_id, [])
            keeps_old = is_new_name(since, former, year_span(current, row), clock.today())
            if text.fold(new) != row.name_fold:
                _refuse_taken(current, row.school_id, row.year_id, new)
            if keeps_old:
                current.add(ClassFormerName(class_id=class_id, name=row.name, ends_on=since))
            details = {"before": row.name, "name": new, "from": since}
            row.name, row.name_fold, row.name_sort = new, text.fold(new), text.natural_key(new)
            current.flush()
            record(current, actor, "class.renamed", ("class", class_id), details)
    except IntegrityError as error:
        raise _taken(new) from error


def settle_class(actor: Actor, class_id: int, main_session: DaySession, site_id: int | None) -> None:
    """Say when a class has buổi 1, and at which satellite site it learns (None: the main one)."""
    with db.transaction() as current:
        row = _locked(current, class_id)
        _check_site(current, row.school_id, site_id)
        if (row.main_session, row.site_id) == (main_session, site_id):
            return
        row.main_session, row.site_id = main_session, site_id
        details = {"main_session": main_session, "site": site_id}
        record(current, actor, "class.settled", ("class", class_id), details)


def close_class(actor: Actor, class_id: int, closed_on: date) -> None:
    """Close a class: `closed_on` is the first day without it. Its teachers' duties end then, and their access.

    Again changes nothing. Raises InvalidError while pupils are in it on that day or later: they are moved first.
    """
    with db.transaction() as current:
        row = _locked(current, class_id)
        if row.closed_on == closed_on:
            return
        check_day(closed_on, year_span(current, row), "day")
        if left := members_from(current, class_id, closed_on):
            raise InvalidError(
                say(
                    "Lớp còn %(count)s học sinh từ ngày đó. Hãy chuyển các em sang lớp khác trước.",
                    count=left,
                ),
                {"day": say("Chọn ngày lớp không còn học sinh.")},
            )
        row.closed_on = closed_on
        end_all_duties(current, actor, row, closed_on)
        record(current, actor, "class.closed", ("class", class_id), {"name": row.name, "to": closed_on})


def reopen_class(actor: Actor, class_id: int) -> None:
    """Have a closed class again; its teachers are appointed anew."""
    with db.transaction() as current:
        row = _locked(current, class_id)
        if row.closed_on is None:
            return
        row.closed_on = None
        record(current, actor, "class.reopened", ("class", class_id), {"name": row.name})


def _locked(current: Session, class_id: int) -> SchoolClass:
    return current.get_one(SchoolClass, class_id, with_for_update=True)


def _refuse_taken(current: Session, school_id: int, year_id: int, name: str) -> None:
    """Raise before the row is written: a failed statement would end the caller's transaction on PostgreSQL."""
    taken = current.scalar(
        select(SchoolClass.id).where(
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == year_id,
            SchoolClass.name_fold == text.fold(name),
        )
    )
    if taken is not None:
        raise _taken(name)


def _taken(name: str) -> ConflictError:
    return ConflictError(say("Năm học này trường đã có lớp %(name)s.", name=name))


def _check_site(current: Session, school_id: int, site_id: int | None) -> None:
    if site_id is not None and site_id not in {
        site.id for site in sites_of(current, school_id, clock.today())
    }:
        raise InvalidError(
            say("Điểm trường phải thuộc trường này."), {"site_id": say("Chọn một điểm trường của trường.")}
        )
