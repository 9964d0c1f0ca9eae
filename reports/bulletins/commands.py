"""Having bulletins made, making and filing them, and the schedule that does it by itself."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import SYSTEM
from app.audit.commands import record
from app.errors import BangXanhError, InvalidError, NotFoundError
from app.i18n import N_, say
from app.jobs import enqueue
from app.paper import pdf_of
from app.school.models import OrgUnit
from reports.bulletins.models import Bulletin, BulletinOrder, BulletinSchedule
from reports.bulletins.queries import is_school, latest_bulletin
from reports.bulletins.rules import Content, Schedule, content_of, told_on_paper
from reports.cubes.rules import Month
from reports.extracts.commands import release_extract
from reports.releases.rules import UnsafeReleaseError
from reports.tallies.queries import period_named, place_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.extracts.rules import Extract
    from reports.tallies.queries import PlaceTree

FILE_JOB: Final = "bulletins.file"
TEMPLATE: Final = Path(__file__).parent / "templates" / "bulletins" / "bulletin.typ"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bulletins: a unit's month, and perhaps of each school below it."""

    unit_id: int
    period: str
    with_schools: bool
    client_key: str


@dataclass(frozen=True, slots=True)
class Made:
    """What came of an order: bulletins filed, those that said the same as before, places that failed, seconds."""

    filed: int
    unchanged: int
    failed: tuple[str, ...]
    seconds: float


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


def make_bulletins(actor: Actor, order_id: int, report: Callable[[int, int, str], None]) -> Made:
    """Make and file what an order asks for, one place after the other; a place that fails does not stop the others.

    Doing it again files only what says something else by now.
    """
    begun, row = time.perf_counter(), db.session().get_one(BulletinOrder, order_id)
    unit = db.session().get_one(OrgUnit, row.unit_id)
    period, codes = row.period, _codes(unit, with_schools=row.with_schools)
    filed, failed = 0, []
    for done, (code, name) in enumerate(codes):
        report(done, len(codes), N_("Đang lập báo cáo"))
        try:
            filed += file_bulletin(actor, order_id, code, period)
        except (BangXanhError, UnsafeReleaseError):
            db.session().rollback()
            failed.append(name)
    with db.transaction() as session:
        session.get_one(BulletinOrder, order_id).done_at = clock.now()
    unchanged = len(codes) - filed - len(failed)
    return Made(filed, unchanged, tuple(failed), time.perf_counter() - begun)


def _codes(unit: OrgUnit, *, with_schools: bool) -> list[tuple[str, str]]:
    place = place_tree(db.session(), unit.code, clock.today())
    if place is None:
        raise NotFoundError
    schools = place.schools if with_schools else ()
    return [(one.code, one.name) for one in dict.fromkeys((place.unit, *schools))]


def file_bulletin(actor: Actor, order_id: int, code: str, period: str) -> bool:
    """Make one place's bulletin and file it unless it says what the newest says; return whether it was filed."""
    place, content = compose(actor, code, period)
    paper = paper_of(content)
    with db.transaction() as session:
        session.get_one(OrgUnit, place.unit.id, with_for_update=True)
        latest = latest_bulletin(session, place.unit.id, period)
        if latest is not None and latest.sha256 == content.digest:
            return False
        row = Bulletin(
            unit_id=place.unit.id,
            order_id=order_id,
            period=period,
            revision=latest.revision + 1 if latest else 1,
            content=content.text,
            sha256=content.digest,
            paper_sha256=hashlib.sha256(paper).hexdigest(),
            made_at=clock.now(),
        )
        session.add(row)
        details = {"period": period, "revision": row.revision, "sha256": row.sha256}
        record(session, actor, "bulletin.filed", ("unit", place.unit.id), details)
    return True


def compose(actor: Actor, code: str, period: str) -> tuple[PlaceTree, Content]:
    """Let the figures of a place's month, the month before and the same month last year out, and tell them.

    Raises NotFoundError for a unit or month that does not exist, UnsafeReleaseError when the attacker breaks one.
    """
    month = Month.parse(period)
    place = place_tree(db.session(), code, clock.today())
    if month is None or place is None:
        raise NotFoundError
    # Told once each: the state by which extracts are kept would be a hash of every roll of the province.
    state = f"bulletin/{code}/{clock.now().isoformat()}"
    now = release_extract(actor, place, period, clock.today(), "bulletin", state)
    before = _earlier(actor, place, month.previous, state)
    year_ago = _earlier(actor, place, Month(month.year - 1, month.month), state)
    return place, content_of(now, before, year_ago, _above(place))


def _earlier(actor: Actor, place: PlaceTree, month: Month, state: str) -> Extract | None:
    """Return what may be told of an earlier month; None where the registers know nothing of it."""
    if period_named(db.session(), str(month)) is None:
        return None
    found = release_extract(actor, place, str(month), clock.today(), "bulletin", state)
    return found if any(row.place == found.place for row in found.rows) else None


def _above(place: PlaceTree) -> str:
    unit = db.session().get(OrgUnit, place.unit.id)
    parent = db.session().get(OrgUnit, unit.parent_id) if unit and unit.parent_id else None
    return parent.name if parent else ""


def paper_of(content: Content) -> bytes:
    """Return a bulletin's PDF: the same content, program and typeface give the same bytes. Native code of 0.1 s."""
    return pdf_of(TEMPLATE, told_on_paper(content))


def note_download(actor: Actor, row: Bulletin, form: str) -> None:
    """Record that somebody took a bulletin, before it is handed out."""
    with db.transaction() as session:
        details = {"period": row.period, "revision": row.revision, "form": form, "sha256": row.sha256}
        record(session, actor, "bulletin.downloaded", ("unit", row.unit_id), details)


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
