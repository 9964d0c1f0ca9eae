"""Writes of the school: make a school, a year, a class's cards."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db, text
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.models import OrgUnit, Pupil, PupilCard, School, SchoolClass, SchoolYear
from app.school.queries import unit_by_code
from app.school.rules import UnitKind, year_dates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor

CODE_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No I, L, O, 0, 1: a pupil reads the code off a card and types it."""
CODE_LENGTH: Final = 4
LOCAL_CODES: Final = "local"


def create_school(actor: Actor, code: str, name: str, parent_code: str | None = None) -> int:
    """Make an empty school and return its id; raise ConflictError when the code is taken, InvalidError on bad input."""
    today = clock.today()
    code, name = code.strip(), text.clean_name(name)
    if not code or not name or len(code) > 64:  # noqa: PLR2004 - the column's width
        raise InvalidError(say("Trường cần có mã và tên."))
    try:
        with db.transaction() as current:
            parent = unit_by_code(current, parent_code, today) if parent_code else None
            if parent_code and parent is None:
                raise InvalidError(say("Không có đơn vị mang mã %(code)s.", code=parent_code))
            if unit_by_code(current, code, today):
                raise ConflictError(say("Đã có đơn vị mang mã %(code)s.", code=code))
            unit = add_unit(current, UnitKind.SCHOOL, code, name, parent.id if parent else None)
            current.add(School(id=unit.id))
            record(current, actor, "school.created", ("unit", unit.id), {"code": code, "name": name})
            return unit.id
    except IntegrityError as error:
        raise ConflictError(say("Đã có đơn vị mang mã %(code)s.", code=code)) from error


def add_unit(  # noqa: PLR0913 - a unit is what these say
    current: Session,
    kind: UnitKind,
    code: str,
    name: str,
    parent_id: int | None,
    *,
    type_name: str = "",
    code_set: str = LOCAL_CODES,
    valid_from: date | None = None,
) -> OrgUnit:
    """Add a unit in a running transaction and return it with its id."""
    unit = OrgUnit(
        kind=kind,
        code_set=code_set,
        code=code,
        name=name,
        type_name=type_name,
        name_sort=text.natural_key(name),
        name_fold=text.fold(name),
        parent_id=parent_id,
        valid_from=valid_from or clock.today(),
    )
    current.add(unit)
    current.flush()
    return unit


def ensure_year(current: Session, code: str) -> SchoolYear:
    """Return the school year with a code such as 2026-2027, making it with the usual frame when it is new.

    Raises InvalidError when the code is not two consecutive years. The frame is only a start: calendars are edited.
    """
    year = current.scalar(select(SchoolYear).where(SchoolYear.code == code))
    if year is None:
        starts_on, second_semester_on, ends_on = year_dates(code)
        year = SchoolYear(
            code=code, starts_on=starts_on, second_semester_on=second_semester_on, ends_on=ends_on
        )
        current.add(year)
        current.flush()
    return year


def add_class(current: Session, school_id: int, year_id: int, name: str, grade: int) -> SchoolClass:
    """Add a class in a running transaction and return it with its id."""
    row = SchoolClass(
        school_id=school_id,
        year_id=year_id,
        name=name,
        name_fold=text.fold(name),
        name_sort=text.natural_key(name),
        grade=grade,
    )
    current.add(row)
    current.flush()
    return row


def issue_cards(current: Session, school_id: int, year_id: int, pupils: Sequence[Pupil]) -> int:
    """Give a card to those pupils who have none, with codes that nobody at the school has; return how many."""
    have = set(
        current.scalars(
            select(PupilCard.pupil_id).where(
                PupilCard.year_id == year_id,
                PupilCard.revoked_at.is_(None),
                PupilCard.pupil_id.in_([p.id for p in pupils]),
            )
        )
    )
    taken = set(
        current.scalars(
            select(PupilCard.code).where(PupilCard.school_id == school_id, PupilCard.year_id == year_id)
        )
    )
    moment = clock.now()
    missing = [pupil for pupil in pupils if pupil.id not in have]
    for pupil in missing:
        code = _new_code(taken)
        taken.add(code)
        current.add(
            PupilCard(pupil_id=pupil.id, school_id=school_id, year_id=year_id, code=code, issued_at=moment)
        )
    current.flush()
    return len(missing)


def replace_card(actor: Actor, pupil: Pupil, school_id: int, year_id: int) -> str:
    """Revoke a lost card and issue a new one; return the new code."""
    with db.transaction() as current:
        old = current.scalars(
            select(PupilCard).where(
                PupilCard.pupil_id == pupil.id, PupilCard.year_id == year_id, PupilCard.revoked_at.is_(None)
            )
        )
        for card in old:
            card.revoked_at = clock.now()
        current.flush()
        issue_cards(current, school_id, year_id, [pupil])
        record(current, actor, "card.replaced", ("pupil", pupil.id))
        return current.scalars(
            select(PupilCard.code).where(
                PupilCard.pupil_id == pupil.id, PupilCard.year_id == year_id, PupilCard.revoked_at.is_(None)
            )
        ).one()


def _new_code(taken: set[str]) -> str:
    while True:
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        if code not in taken:
            return code
