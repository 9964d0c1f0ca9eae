"""Reading staff: the list of a school, a roster on its way in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.models import Staff
from app.school.queries import place_of_unit
from app.staff.models import StaffDetail, StaffImport
from app.staff.rules import IMPORT_STAFF
from app.staff.rules.roster import KnownStaff
from app.text import fold

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """A member of staff with what the roster said and the account, if there is one."""

    staff: Staff
    detail: StaffDetail | None
    user: User | None

    @property
    def position(self) -> str:
        """The position as the roster wrote it, "" where it said nothing."""
        return self.detail.position if self.detail else ""

    @property
    def subjects(self) -> str:
        """The subjects as the roster wrote them."""
        return self.detail.subjects if self.detail else ""

    @property
    def email(self) -> str:
        """The address as the roster wrote it."""
        return self.detail.email if self.detail else ""

    @property
    def each_subject(self) -> tuple[str, ...]:
        """The subjects one by one: "Toán, Tin học" are two."""
        return tuple(filter(None, (one.strip() for one in re.split("[,;/]", self.subjects))))


def import_for(actor: Actor, staff_import_id: int) -> StaffImport:
    """Return a roster on its way into a school where the actor may import; raise NotFoundError."""
    row = db.session().get(StaffImport, staff_import_id)
    if row is None:
        raise NotFoundError
    actor.require(IMPORT_STAFF, place_of_unit(row.school_id))
    return row


def staff_of_school(session: Session, school_id: int, typed: str = "") -> list[Line]:
    """Return a school's staff by given name, narrowed by name, position or subject, with accents or without."""
    query = (
        select(Staff, StaffDetail, User)
        .outerjoin(StaffDetail, StaffDetail.staff_id == Staff.id)
        .outerjoin(User, User.id == Staff.user_id)
        .where(Staff.school_id == school_id)
        .order_by(Staff.name_sort, Staff.id)
    )
    if wanted := fold(typed)[:80]:
        query = query.where(
            or_(
                Staff.name_fold.contains(wanted, autoescape=True),
                User.username_fold.contains(wanted, autoescape=True),
            )
        )
    return [Line(staff, detail, user) for staff, detail, user in session.execute(query)]


def known_staff(session: Session, school_id: int) -> list[KnownStaff]:
    """Return a school's staff as a roster is compared with it."""
    return [
        KnownStaff(
            line.staff.id,
            line.staff.name_fold,
            line.staff.staff_code,
            line.detail.email if line.detail else "",
            line.user is not None,
        )
        for line in staff_of_school(session, school_id)
    ]
