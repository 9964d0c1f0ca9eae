"""Reading the organisation as it was and as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app import db
from app.errors import NotFoundError
from app.school.models import OrgUnit
from app.school.organisation import rules
from app.school.organisation.models import OrgParent, OrgSuccession
from app.school.organisation.rules import FormerParent, Node, Succession, SuccessionKind, Unit
from app.school.queries import below, place_of_unit
from app.school.rules import VIEW_SCHOOL

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class History:
    """Everything that is known of the organisation, at any day."""

    units: dict[int, Unit]
    former: list[FormerParent]
    links: list[Succession]


def history(session: Session) -> History:
    """Return all units with their former parents and successions: three queries, whatever the size."""
    columns = (
        OrgUnit.id,
        OrgUnit.kind,
        OrgUnit.code,
        OrgUnit.name,
        OrgUnit.parent_id,
        OrgUnit.valid_from,
        OrgUnit.valid_to,
        OrgUnit.type_name,
        OrgUnit.name_sort,
    )
    return History(
        {row.id: Unit(*row) for row in session.execute(select(*columns))},
        [
            FormerParent(row.unit_id, row.parent_id, row.starts_on, row.ends_on)
            for row in session.scalars(select(OrgParent).order_by(OrgParent.starts_on))
        ],
        [
            Succession(row.predecessor_id, row.successor_id, SuccessionKind(row.kind), row.on_date)
            for row in session.scalars(select(OrgSuccession).order_by(OrgSuccession.on_date))
        ],
    )


def unit_as_of(session: Session, code: str, code_set: str, day: date) -> OrgUnit | None:
    """Return the unit that carried a code of a code set on a day: 25210 was another ward before 1 July 2025."""
    return session.scalar(
        select(OrgUnit).where(
            OrgUnit.code_set == code_set,
            OrgUnit.code == code,
            OrgUnit.valid_from <= day,
            or_(OrgUnit.valid_to.is_(None), OrgUnit.valid_to > day),
        )
    )


def tree_as_of(session: Session, day: date) -> list[Node]:
    """Return the whole organisation as it was on a day."""
    known = history(session)
    return rules.tree_on(known.units.values(), known.former, day)


def today_of(session: Session, unit_id: int, day: date) -> list[OrgUnit]:
    """Return what stands for a unit on `day` (today, mostly), following its successors; none when nothing does."""
    known = history(session)
    ids = rules.today_of(unit_id, known.units, known.links, day)
    return [session.get_one(OrgUnit, found) for found in ids]


def visible_tree(actor: Actor, known: History, day: date) -> list[Node]:
    """Return the organisation of a day as far as the actor may see it.

    That is the own branch, what it grew out of, and the way down to both.
    """
    return rules.pruned(rules.tree_on(known.units.values(), known.former, day), units_in_reach(actor, known))


def units_in_reach(actor: Actor, known: History) -> set[int]:
    """Return the ids of the units whose page the actor may open: the own branch and what it grew out of."""
    own = set[int](db.session().scalars(below(actor.unit_ids(VIEW_SCHOOL))))
    return rules.origins_of(own, known.links)


def dated_unit_for(actor: Actor, permission: Permission, unit_id: int) -> OrgUnit:
    """Return a unit, also one of the past: who may do this with what became of it may look at what it was.

    Raises NotFoundError.
    """
    unit = db.session().get(OrgUnit, unit_id)
    if unit is None:
        raise NotFoundError
    if not actor.may(permission, place_of_unit(unit_id)) and not any(
        actor.may(permission, place_of_unit(later)) for later in _successors(unit_id)
    ):
        raise NotFoundError
    return unit


def _successors(unit_id: int) -> list[int]:
    chain = (
        select(OrgSuccession.successor_id)
        .where(OrgSuccession.predecessor_id == unit_id)
        .cte("chain", recursive=True)
    )
    later = select(OrgSuccession.successor_id).join(
        chain, OrgSuccession.predecessor_id == chain.c.successor_id
    )
    chain = chain.union(later)
    return list(db.session().scalars(select(chain.c.successor_id)))
