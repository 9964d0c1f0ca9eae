"""Running the second computation and keeping what it found."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from app import clock, db
from app.school.models import School
from app.school.queries import latest_year
from reports.checks.models import FigureCheck, FigureDifference
from reports.checks.queries import raw_rows
from reports.checks.rules import second_computation
from reports.cubes.commands import refresh_year
from reports.stretches.commands import rebuild
from reports.stretches.rules import stretch_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from reports.checks.rules import Found

log = logging.getLogger(__name__)
MOST_KEPT: Final = 1000
"""Differences of one school that are kept; more of them are the same fault. The count counts them all."""
KEPT_FOR: Final = timedelta(days=60)


def run_nightly() -> None:
    """Bring every school's cubes up to date with the year so far, then compute them a second time and compare.

    In this order: what an edit of the calendar changed is no fault, what two computations disagree about is one.
    """
    mended = refresh_year() + rebuild(_all_schools())
    check_figures(mended=mended)


def check_figures(school_ids: Sequence[int] | None = None, *, mended: int = 0) -> int:
    """Check schools (all when None), keep what differs, and return the id of the run. One transaction per school."""
    year = latest_year(db.session(), clock.today())
    school_ids = _all_schools() if school_ids is None else school_ids
    with db.transaction() as session:
        _forget_old(session)
        check = FigureCheck(began_at=clock.now(), engine=f"DuckDB {version('duckdb')}", mended=mended)
        session.add(check)
        session.flush()
        check_id = check.id
    for school_id in school_ids if year else ():
        _check_school(check_id, school_id, stretch_of(year.starts_on, []) if year else clock.today())
    with db.transaction() as session:
        session.get_one(FigureCheck, check_id).ended_at = clock.now()
    return check_id


def _all_schools() -> Sequence[int]:
    return db.session().scalars(select(School.id).order_by(School.id)).all()


def _check_school(check_id: int, school_id: int, first: date) -> None:
    raw = raw_rows(db.session(), school_id, first)
    db.session().rollback()
    found = second_computation(raw)
    with db.transaction() as session:
        check = session.get_one(FigureCheck, check_id)
        check.schools += 1
        check.rows_read += sum(len(rows) for rows in raw.values())
        check.differences += len(found)
        session.add_all(_row(check_id, school_id, one) for one in found[:MOST_KEPT])
    if found:
        log.error(
            "figures of school %s differ from their second computation in %s places", school_id, len(found)
        )


def _row(check_id: int, school_id: int, found: Found) -> FigureDifference:
    return FigureDifference(check_id=check_id, school_id=school_id, **asdict(found))


def _forget_old(session: Session) -> None:
    old = select(FigureCheck.id).where(FigureCheck.began_at < clock.now() - KEPT_FOR)
    session.execute(delete(FigureDifference).where(FigureDifference.check_id.in_(old)))
    session.execute(delete(FigureCheck).where(FigureCheck.began_at < clock.now() - KEPT_FOR))
