"""Reading the outbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import db
from app.errors import NotFoundError
from app.school.models import OrgUnit
from app.school.queries import below, place_of_unit
from app.school.rules import UnitKind
from reports.cubes.rules import Month
from reports.envelope.rules import Slice, SliceAddress, envelope
from reports.exchange.models import OutgoingSlice
from reports.exchange.rules import WAITING, SliceState
from reports.official.rules import OfficialPeriod

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class SliceLine:
    """A slice with the name of its school."""

    row: OutgoingSlice
    school: str

    @property
    def month(self) -> Month | None:
        """The month that the slice is about."""
        return Month.parse(self.row.period)

    @property
    def official(self) -> OfficialPeriod | None:
        """The official day that the slice is about."""
        return OfficialPeriod.parse(self.row.period)


def slice_for(actor: Actor, permission: Permission, slice_id: int) -> OutgoingSlice:
    """Return a slice, or raise NotFoundError."""
    row = db.session().get(OutgoingSlice, slice_id)
    if row is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(row.school_id))
    return row


def slices_for(
    actor: Actor, permission: Permission, *, page: int, per_page: int
) -> tuple[list[SliceLine], int]:
    """Return one page of the slices that the actor may see, the newest first, and how many there are in all."""
    here = OutgoingSlice.school_id.in_(below(actor.unit_ids(permission)))
    session = db.session()
    total = session.scalar(select(func.count()).select_from(OutgoingSlice).where(here)) or 0
    rows = session.execute(
        select(OutgoingSlice, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == OutgoingSlice.school_id)
        .where(here)
        .order_by(OutgoingSlice.id.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return [SliceLine(row, name) for row, name in rows], total


def counts_by_state(actor: Actor, permission: Permission) -> dict[SliceState, int]:
    """Return how many of the actor's slices are in each state."""
    rows = db.session().execute(
        select(OutgoingSlice.state, func.count())
        .where(OutgoingSlice.school_id.in_(below(actor.unit_ids(permission))))
        .group_by(OutgoingSlice.state)
    )
    return {SliceState(state): count for state, count in rows}


def hub_owner(session: Session) -> str:
    """Return the name of the province-level unit, whose hub it is; "" when there is none. It is data: it may change."""
    top = select(OrgUnit.name).where(OrgUnit.kind == UnitKind.PROVINCE, OrgUnit.valid_to.is_(None))
    return session.scalar(top.order_by(OrgUnit.id).limit(1)) or ""


def latest_slice(session: Session, school_id: int, dataset: str, period: str) -> OutgoingSlice | None:
    """Return the slice with the highest number of its address."""
    return session.scalar(
        select(OutgoingSlice)
        .where(
            OutgoingSlice.school_id == school_id,
            OutgoingSlice.dataset == dataset,
            OutgoingSlice.period == period,
        )
        .order_by(OutgoingSlice.sequence.desc())
        .limit(1)
    )


def has_waiting(session: Session) -> bool:
    """Say whether anything waits to be sent."""
    return (
        session.scalar(select(OutgoingSlice.id).where(OutgoingSlice.state.in_(WAITING)).limit(1)) is not None
    )


def delivered_slices(session: Session) -> list[OutgoingSlice]:
    """Return the slices that the hub should hold now: the last of each address, if it was sent."""
    newest = (
        select(func.max(OutgoingSlice.id))
        .group_by(OutgoingSlice.dataset, OutgoingSlice.school_id, OutgoingSlice.period)
        .scalar_subquery()
    )
    delivered = (SliceState.SENT, SliceState.RECEIVED)
    return list(
        session.scalars(
            select(OutgoingSlice)
            .where(OutgoingSlice.id.in_(newest), OutgoingSlice.state.in_(delivered))
            .order_by(OutgoingSlice.id)
        )
    )


def as_slice(row: OutgoingSlice) -> Slice:
    """Return a stored slice as it travels."""
    address = SliceAddress(row.dataset, row.organisation, row.period)
    return Slice(address, row.sequence, json.loads(row.content))


def envelope_of(row: OutgoingSlice, sender: str) -> bytes:
    """Return the bytes that are sent for a slice, and that its file export holds: always the same ones."""
    return envelope(as_slice(row), sender, row.accepted_at)
