"""Making bulletins, filing them, and setting them on paper."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app import clock, db
from app.audit.commands import record
from app.errors import BangXanhError, NotFoundError
from app.i18n import N_
from app.paper import pdf_of
from app.school.models import OrgUnit
from reports.bulletins.models import Bulletin, BulletinOrder
from reports.bulletins.queries import latest_bulletin
from reports.bulletins.rules import Content, content_of, told_on_paper
from reports.cubes.rules import Month
from reports.extracts.commands import release_extract, release_schools
from reports.releases.rules import UnsafeReleaseError
from reports.tallies.queries import period_named, place_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.access import Actor
    from reports.extracts.rules import Extract
    from reports.tallies.queries import PlaceTree

SCHOOLS_AT_ONCE: Final = 30
"""Their figures are read in the statements of one school, and wait together in memory: some 20,000 pupils."""
TEMPLATE: Final = Path(__file__).parents[1] / "templates" / "bulletins" / "bulletin.typ"


@dataclass(frozen=True, slots=True)
class Made:
    """What came of an order: bulletins filed, those that said the same as before, places that failed, seconds."""

    filed: int
    unchanged: int
    failed: tuple[str, ...]
    seconds: float


def make_bulletins(
    actor: Actor,
    order_id: int,
    report: Callable[[int, int, str], None],
    keep: Callable[[str, Content, bytes], None] | None = None,
) -> Made:
    """Make and file what an order asks for, some schools at a time; a place that fails does not stop the others.

    Doing it again files only what says something else by now. `keep` is given every place's code, content and PDF.
    """
    begun, row = time.perf_counter(), db.session().get_one(BulletinOrder, order_id)
    unit = db.session().get_one(OrgUnit, row.unit_id)
    period, places = row.period, _places(unit, with_schools=row.with_schools)
    above, filed, failed = _names_above(places), 0, list[str]()
    queue = _batches(places)
    while queue:
        batch = queue.pop(0)
        report(len(places) - sum(map(len, queue)) - len(batch), len(places), N_("Đang lập báo cáo"))
        try:
            contents = compose(actor, batch, period, above)
        except (BangXanhError, UnsafeReleaseError):
            db.session().rollback()
            if len(batch) > 1:  # one of them: each by itself
                queue[:0] = [[place] for place in batch]
            else:
                failed.append(batch[0].unit.name)
            continue
        for place, content in zip(batch, contents, strict=True):
            filed += file_bulletin(actor, order_id, place, content, keep)
    with db.transaction() as session:
        session.get_one(BulletinOrder, order_id).done_at = clock.now()
    unchanged = len(places) - filed - len(failed)
    return Made(filed, unchanged, tuple(failed), time.perf_counter() - begun)


def _places(unit: OrgUnit, *, with_schools: bool) -> list[PlaceTree]:
    place = place_tree(db.session(), unit.code, clock.today())
    if place is None:
        raise NotFoundError
    schools = [one for one in place.walk() if with_schools and one.unit.kind == "school"]
    return [place, *(one for one in schools if one.unit.id != place.unit.id)]


def _batches(places: Sequence[PlaceTree]) -> list[list[PlaceTree]]:
    """Put schools together that are read at once; a place above schools stays alone."""
    schools = [place for place in places if place.unit.kind == "school"]
    return [[place] for place in places if place.unit.kind != "school"] + [
        schools[first : first + SCHOOLS_AT_ONCE] for first in range(0, len(schools), SCHOOLS_AT_ONCE)
    ]


def _names_above(places: Sequence[PlaceTree]) -> dict[int, str]:
    """Return {unit: the name of the unit above it}."""
    parent = aliased(OrgUnit)
    rows = db.session().execute(
        select(OrgUnit.id, parent.name)
        .join(parent, parent.id == OrgUnit.parent_id)
        .where(OrgUnit.id.in_([place.unit.id for place in places]))
    )
    return {row[0]: row[1] for row in rows}


def file_bulletin(
    actor: Actor,
    order_id: int,
    place: PlaceTree,
    content: Content,
    keep: Callable[[str, Content, bytes], None] | None = None,
) -> bool:
    """File a place's bulletin unless it says what the newest says; return whether it was filed."""
    latest = latest_bulletin(db.session(), place.unit.id, content.values["period"])
    is_new = latest is None or latest.sha256 != content.digest
    paper = paper_of(content) if is_new or keep else b""
    filed = is_new and _file(actor, order_id, place.unit.id, content, paper)
    if keep:
        keep(place.unit.code, content, paper)
    return filed


def _file(actor: Actor, order_id: int, unit_id: int, content: Content, paper: bytes) -> bool:
    period = content.values["period"]
    with db.transaction() as session:
        session.get_one(OrgUnit, unit_id, with_for_update=True)
        latest = latest_bulletin(session, unit_id, period)
        if latest is not None and latest.sha256 == content.digest:
            return False
        row = Bulletin(
            unit_id=unit_id,
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
        record(session, actor, "bulletin.filed", ("unit", unit_id), details)
    return True


def compose(
    actor: Actor, places: Sequence[PlaceTree], period: str, above: Mapping[int, str]
) -> list[Content]:
    """Let the figures of places' month, the month before and the same month last year out, and tell them.

    Several places at once are schools, and all of their figures are read at once.

    Raises NotFoundError for a month that does not exist, UnsafeReleaseError when the attacker breaks a release.
    """
    month = Month.parse(period)
    if month is None or period_named(db.session(), period) is None:
        raise NotFoundError
    now = _let_out(actor, places, month)
    before = _let_out(actor, places, month.previous)
    year_ago = _let_out(actor, places, Month(month.year - 1, month.month))
    return [
        content_of(
            now[place.unit.id],
            _told(before.get(place.unit.id)),
            _told(year_ago.get(place.unit.id)),
            above.get(place.unit.id, ""),
        )
        for place in places
    ]


def _let_out(actor: Actor, places: Sequence[PlaceTree], month: Month) -> dict[int, Extract]:
    """Return {place: its extract of a month}; nothing where the calendar knows no such month."""
    session, period, today = db.session(), str(month), clock.today()
    if period_named(session, period) is None:
        return {}
    if all(place.unit.kind == "school" for place in places):
        return release_schools(actor, places, period, today, "bulletin")
    # Told once: the state by which extracts are kept would be a hash of every roll of the province.
    state = f"bulletin/{clock.now().isoformat()}"
    return {
        place.unit.id: release_extract(actor, place, period, today, "bulletin", state) for place in places
    }


def _told(extract: Extract | None) -> Extract | None:
    """Return what may be told of an earlier month; None where the registers know nothing of it."""
    if extract is None or not any(row.place == extract.place for row in extract.rows):
        return None
    return extract


def paper_of(content: Content) -> bytes:
    """Return a bulletin's PDF: the same content, program and typeface give the same bytes. Native code of 0.1 s."""
    return pdf_of(TEMPLATE, told_on_paper(content))


def note_download(actor: Actor, row: Bulletin, form: str) -> None:
    """Record that somebody took a bulletin, before it is handed out."""
    with db.transaction() as session:
        details = {"period": row.period, "revision": row.revision, "form": form, "sha256": row.sha256}
        record(session, actor, "bulletin.downloaded", ("unit", row.unit_id), details)
