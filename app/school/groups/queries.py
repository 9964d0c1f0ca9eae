"""Reading teaching groups. The loader takes the actor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from app import db
from app.errors import NotFoundError
from app.school.groups.models import GroupDuty, GroupMembership, TeachingGroup
from app.school.models import ClassMembership, Pupil, SchoolClass, Staff, Subject
from app.school.queries import holds_on, place_of_unit

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group as a list shows it, on a day."""

    id: int
    name: str
    name_sort: str
    subject: str
    teacher: str
    size: int
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A pupil of a group, with the class of the day."""

    pupil: Pupil
    class_name: str
    class_sort: str
    starts_on: date


def group_for(actor: Actor, permission: Permission, group_id: int) -> TeachingGroup:
    """Return a group of a school where the actor holds the permission; raise NotFoundError."""
    found = db.session().get(TeachingGroup, group_id)
    if found is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(found.school_id))
    return found


def groups_of_school(session: Session, school_id: int, year_id: int, day: date) -> list[GroupLine]:
    """Return a school's groups of a year in natural order; three queries."""
    groups = session.execute(
        select(TeachingGroup, Subject.name)
        .join(Subject, Subject.id == TeachingGroup.subject_id)
        .where(TeachingGroup.school_id == school_id, TeachingGroup.year_id == year_id)
        .order_by(TeachingGroup.name_sort, TeachingGroup.id)
    ).all()
    ids = [group.id for group, _ in groups]
    counted = session.execute(
        select(GroupMembership.group_id, func.count().label("size"))
        .where(GroupMembership.group_id.in_(ids), _holds(GroupMembership, day))
        .group_by(GroupMembership.group_id)
    )
    taught = session.execute(
        select(GroupDuty.group_id, Staff.full_name)
        .join(Staff, Staff.id == GroupDuty.staff_id)
        .where(GroupDuty.group_id.in_(ids), _holds(GroupDuty, day))
    )
    sizes = {row.group_id: row.size for row in counted}
    teachers = {row.group_id: row.full_name for row in taught}
    return [
        GroupLine(
            group.id,
            group.name,
            group.name_sort,
            subject,
            teachers.get(group.id, ""),
            sizes.get(group.id, 0),
            group.closed_on,
        )
        for group, subject in groups
    ]


def groups_of_pupil(session: Session, pupil_id: int, day: date) -> list[tuple[str, str, str]]:
    """Return (group, subject, teacher) of the groups in which a pupil learns on a day; "" while nobody teaches one."""
    rows = session.execute(
        select(TeachingGroup.name, Subject.name, Staff.full_name)
        .join(GroupMembership, GroupMembership.group_id == TeachingGroup.id)
        .join(Subject, Subject.id == TeachingGroup.subject_id)
        .outerjoin(GroupDuty, (GroupDuty.group_id == TeachingGroup.id) & _holds(GroupDuty, day))
        .outerjoin(Staff, Staff.id == GroupDuty.staff_id)
        .where(GroupMembership.pupil_id == pupil_id, _holds(GroupMembership, day))
        .order_by(TeachingGroup.name_sort, TeachingGroup.id)
    )
    return [(row[0], row[1], row[2] or "") for row in rows]


@dataclass(frozen=True, slots=True)
class OwnMember:
    """A pupil in a group that somebody teaches, with the class of the day."""

    group: str
    group_sort: str
    subject: str
    name: str
    name_sort: str
    class_name: str
    class_sort: str


def own_members(session: Session, staff_id: int, day: date) -> list[OwnMember]:
    """Return the pupils of the groups that a member of staff teaches on a day, by group and given name; one query."""
    rows = session.execute(
        select(
            TeachingGroup.name,
            TeachingGroup.name_sort,
            Subject.name,
            Pupil.full_name,
            Pupil.name_sort,
            func.coalesce(SchoolClass.name, ""),
            func.coalesce(SchoolClass.name_sort, ""),
        )
        .join(GroupDuty, (GroupDuty.group_id == TeachingGroup.id) & _holds(GroupDuty, day))
        .join(Subject, Subject.id == TeachingGroup.subject_id)
        .join(GroupMembership, (GroupMembership.group_id == TeachingGroup.id) & _holds(GroupMembership, day))
        .join(Pupil, Pupil.id == GroupMembership.pupil_id)
        .outerjoin(ClassMembership, (ClassMembership.pupil_id == Pupil.id) & holds_on(ClassMembership, day))
        .outerjoin(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            GroupDuty.staff_id == staff_id,
            or_(TeachingGroup.closed_on.is_(None), TeachingGroup.closed_on > day),
        )
        .order_by(TeachingGroup.name_sort, TeachingGroup.id, Pupil.name_sort, Pupil.id)
    )
    return [OwnMember(*row) for row in rows]


def duties_of(session: Session, group_id: int) -> list[tuple[GroupDuty, str]]:
    """Return who taught, teaches or will teach a group, the newest first."""
    rows = session.execute(
        select(GroupDuty, Staff.full_name)
        .join(Staff, Staff.id == GroupDuty.staff_id)
        .where(
            GroupDuty.group_id == group_id,
            or_(GroupDuty.ends_on.is_(None), GroupDuty.ends_on > GroupDuty.starts_on),
        )
        .order_by(GroupDuty.starts_on.desc())
    )
    return [(duty, name) for duty, name in rows]


def members_of(session: Session, group: TeachingGroup, day: date) -> list[MemberLine]:
    """Return the pupils of a group on a day by given name, each with the class of that day."""
    rows = session.execute(
        select(Pupil, GroupMembership.starts_on, SchoolClass.name, SchoolClass.name_sort)
        .join(GroupMembership, GroupMembership.pupil_id == Pupil.id)
        .outerjoin(ClassMembership, (ClassMembership.pupil_id == Pupil.id) & holds_on(ClassMembership, day))
        .outerjoin(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(GroupMembership.group_id == group.id, _holds(GroupMembership, day))
        .order_by(Pupil.name_sort, Pupil.id)
    )
    found = {
        pupil.id: MemberLine(pupil, name or "", name_sort or "", starts_on)
        for pupil, starts_on, name, name_sort in rows
    }
    return list(found.values())


def pupils_at_school(session: Session, school_id: int, day: date) -> set[int]:
    """Return the ids of the pupils who are in some class of a school on a day."""
    return set(
        session.scalars(
            select(ClassMembership.pupil_id)
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
            .where(SchoolClass.school_id == school_id, holds_on(ClassMembership, day))
        )
    )


def _holds(table: type[GroupDuty | GroupMembership], day: date) -> ColumnElement[bool]:
    return (table.starts_on <= day) & or_(table.ends_on.is_(None), table.ends_on > day)
