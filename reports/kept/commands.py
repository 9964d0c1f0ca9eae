"""Having figures of a place made by a job, making them, and noting that somebody looked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record_each
from app.errors import NotFoundError
from app.i18n import N_
from app.jobs import enqueue
from app.school.models import OrgUnit
from reports.extracts.commands import place_on, release_extract
from reports.kept.models import KeptFigures, KeptRun
from reports.kept.queries import Standing, due_periods, kept_text, standing_of, withheld_since
from reports.kept.rules import FORM, MOST_AT_ONCE, WHOLE, Age, rows_to_keep, written
from reports.official.commands import told_inside
from reports.official.rules import OfficialPeriod, read_form
from reports.tallies.queries import units_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.official.rules import Form
    from reports.tallies.queries import PlaceTree
    from reports.tallies.rules import Period

KEEP_JOB: Final = "figures.keep"


def want_figures(actor: Actor, unit_id: int, periods: Sequence[str]) -> None:
    """Have a job make the figures of a place in these periods; what somebody else wanted just now is not made twice."""
    try:
        with db.transaction() as session:
            _want(session, actor, unit_id, periods)
    except IntegrityError:
        return  # in the same moment somebody else wanted them: they are being made


def _want(session: Session, actor: Actor, unit_id: int, periods: Sequence[str]) -> None:
    known = {
        row.period: row
        for row in session.scalars(
            select(KeptRun).where(KeptRun.unit_id == unit_id, KeptRun.period.in_(periods)).with_for_update()
        )
    }
    job = enqueue(session, KEEP_JOB, actor.user_id, {"unit_id": unit_id, "periods": list(periods)})
    for period in periods:
        row = known.get(period)
        if row is None:
            row = KeptRun(unit_id=unit_id, period=period, sha256="")
            session.add(row)
        row.wanted_at, row.job_id = clock.now(), job.id
    session.flush()


def make_figures(
    actor: Actor, unit_id: int, periods: Sequence[str], report: Callable[[int, int, str], None]
) -> int:
    """Make and keep the figures of a place, the newest period first; return how many periods.

    Each is kept as soon as it is there. Takes seconds for a school, a minute a month for a province. Raises
    UnsafeReleaseError when the attacker breaks one; what was made before stays.
    """
    unit = db.session().get(OrgUnit, unit_id)
    if unit is None:
        raise NotFoundError
    wanted = sorted(periods, reverse=True)
    for done, period in enumerate(wanted):
        report(done, len(wanted), N_("Đang tính số liệu được phép công bố"))
        begun = clock.now()
        found, digest = _made(actor, unit, period)
        with db.transaction() as session:
            row = session.get_one(KeptRun, (unit_id, period), with_for_update=True)
            session.execute(
                delete(KeptFigures).where(KeptFigures.unit_id == unit_id, KeptFigures.period == period)
            )
            session.add_all(
                KeptFigures(unit_id=unit_id, period=period, indicator=name, rows=text)
                for name, text in found.items()
            )
            row.made_at, row.kept_at, row.sha256 = begun, clock.now(), digest
    return len(wanted)


def _made(actor: Actor, unit: OrgUnit, period: str) -> tuple[Mapping[str, str], str]:
    official = OfficialPeriod.parse(period)
    if official is not None:
        place = place_on(unit.code, clock.today())
        schools = units_in_order(db.session(), [one.id for one in place.schools])
        form = told_inside(unit, schools, official)
        return {FORM: form.as_text()}, form.digest
    today = clock.today()
    # Another state each time: whoever wants them made wants them made.
    state = f"{unit.id}/{period}/{clock.now().isoformat()}"
    place = place_on(unit.code, today)
    extract = release_extract(actor, place, period, today, "kept", state)
    found = {name: written(rows) for name, rows in rows_to_keep(extract).items()}
    if len(place.schools) > MOST_AT_ONCE:
        found[WHOLE] = json.dumps(extract.as_json(), ensure_ascii=False, separators=(",", ":"))
    return found, extract.digest


@dataclass(frozen=True, slots=True)
class WholeExtract:
    """An extract of many schools as plain values, with its digest and when it was made."""

    content: Mapping[str, Any]
    sha256: str
    made_at: datetime


def whole_extract(actor: Actor, place: PlaceTree, period: Period, purpose: str) -> WholeExtract | None:
    """Return what is kept of a place of many schools, the look logged; None while it is being worked out.

    What is missing, no longer fresh, or withheld since by another release is made by a job; what is merely old is
    answered meanwhile.
    """
    session, unit_id = db.session(), place.unit.id
    standing = standing_of(session, unit_id, [period.name])
    hidden = withheld_since(session, unit_id, standing)
    text = kept_text(session, unit_id, period.name, WHOLE) if period.name in standing.made else None
    due = set(due_periods(session, unit_id, len(place.schools), [period], standing)) | hidden
    if text is None:
        due.add(period.name)
    if due - standing.waiting - standing.failed:
        want_figures(actor, unit_id, [period.name])
    if text is None or hidden:
        return None
    note_look(actor, unit_id, standing.digests, purpose)
    return WholeExtract(orjson.loads(text), standing.digests[period.name], standing.made[period.name])


@dataclass(frozen=True, slots=True)
class InsideForm:
    """The complete form of a place; None while it is worked out for the first time."""

    form: Form | None
    standing: Standing
    is_school: bool


def inside_form(
    actor: Actor, unit: OrgUnit, schools: Sequence[OrgUnit], period: OfficialPeriod
) -> InsideForm:
    """Return the complete form of a unit, for those on duty; where there are many schools what a job kept, at once.

    A kept one is made again after an hour.
    """
    session, is_school = db.session(), [one.id for one in schools] == [unit.id]
    if len(schools) <= MOST_AT_ONCE:
        return InsideForm(told_inside(unit, schools, period), Standing({}, {}), is_school)
    standing = standing_of(session, unit.id, [period.name])
    age = Age(standing.made.get(period.name), None)
    if not standing.waiting | standing.failed and age.is_due(clock.now(), len(schools), is_over=False):
        want_figures(actor, unit.id, [period.name])
        standing = standing_of(session, unit.id, [period.name])
    text = kept_text(session, unit.id, period.name, FORM)
    return InsideForm(read_form(text, unit.name, len(schools)) if text else None, standing, is_school)


def note_look(actor: Actor, unit_id: int, digests: Mapping[str, str], purpose: str) -> None:
    """Log that somebody looked at kept figures that may leave, {period: digest}."""
    details = [
        {"period": period, "as_of": clock.today(), "form": purpose, "sha256": digest}
        for period, digest in sorted(digests.items())
    ]
    if details:
        with db.transaction() as session:
            record_each(session, actor, "indicators.exported", ("unit", unit_id), details)
