"""Reading classes with their former names, teachers and sites; what stands in the way of closing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from app.accounts.models import Grant
from app.school.classes.models import ClassFormerName, SubjectDuty
from app.school.classes.rules import ClassLine, FormerName, Held, HomeroomList, homerooms_in, name_on
from app.school.models import (
    ClassMembership,
    HomeroomDuty,
    OrgUnit,
    SchoolClass,
    SchoolYear,
    Staff,
    Subject,
)
from app.school.queries import class_sizes, holds_on
from app.school.rules import UnitKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import Session

    from app.intake.rules.lists import Record


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty in words' reach: who, which subject (None: homeroom), from when to when, with access or without one."""

    id: int
    staff_id: int
    teacher: str
    subject_id: int | None
    subject: str | None
    starts_on: date
    ends_on: date | None
    has_account: bool
    has_access: bool

    def state(self, day: date) -> str:
        """Return "now", "later" or "over"."""
        if self.ends_on is not None and self.ends_on <= max(day, self.starts_on):
            return "over"
        return "later" if self.starts_on > day else "now"

    @property
    def last_day(self) -> date | None:
        """The last day, None when the duty has no end."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None


def year_span(session: Session, school_class: SchoolClass) -> tuple[date, date]:
    """Return the first day of a class's school year and the first day after it."""
    year = session.get_one(SchoolYear, school_class.year_id)
    return year.starts_on, year.ends_on


def former_names(session: Session, class_ids: Collection[int]) -> dict[int, list[FormerName]]:
    """Return {class: its former names, the oldest first}; a class that was never renamed is absent."""
    rows = session.scalars(
        select(ClassFormerName)
        .where(ClassFormerName.class_id.in_(list(class_ids)))
        .order_by(ClassFormerName.ends_on)
    )
    found: dict[int, list[FormerName]] = {}
    for row in rows:
        found.setdefault(row.class_id, []).append(FormerName(row.name, row.ends_on))
    return found


def class_names_on(session: Session, classes: Iterable[SchoolClass], day: date) -> dict[int, str]:
    """Return {class: what it was called on a day}; one query."""
    rows = list(classes)
    former = former_names(session, [row.id for row in rows])
    return {row.id: name_on(row.name, former.get(row.id, ()), day) for row in rows}


def homerooms_of(session: Session, class_id: int) -> list[DutyLine]:
    """Return the homeroom teachers of a class, past, present and to come, the newest first."""
    rows = session.execute(
        select(HomeroomDuty, Staff, Grant)
        .join(Staff, Staff.id == HomeroomDuty.staff_id)
        .outerjoin(Grant, Grant.id == HomeroomDuty.grant_id)
        .where(HomeroomDuty.class_id == class_id, _is_real(HomeroomDuty))
        .order_by(HomeroomDuty.starts_on.desc(), HomeroomDuty.id.desc())
    )
    return [_line(duty, staff, grant, None) for duty, staff, grant in rows]


def subject_teachers_of(session: Session, class_id: int) -> list[DutyLine]:
    """Return the subject teachers of a class, past, present and to come, by subject, the newest first."""
    rows = session.execute(
        select(SubjectDuty, Staff, Grant, Subject)
        .join(Staff, Staff.id == SubjectDuty.staff_id)
        .join(Subject, Subject.id == SubjectDuty.subject_id)
        .outerjoin(Grant, Grant.id == SubjectDuty.grant_id)
        .where(SubjectDuty.class_id == class_id, _is_real(SubjectDuty))
        .order_by(SubjectDuty.starts_on.desc(), SubjectDuty.id.desc())
    )
    lines = [_line(duty, staff, grant, subject) for duty, staff, grant, subject in rows]
    return sorted(lines, key=lambda line: line.subject or "")


def _is_real(table: type[HomeroomDuty | SubjectDuty]) -> ColumnElement[bool]:
    return or_(table.ends_on.is_(None), table.ends_on > table.starts_on)


def _line(
    duty: HomeroomDuty | SubjectDuty, staff: Staff, grant: Grant | None, subject: Subject | None
) -> DutyLine:
    return DutyLine(
        duty.id,
        staff.id,
        staff.full_name,
        subject.id if subject else None,
        subject.name if subject else None,
        duty.starts_on,
        duty.ends_on,
        staff.user_id is not None,
        grant is not None,
    )


def homeroom_names(session: Session, class_ids: Collection[int], day: date) -> dict[int, str]:
    """Return {class: its homeroom teacher of a day}; a class without one is absent."""
    return {row.class_id: row.full_name for row in _homerooms(session, class_ids, day)}


def homeroom_staff(session: Session, class_ids: Collection[int], day: date) -> dict[int, int]:
    """Return {class: the member of staff who is its homeroom teacher on a day}; a class without one is absent."""
    return {row.class_id: row.staff_id for row in _homerooms(session, class_ids, day)}


def _homerooms(session: Session, class_ids: Collection[int], day: date) -> Sequence[Row[int, int, str]]:
    return session.execute(
        select(HomeroomDuty.class_id, HomeroomDuty.staff_id, Staff.full_name)
        .join(Staff, Staff.id == HomeroomDuty.staff_id)
        .where(
            HomeroomDuty.class_id.in_(list(class_ids)),
            HomeroomDuty.starts_on <= day,
            or_(HomeroomDuty.ends_on.is_(None), HomeroomDuty.ends_on > day),
        )
        .order_by(HomeroomDuty.starts_on)
    ).all()


def class_lines(session: Session, classes: Sequence[SchoolClass], day: date) -> list[ClassLine]:
    """Return loaded classes with their sizes and homeroom teachers of a day; two queries, however many there are."""
    ids = [row.id for row in classes]
    sizes, homerooms = class_sizes(session, ids, day), homeroom_names(session, ids, day)
    return [
        ClassLine(
            row.id,
            row.name,
            row.name_sort,
            row.grade,
            sizes.get(row.id, 0),
            homerooms.get(row.id, ""),
            row.closed_on,
        )
        for row in classes
    ]


def held_duties(duties: Sequence[HomeroomDuty | SubjectDuty]) -> list[Held]:
    """Return stored duties as the rules need them."""
    return [Held(row.id, row.staff_id, row.starts_on, row.ends_on) for row in duties]


def sites_of(session: Session, school_id: int, day: date) -> list[OrgUnit]:
    """Return a school's satellite sites (điểm trường) of a day, by name."""
    return list(
        session.scalars(
            select(OrgUnit)
            .where(
                OrgUnit.parent_id == school_id,
                OrgUnit.kind == UnitKind.SITE,
                OrgUnit.valid_from <= day,
                or_(OrgUnit.valid_to.is_(None), OrgUnit.valid_to > day),
            )
            .order_by(OrgUnit.name_sort, OrgUnit.id)
        )
    )


def site_names(session: Session, classes: Iterable[SchoolClass]) -> Mapping[int, str]:
    """Return {site: its name} of the sites where classes learn."""
    ids = {row.site_id for row in classes if row.site_id is not None}
    if not ids:
        return {}
    rows = session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(ids)))
    return {row.id: row.name for row in rows}


def staff_to_choose(session: Session, school_id: int) -> list[Staff]:
    """Return a school's staff by given name in Vietnamese order."""
    return list(
        session.scalars(select(Staff).where(Staff.school_id == school_id).order_by(Staff.name_sort, Staff.id))
    )


def members_from(session: Session, class_id: int, day: date) -> int:
    """Count the pupils who are in a class on a day or come later: they stand in the way of closing it."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ClassMembership)
            .where(
                ClassMembership.class_id == class_id,
                or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > day),
                or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > ClassMembership.starts_on),
            )
        )
        or 0
    )


def joined_on(session: Session, class_id: int, day: date) -> dict[int, date]:
    """Return {pupil: since when in the class} of those who are in it on a day."""
    rows = session.execute(
        select(ClassMembership.pupil_id, ClassMembership.starts_on).where(
            ClassMembership.class_id == class_id, holds_on(ClassMembership, day)
        )
    )
    return {row.pupil_id: row.starts_on for row in rows}


def homeroom_list(session: Session, school_id: int, year_id: int, records: Iterable[Record]) -> HomeroomList:
    """Return what a list of homeroom teachers means at a school, in its classes of a year that are open."""
    classes = session.execute(
        select(SchoolClass.id, SchoolClass.name).where(
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == year_id,
            SchoolClass.closed_on.is_(None),
        )
    )
    staff = session.execute(
        select(Staff.id, Staff.full_name, Staff.staff_code).where(Staff.school_id == school_id)
    )
    return homerooms_in(
        records, [(row[0], row[1]) for row in classes], [(row[0], row[1], row[2]) for row in staff]
    )
