"""Writing school events: plan one, say who goes and who leads, call it off and put it back."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import InvalidError
from app.i18n import N_
from app.school.models import ClassMembership, SchoolClass
from app.school.queries import holds_on
from attendance.outings.models import Outing, OutingPupil
from attendance.outings.queries import leaders_at
from attendance.outings.rules import check_plan

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.outings.rules import Plan


def plan_outing(actor: Actor, school_id: int, plan: Plan, client_key: str) -> int:
    """Plan an event and return its id; the same form again is the same event. Raises InvalidError."""
    check_plan(plan)
    row = Outing(
        school_id=school_id,
        client_key=client_key,
        name=plan.name,
        starts_on=plan.first_day,
        ends_on=plan.last_day + timedelta(days=1),
        slot=plan.slot,
        made_by=actor.user_id or None,
        made_at=clock.now(),
    )
    try:
        with db.transaction() as session:
            session.add(row)
            session.flush()
            record(
                session,
                actor,
                "outing.planned",
                ("outing", row.id),
                {"name": plan.name, "day": plan.first_day},
            )
            return row.id
    except IntegrityError:
        made = select(Outing.id).where(Outing.client_key == client_key, Outing.school_id == school_id)
        return db.session().scalars(made).one()


def set_going(actor: Actor, outing_id: int, class_id: int, pupil_ids: Collection[int]) -> None:
    """Let exactly these pupils of a class go on an outing; those of other classes stay as they are.

    Whoever is not in this class of the event's school on its first day is passed over. The same again changes nothing.
    """
    with db.transaction() as session:
        outing = session.get_one(Outing, outing_id, with_for_update=True)
        of_class = set(session.scalars(_members(outing, class_id)))
        there = set(session.scalars(select(OutingPupil.pupil_id).where(OutingPupil.outing_id == outing_id)))
        wanted = of_class & set(pupil_ids)
        gone, new = (of_class & there) - wanted, wanted - there
        if gone or new:
            _change(session, outing_id, gone, new)
            details = {"class": class_id, "added": len(new), "removed": len(gone)}
            record(session, actor, "outing.pupils_set", ("outing", outing_id), details)


def set_whole_classes(actor: Actor, outing_id: int, class_ids: Collection[int]) -> None:
    """Let exactly these classes go as a whole; classes of which only some go stay as they are.

    Classes of other schools are passed over. The same again changes nothing.
    """
    with db.transaction() as session:
        outing = session.get_one(Outing, outing_id, with_for_update=True)
        there = set(session.scalars(select(OutingPupil.pupil_id).where(OutingPupil.outing_id == outing_id)))
        gone: set[int] = set()
        new: set[int] = set()
        for class_id, of_class in _classes(session, outing).items():
            if class_id in class_ids:
                new |= of_class - there
            elif of_class <= there:
                gone |= of_class
        if gone or new:
            _change(session, outing_id, gone, new)
            details = {"classes": len(set(class_ids)), "added": len(new), "removed": len(gone)}
            record(session, actor, "outing.pupils_set", ("outing", outing_id), details)


def _classes(session: Session, outing: Outing) -> dict[int, set[int]]:
    """Return {class: its pupils} of the event's school on its first day."""
    rows = session.execute(
        select(ClassMembership.class_id, ClassMembership.pupil_id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(SchoolClass.school_id == outing.school_id, holds_on(ClassMembership, outing.starts_on))
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for class_id, pupil_id in rows:
        found[class_id].add(pupil_id)
    return found


def set_leader(actor: Actor, outing_id: int, user_id: int | None) -> None:
    """Name who leads an event and takes its register, or nobody (None). The same again changes nothing.

    Raises InvalidError for whoever is not on the staff of the event's school.
    """
    with db.transaction() as session:
        outing = session.get_one(Outing, outing_id, with_for_update=True)
        if user_id is not None and user_id not in {
            one.user_id for one in leaders_at(session, outing.school_id)
        }:
            fault = N_("Chọn một giáo viên của trường đã có tài khoản.")
            raise InvalidError(fault, {"leader": fault})
        if outing.led_by != user_id:
            outing.led_by = user_id
            record(session, actor, "outing.leader_set", ("outing", outing_id), {"leader": user_id})


def _members(outing: Outing, class_id: int) -> Select[int]:
    return (
        select(ClassMembership.pupil_id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            SchoolClass.id == class_id,
            SchoolClass.school_id == outing.school_id,
            holds_on(ClassMembership, outing.starts_on),
        )
    )


def _change(session: Session, outing_id: int, gone: Collection[int], new: Collection[int]) -> None:
    session.execute(
        delete(OutingPupil).where(OutingPupil.outing_id == outing_id, OutingPupil.pupil_id.in_(list(gone)))
    )
    session.add_all(OutingPupil(outing_id=outing_id, pupil_id=pupil_id) for pupil_id in sorted(new))


def call_off(actor: Actor, outing_id: int) -> None:
    """Call an event off; marks that were made stay what they are. Twice is once."""
    with db.transaction() as session:
        outing = session.get_one(Outing, outing_id, with_for_update=True)
        if outing.called_off_at is None:
            outing.called_off_at = clock.now()
            record(session, actor, "outing.called_off", ("outing", outing_id), {"name": outing.name})


def put_back(actor: Actor, outing_id: int) -> None:
    """Put an event back that was called off. Twice is once."""
    with db.transaction() as session:
        outing = session.get_one(Outing, outing_id, with_for_update=True)
        if outing.called_off_at is not None:
            outing.called_off_at = None
            record(session, actor, "outing.put_back", ("outing", outing_id), {"name": outing.name})
