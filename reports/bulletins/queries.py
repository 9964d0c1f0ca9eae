"""Reading bulletins: what is filed within somebody's reach, what is being made, what makes itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app import db
from app.errors import NotFoundError
from app.jobs import Job, JobState
from app.school.models import OrgUnit, School
from app.school.queries import below, place_of_unit
from reports.bulletins.models import Bulletin, BulletinOrder, BulletinSchedule
from reports.bulletins.rules import FILE_REPORT
from reports.indicators.rules import VIEW_REPORT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.access import Actor

SHOWN_ORDERS: Final = 5


@dataclass(frozen=True, slots=True)
class Filed:
    """A bulletin in the list, with the unit that it is about."""

    id: int
    unit_name: str
    unit_sort: str
    kind: str
    period: str
    revision: int
    made_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order with its unit and where its job stands."""

    row: BulletinOrder
    unit_name: str
    job_state: str | None
    result: str | None

    @property
    def is_failed(self) -> bool:
        """Whether the job ended without having made them."""
        return self.row.done_at is None and self.job_state == JobState.FAILED

    @property
    def is_waiting(self) -> bool:
        """Whether they are still being made."""
        return self.row.done_at is None and not self.is_failed


def filed_for(actor: Actor) -> list[Filed]:
    """Return the newest revision of every bulletin within reach, the newest month first, larger places first."""
    newest = (
        select(Bulletin.unit_id, Bulletin.period, func.max(Bulletin.revision).label("revision"))
        .where(Bulletin.unit_id.in_(below(actor.unit_ids(VIEW_REPORT))))
        .group_by(Bulletin.unit_id, Bulletin.period)
        .subquery()
    )
    rows = db.session().execute(
        select(
            Bulletin.id, OrgUnit.name, OrgUnit.name_sort, OrgUnit.kind, Bulletin.period, Bulletin.revision,
            Bulletin.made_at, Bulletin.sha256,
        )
        .join(OrgUnit, OrgUnit.id == Bulletin.unit_id)
        .join(
            newest,
            (newest.c.unit_id == Bulletin.unit_id)
            & (newest.c.period == Bulletin.period)
            & (newest.c.revision == Bulletin.revision),
        )
        .order_by(Bulletin.period.desc(), OrgUnit.kind == "school", OrgUnit.name_sort, OrgUnit.id)
    )  # fmt: skip
    return [Filed(*row) for row in rows]


def bulletin_for(actor: Actor, bulletin_id: int) -> Bulletin:
    """Return a bulletin with its content where the actor sees reports of its unit; raise NotFoundError."""
    row = db.session().scalar(
        select(Bulletin).where(Bulletin.id == bulletin_id).options(undefer(Bulletin.content))
    )
    if row is None:
        raise NotFoundError
    actor.require(VIEW_REPORT, place_of_unit(row.unit_id))
    return row


def latest_bulletin(session: Session, unit_id: int, period: str) -> Bulletin | None:
    """Return the newest revision of a unit's month."""
    return session.scalar(
        select(Bulletin)
        .where(Bulletin.unit_id == unit_id, Bulletin.period == period)
        .order_by(Bulletin.revision.desc())
        .limit(1)
    )


def orders_for(actor: Actor) -> list[Ordered]:
    """Return the latest orders within reach, the newest first."""
    reach = below(actor.unit_ids(FILE_REPORT))
    query = _orders().where(BulletinOrder.unit_id.in_(reach)).order_by(BulletinOrder.id.desc())
    return [Ordered(*row) for row in db.session().execute(query.limit(SHOWN_ORDERS))]


def order_for(actor: Actor, order_id: int) -> Ordered:
    """Return an order of a unit for which the actor has bulletins made; raise NotFoundError."""
    row = db.session().execute(_orders().where(BulletinOrder.id == order_id)).one_or_none()
    if row is None:
        raise NotFoundError
    found = Ordered(*row)
    actor.require(FILE_REPORT, place_of_unit(found.row.unit_id))
    return found


def _orders() -> Select[BulletinOrder, str, str | None, str | None]:
    return (
        select(BulletinOrder, OrgUnit.name, Job.state, Job.result)
        .join(OrgUnit, OrgUnit.id == BulletinOrder.unit_id)
        .outerjoin(Job, Job.id == BulletinOrder.job_id)
    )


def units_for(actor: Actor) -> list[OrgUnit]:
    """Return the units for which the actor has bulletins made, the larger first; closed units are left out."""
    query = select(OrgUnit).where(
        OrgUnit.id.in_(below(actor.unit_ids(FILE_REPORT))),
        OrgUnit.kind.in_(("province", "ward", "school")),
        OrgUnit.valid_to.is_(None),
    )
    found = db.session().scalars(query.order_by(OrgUnit.name_sort, OrgUnit.id)).all()
    return sorted(found, key=lambda unit: ("province", "ward", "school").index(unit.kind))


def schedules_for(actor: Actor) -> list[tuple[BulletinSchedule, str]]:
    """Return the schedules of units within reach, each with the unit's name."""
    rows = db.session().execute(
        select(BulletinSchedule, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == BulletinSchedule.unit_id)
        .where(BulletinSchedule.unit_id.in_(below(actor.unit_ids(FILE_REPORT))))
        .order_by(OrgUnit.name_sort, OrgUnit.id)
    )
    return [(row, name) for row, name in rows]


def is_school(session: Session, unit_id: int) -> bool:
    """Say whether a unit is a school."""
    return session.get(School, unit_id) is not None
