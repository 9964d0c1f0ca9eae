"""Writes of teaching groups: make one, appoint its teacher, take pupils in and let them go, close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import db, text
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.classes.commands.subjects import ensure_subject
from app.school.classes.rules import Held, check_day, succession
from app.school.groups.models import GroupDuty, GroupMembership, TeachingGroup
from app.school.groups.queries import pupils_at_school
from app.school.groups.rules import checked_name, newcomers
from app.school.models import SchoolYear, Staff

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.groups.rules import NewGroup


def make_group(actor: Actor, school_id: int, year_id: int, wanted: NewGroup) -> int:
    """Make a group with its teacher and return its id; raise ConflictError when the year has one of this name."""
    name = checked_name(wanted.name)
    taken = ConflictError(say("Năm học này trường đã có nhóm %(name)s.", name=name))
    try:
        with db.transaction() as current:
            if _is_taken(current, school_id, year_id, name):
                raise taken
            group = TeachingGroup(
                school_id=school_id,
                year_id=year_id,
                name=name,
                name_fold=text.fold(name),
                name_sort=text.natural_key(name),
                subject_id=ensure_subject(current, wanted.subject).id,
            )
            current.add(group)
            current.flush()
            record(current, actor, "group.made", ("group", group.id), {"name": name})
            _appoint(current, actor, group, wanted.staff_id, wanted.starts_on)
            return group.id
    except IntegrityError as error:
        raise taken from error


def appoint_teacher(actor: Actor, group_id: int, staff_id: int, starts_on: date) -> None:
    """Have somebody teach a group from a day on, in place of who does then; the same person changes nothing."""
    with db.transaction() as current:
        _appoint(current, actor, _open_group(current, group_id, starts_on), staff_id, starts_on)


def add_members(actor: Actor, group_id: int, pupil_ids: Collection[int], starts_on: date) -> int:
    """Take pupils of the school into a group from a day on; return how many were not in it. Raises InvalidError."""
    with db.transaction() as current:
        group = _open_group(current, group_id, starts_on)
        members = {row.pupil_id for row in _open_memberships(current, group_id, starts_on)}
        new = newcomers(pupil_ids, pupils_at_school(current, group.school_id, starts_on), members)
        current.add_all(
            GroupMembership(group_id=group_id, pupil_id=pupil_id, starts_on=starts_on)
            for pupil_id in sorted(new)
        )
        current.flush()
        if new:
            details = {"count": len(new), "from": starts_on}
            record(current, actor, "group.joined", ("group", group_id), details)
        return len(new)


def end_member(actor: Actor, group_id: int, pupil_id: int, ends_on: date) -> None:
    """Let a pupil go from a group: `ends_on` is the first day without. Who is not in it changes nothing."""
    with db.transaction() as current:
        _open_group(current, group_id, ends_on)
        for row in _open_memberships(current, group_id, ends_on):
            if row.pupil_id == pupil_id:
                row.ends_on = max(ends_on, row.starts_on)
                details = {"pupil": pupil_id, "to": ends_on}
                record(current, actor, "group.left", ("group", group_id), details)


def close_group(actor: Actor, group_id: int, closed_on: date) -> None:
    """Close a group: `closed_on` is the first day without it; its memberships and its teacher's duty end then."""
    with db.transaction() as current:
        group = _locked(current, group_id)
        if group.closed_on == closed_on:
            return
        check_day(closed_on, _span(current, group), "day")
        group.closed_on = closed_on
        duties = current.scalars(select(GroupDuty).where(GroupDuty.group_id == group_id)).all()
        rows: list[GroupMembership | GroupDuty] = [
            *_open_memberships(current, group_id, closed_on),
            *(duty for duty in duties if duty.ends_on is None or duty.ends_on > closed_on),
        ]
        for row in rows:
            row.ends_on = max(closed_on, row.starts_on)
        record(current, actor, "group.closed", ("group", group_id), {"name": group.name, "to": closed_on})


def _locked(current: Session, group_id: int) -> TeachingGroup:
    return current.get_one(TeachingGroup, group_id, with_for_update=True)


def _open_group(current: Session, group_id: int, day: date) -> TeachingGroup:
    found = _locked(current, group_id)
    check_day(day, _span(current, found))
    if found.closed_on is not None and found.closed_on <= day:
        raise InvalidError(say("Nhóm này đã đóng."))
    return found


def _span(current: Session, group: TeachingGroup) -> tuple[date, date]:
    year = current.get_one(SchoolYear, group.year_id)
    return year.starts_on, year.ends_on


def _is_taken(current: Session, school_id: int, year_id: int, name: str) -> bool:
    found = current.scalar(
        select(TeachingGroup.id).where(
            TeachingGroup.school_id == school_id,
            TeachingGroup.year_id == year_id,
            TeachingGroup.name_fold == text.fold(name),
        )
    )
    return found is not None


def _open_memberships(current: Session, group_id: int, day: date) -> Sequence[GroupMembership]:
    """Return the memberships that hold on a day or later."""
    rows = current.scalars(select(GroupMembership).where(GroupMembership.group_id == group_id)).all()
    return [row for row in rows if row.ends_on is None or row.ends_on > max(day, row.starts_on)]


def _appoint(current: Session, actor: Actor, group: TeachingGroup, staff_id: int, starts_on: date) -> None:
    check_day(starts_on, _span(current, group))
    staff = current.get(Staff, staff_id)
    if staff is None or staff.school_id != group.school_id:
        raise InvalidError(say("Giáo viên phải thuộc trường này."), {"staff_id": say("Chọn giáo viên.")})
    rows = current.scalars(select(GroupDuty).where(GroupDuty.group_id == group.id)).all()
    held = [Held(row.id, row.staff_id, row.starts_on, row.ends_on) for row in rows]
    found = succession(held, staff_id, starts_on)
    if found.already is not None:
        return
    for row in rows:
        if row.id in found.cuts:
            row.ends_on = found.cuts[row.id]
    current.add(GroupDuty(group_id=group.id, staff_id=staff_id, starts_on=starts_on, ends_on=found.ends_on))
    current.flush()
    details = {"staff": staff_id, "name": staff.full_name, "from": starts_on}
    record(current, actor, "group.appointed", ("group", group.id), details)
