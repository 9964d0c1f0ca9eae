"""Running the second computation and keeping what it found."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from app import clock, db
from app.school.models import School
from app.school.queries import latest_year
from reports.checks.models import FigureCheck, FigureDifference
from reports.checks.queries import Asked, load_raw
from reports.cubes.commands import rebuild as rebuild_days
from reports.cubes.commands import sum_school_days
from reports.stretches.commands import rebuild
from reports.stretches.rules import stretch_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from reports.checks.rules.beside import Found

log = logging.getLogger(__name__)
ENGINE: Final = f"NumPy {version('numpy')}, DuckDB {version('duckdb')}"
MOST_KEPT: Final = 1000
"""Differences of one school that are kept; more of them are the same fault. The count counts them all."""
KEPT_FOR: Final = timedelta(days=60)


def run_nightly() -> None:
    """Compute every cube a second time and compare; what differs the first one computes again, for a second look.

    So what an edit of the calendar changed is no fault, nor a register that was saved a moment ago: only what two
    computations disagree about is one.
    """
    check_figures(mend=True)


def check_figures(school_ids: Sequence[int] | None = None, *, mend: bool = False) -> int:
    """Check schools (all when None), keep what differs, and return the id of the run.

    With `mend` the cubes of schools in which anything differs are first brought up to date.
    """
    year, mended = latest_year(db.session(), clock.today()), 0
    check_id = _begin()
    if year is not None:
        asked = Asked(stretch_of(year.starts_on, []), clock.today() + timedelta(days=1), _numbers(school_ids))
        seen = _look(asked)
        outcome = seen
        if mend and seen.counts:
            mended = sum(_mend(school_id, asked) for school_id in seen.counts)
            outcome = _look(replace(asked, school_ids=tuple(sorted(seen.counts))))
        _keep(check_id, len(_all_schools() if school_ids is None else school_ids), seen.rows, outcome)
    with db.transaction() as session:
        check = session.get_one(FigureCheck, check_id)
        check.ended_at, check.mended = clock.now(), mended
    return check_id


def _begin() -> int:
    with db.transaction() as session:
        _forget_old(session)
        check = FigureCheck(began_at=clock.now(), engine=ENGINE)
        session.add(check)
        session.flush()
        return check.id


def _numbers(school_ids: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if school_ids is None else tuple(school_ids)


def _all_schools() -> Sequence[int]:
    return db.session().scalars(select(School.id).order_by(School.id)).all()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Raw rows that were read, {school: how much differs}, and what does, as far as it is kept."""

    rows: int
    counts: Mapping[int, int]
    found: Sequence[Found]


def _look(asked: Asked) -> _Outcome:
    """Compute once, for all schools that are asked for, and compare."""
    from reports.checks.rules.second import SecondComputation  # noqa: PLC0415 - NumPy, which no request needs

    with TemporaryDirectory(prefix="bangxanh-check-") as name, SecondComputation(Path(name)) as second:
        rows = load_raw(db.session(), asked, second, Path(name))
        db.session().rollback()
        second.compute()
        second.compare()
        return _Outcome(sum(rows.values()), second.counts(), second.found(MOST_KEPT))


def _mend(school_id: int, asked: Asked) -> int:
    """Bring a school's cubes to what the first computation says; return how many rows changed."""
    changed = rebuild_days([school_id], asked.first, asked.after_last) + rebuild([school_id])
    with db.transaction() as session:
        sum_school_days(session, school_id, asked.first, asked.after_last)
    return changed


def _keep(check_id: int, schools: int, rows: int, outcome: _Outcome) -> None:
    with db.transaction() as session:
        check = session.get_one(FigureCheck, check_id)
        check.schools, check.rows_read = schools, rows
        check.differences = sum(outcome.counts.values())
        session.add_all(FigureDifference(check_id=check_id, **asdict(one)) for one in outcome.found)
    for school_id, count in outcome.counts.items():
        log.error("figures of school %s differ from their second computation in %s places", school_id, count)


def _forget_old(session: Session) -> None:
    old = select(FigureCheck.id).where(FigureCheck.began_at < clock.now() - KEPT_FOR)
    session.execute(delete(FigureDifference).where(FigureDifference.check_id.in_(old)))
    session.execute(delete(FigureCheck).where(FigureCheck.began_at < clock.now() - KEPT_FOR))
