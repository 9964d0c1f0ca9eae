"""The members of classes as they were known at an instant."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.rules import (
    History,
    from_json,
    holds,
)
from app.school.models import ClassMembership, Pupil, SchoolClass
from app.school.queries import holds_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date, datetime

    from sqlalchemy.orm import Session


def class_members_known(
    session: Session,
    school_id: int,
    day: date,
    moment: datetime,
    also_known: Callable[[], Collection[int]] = tuple,
) -> dict[int, set[int]]:
    """Return {class: pupils} of a school on a day, as the steps of enrolment had it at an instant.

    A pupil whose record was made later was not known then, unless `also_known` says so, which is asked only where there
    is one. What an import, a rollover or a merge of records changed since is told as it is today. Two statements.
    """
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(ClassMembership.class_id, Pupil.id, Pupil.created_at)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .where(SchoolClass.school_id == school_id, holds_on(ClassMembership, day))
    )
    later: list[tuple[int, int]] = []
    for class_id, pupil_id, made_at in rows:
        if made_at <= moment:
            found[class_id].add(pupil_id)
        else:
            later.append((class_id, pupil_id))
    known = also_known() if later else ()
    for class_id, pupil_id in later:
        if pupil_id in known:
            found[class_id].add(pupil_id)
    for pupil_id, then in _histories_then(session, school_id, moment).items():
        for members in found.values():
            members.discard(pupil_id)
        for one in then.classes:
            if one.school_id == school_id and holds(one, day):
                found[one.class_id].add(pupil_id)
    return dict(found)


def _histories_then(session: Session, school_id: int, moment: datetime) -> dict[int, History]:
    """Return {pupil: history at the instant} of those whom a step at this school touched since, or took back since."""
    is_later = or_(EnrolmentChange.decided_at > moment, EnrolmentChange.undone_at > moment)
    here = or_(EnrolmentChange.school_id == school_id, EnrolmentChange.to_school_id == school_id)
    touched = select(EnrolmentChange.pupil_id).where(is_later, here)
    rows = session.scalars(
        select(EnrolmentChange)
        .where(is_later, EnrolmentChange.pupil_id.in_(touched))
        .order_by(EnrolmentChange.id)
    )
    first: dict[int, tuple[datetime, str]] = {}
    for row in rows:
        events = [(row.decided_at, row.before)] if row.decided_at > moment else []
        events += [(row.undone_at, row.after)] if row.undone_at and row.undone_at > moment else []
        for at, stood in events:
            if row.pupil_id not in first or at < first[row.pupil_id][0]:
                first[row.pupil_id] = (at, stood)
    return {pupil_id: from_json(stood) for pupil_id, (_at, stood) in first.items()}
