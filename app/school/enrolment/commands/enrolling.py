"""Enrolling a pupil by hand: somebody new, or somebody whose ministry code the installation knows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.enrolment.commands.steps import About, change_by_key, store_step
from app.school.enrolment.commands.writing import locked_pupil
from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.queries import class_place, history_of
from app.school.enrolment.rules import Coming, Verb, enrolled
from app.school.models import Enrolment, Pupil, SchoolYear
from app.text import clean_name, fold, sort_key

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.enrolment.commands.steps import Step

TEMPORARY_PREFIX: Final = "TAM-"


@dataclass(frozen=True, slots=True)
class NewPupil:
    """A pupil as the office writes down: the name as entered, and the ministry's code when there is one."""

    full_name: str
    birth_date: date
    sex: str
    ministry_code: str | None = None


def enrol_pupil(
    actor: Actor, new: NewPupil, class_id: int, how: Coming, step: Step, *, is_another: bool = False
) -> int:
    """Enrol a pupil and return the pupil's id; the same form again returns the same pupil.

    A known ministry code means that pupil, whose row and history are kept. Raises ConflictError when that pupil is at
    another school, InvalidError when the school already has somebody of this name and birth date, unless the office
    says that this is another person. A form that comes back with its key and other words raises ConflictError.
    """
    if (known := _same_form(db.session(), new, class_id, step)) is not None:
        return known
    try:
        with db.transaction() as session:
            place = class_place(session, class_id)
            pupil = _known_by_code(session, new.ministry_code)
            if pupil is None:
                if not is_another:
                    _refuse_namesake(session, new, place.school_id)
                pupil = new_pupil(session, new)
            before = history_of(session, locked_pupil(session, pupil.id).id)
            after = enrolled(before, place, step.day, how)
            about = About(Verb.ENROL, place.school_id, class_id)
            store_step(session, actor, pupil.id, step, about, (before, after))
            return pupil.id
    except IntegrityError as error:
        if (known := _same_form(db.session(), new, class_id, step)) is not None:
            return known
        raise ConflictError(
            say("Mã định danh này vừa được dùng cho một học sinh khác. Hãy kiểm tra lại.")
        ) from error


def _same_form(session: Session, new: NewPupil, class_id: int, step: Step) -> int | None:
    """Return the pupil whom this form enrolled before; raise ConflictError when it says something else by now."""
    known = change_by_key(session, step.client_key)
    if known is None:
        return None
    change = session.get_one(EnrolmentChange, known)
    pupil = session.get_one(Pupil, change.pupil_id)
    is_same_step = (change.verb, change.class_id, change.day) == (Verb.ENROL, class_id, step.day)
    is_same_pupil = (
        pupil.ministry_code == new.ministry_code
        if new.ministry_code
        else (pupil.name_fold, pupil.birth_date) == (fold(clean_name(new.full_name)), new.birth_date)
    )
    if not (is_same_step and is_same_pupil) or change.undone_at is not None:
        raise ConflictError(
            say("Biểu mẫu này đã được gửi rồi. Hãy mở lại trang ghi danh để ghi danh em khác.")
        )
    return pupil.id


def new_pupil(session: Session, new: NewPupil) -> Pupil:
    """Add a pupil in a running transaction; without a ministry code it gets a temporary key, renamed later."""
    name = clean_name(new.full_name)
    pupil = Pupil(
        full_name=name,
        name_fold=fold(name),
        name_sort=sort_key(name),
        birth_date=new.birth_date,
        sex=new.sex or None,
        ministry_code=new.ministry_code or None,
        temporary_key=None if new.ministry_code else TEMPORARY_PREFIX + secrets.token_hex(5).upper(),
        created_at=clock.now(),
    )
    session.add(pupil)
    session.flush()
    return pupil


def _known_by_code(session: Session, code: str | None) -> Pupil | None:
    """Return the pupil of a ministry code; raise ConflictError while that pupil is at a school."""
    pupil = session.scalar(select(Pupil).where(Pupil.ministry_code == code)) if code else None
    if pupil is None:
        return None
    is_elsewhere = session.scalar(  # what an older year left open does not count
        select(Enrolment.id)
        .join(SchoolYear, SchoolYear.id == Enrolment.year_id)
        .where(
            Enrolment.pupil_id == pupil.id, Enrolment.ends_on.is_(None), SchoolYear.ends_on > clock.today()
        )
        .limit(1)
    )
    if is_elsewhere:
        raise ConflictError(
            say(
                "Học sinh mang mã định danh này đang học ở một trường trong hệ thống. "
                "Nhờ trường đó làm thủ tục chuyển trường, em sẽ hiện ở mục “Chờ tiếp nhận”."
            )
        )
    return pupil


def _refuse_namesake(session: Session, new: NewPupil, school_id: int) -> None:
    found = session.scalar(
        select(Pupil)
        .where(
            Pupil.name_fold == fold(new.full_name),
            Pupil.birth_date == new.birth_date,
            exists().where(Enrolment.pupil_id == Pupil.id, Enrolment.school_id == school_id),
        )
        .limit(1)
    )
    if found is not None:
        raise InvalidError(
            say("Trường đã có học sinh cùng họ tên và ngày sinh. Nếu là em khác, hãy đánh dấu xác nhận."),
            {"is_another": say("Xác nhận đây là một em khác.")},
        )
