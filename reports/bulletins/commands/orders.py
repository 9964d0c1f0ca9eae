"""Having bulletins made, and the schedule that does it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import SYSTEM
from app.audit.commands import record
from app.errors import InvalidError
from app.i18n import say
from app.jobs import enqueue
from reports.bulletins.models import BulletinOrder, BulletinSchedule
from reports.bulletins.queries import is_school
from reports.bulletins.rules import Schedule
from reports.cubes.rules import Month
from reports.tallies.queries import period_named

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor

FILE_JOB: Final = "bulletins.file"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bulletins: a unit's month, and perhaps of each school below it."""

    unit_id: int
    period: str
    with_schools: bool
    client_key: str


def order_bulletins(actor: Actor, wanted: Wanted, *, is_queued: bool = True) -> int:
    """Have bulletins made by a job and return the order's id; the same key twice is one order.

    Without `is_queued` no job is made: whoever asks makes them (`make_bulletins`).

    Raises InvalidError for a month that does not exist or has not begun.
    """
    _require_month(wanted.period)
    try:
        with db.transaction() as session:
            return _order(session, actor, wanted, is_queued=is_queued)
    except IntegrityError:
        with db.transaction() as session:  # somebody sent the same form at the same time: it is found now
            return _order(session, actor, wanted, is_queued=is_queued)


def _require_month(period: str) -> None:
    month = Month.parse(period)
    if month is None or month.first > clock.today() or period_named(db.session(), period) is None:
        message = say("Không có số liệu của tháng này. Hãy chọn tháng khác.")
        raise InvalidError(message, {"period": message})


def _order(session: Session, actor: Actor, wanted: Wanted, *, is_queued: bool = True) -> int:
    earlier = session.scalar(
        select(BulletinOrder.id).where(
            BulletinOrder.client_key == wanted.client_key, BulletinOrder.unit_id == wanted.unit_id
        )
    )
    if earlier is not None:
        return earlier
    row = BulletinOrder(
        unit_id=wanted.unit_id,
        period=wanted.period,
        with_schools=wanted.with_schools and not is_school(session, wanted.unit_id),
        client_key=wanted.client_key,
        made_by=actor.user_id or None,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    if is_queued:
        row.job_id = enqueue(session, FILE_JOB, actor.user_id, {"order_id": row.id}).id
    details = {"period": row.period, "schools": row.with_schools}
    record(session, actor, "bulletins.ordered", ("unit", row.unit_id), details)
    return row.id


# --- by itself ----------------------------------------------------------------------------------------------------


def set_schedule(actor: Actor, unit_id: int, schedule: Schedule | None, *, with_schools: bool) -> None:
    """Have a unit's bulletins made by a cron rule from now on; None: no longer. The same again changes nothing."""
    with db.transaction() as session:
        row = session.get(BulletinSchedule, unit_id)
        if schedule is None:
            if row is not None:
                session.delete(row)
                record(session, actor, "bulletins.unscheduled", ("unit", unit_id), {})
            return
        if row is None:
            row = BulletinSchedule(unit_id=unit_id, seen_until=clock.now())
            session.add(row)
        elif (row.cron, row.with_schools) == (schedule.text, with_schools):
            return
        row.cron, row.with_schools, row.set_by = schedule.text, with_schools, actor.user_id or None
        details = {"cron": schedule.text, "schools": with_schools}
        record(session, actor, "bulletins.scheduled", ("unit", unit_id), details)


def order_scheduled() -> None:
    """Order what a schedule asks for, of the month before the day when it is due. Harmless in two workers."""
    due = db.session().scalars(select(BulletinSchedule.unit_id)).all()
    db.session().rollback()
    for unit_id in due:
        _order_one(unit_id)


def _order_one(unit_id: int) -> None:
    with db.transaction() as session:
        row = session.get(BulletinSchedule, unit_id, with_for_update=True)
        if row is None:
            return
        now = clock.now()
        moment = Schedule(row.cron).due(row.seen_until, now)
        row.seen_until = now
        if moment is None:
            return
        month = Month.of(moment.date()).previous
        if period_named(session, str(month)) is not None:
            key = f"schedule-{unit_id}-{moment:%Y%m%d%H%M}"
            _order(session, SYSTEM, Wanted(unit_id, str(month), row.with_schools, key))
