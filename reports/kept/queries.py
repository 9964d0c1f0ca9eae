"""Reading kept figures: when they were made, whether they are due, and their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import clock
from app.jobs import Job, JobState, Progress, current_jobs
from app.school.models import OrgUnit
from app.school.queries import below
from app.school.rules import UnitKind
from reports.cubes.models import ClassDay
from reports.indicators.rules import definitions
from reports.kept.models import KeptFigures, KeptRun
from reports.kept.rules import FORM, TRIED_AGAIN_AFTER, WHOLE, Age, read_rows
from reports.releases.models import FrozenCell

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from reports.extracts.rules import ExtractRow
    from reports.tallies.rules import Period


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the figures of a place: which periods are there, which are being made, which just failed."""

    made: dict[str, datetime]
    digests: dict[str, str]
    kept: dict[str, datetime] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    job_id: int | None = None

    @property
    def oldest(self) -> datetime | None:
        """When the oldest of the shown figures were made."""
        return min(self.made.values(), default=None)

    @property
    def progress(self) -> Progress:
        """How far the job is."""
        return current_jobs().progress(self.job_id) if self.job_id else Progress()


def standing_of(session: Session, unit_id: int, periods: Collection[str]) -> Standing:
    """Return where the figures of a place and these periods stand; one statement."""
    rows = session.execute(
        select(KeptRun, Job.state)
        .outerjoin(Job, Job.id == KeptRun.job_id)
        .where(KeptRun.unit_id == unit_id, KeptRun.period.in_(periods))
        .order_by(KeptRun.period)
        .execution_options(populate_existing=True)
    ).all()
    there = [run for run, _state in rows if run.made_at is not None]
    working = [run for run, state in rows if state in {JobState.QUEUED, JobState.RUNNING}]
    lately = clock.now() - TRIED_AGAIN_AFTER
    failed = frozenset(
        run.period for run, state in rows if state == JobState.FAILED and run.wanted_at > lately
    )
    return Standing(
        {run.period: run.made_at for run in there if run.made_at},
        {run.period: run.sha256 for run in there},
        {run.period: run.kept_at for run in there if run.kept_at},
        frozenset(run.period for run in working),
        failed,
        working[0].job_id if working else None,
    )


def due_periods(
    session: Session, unit_id: int, schools: int, periods: Sequence[Period], standing: Standing
) -> list[str]:
    """Return the periods that should be made (again) and are not being made; one statement."""
    now, today, settled = clock.now(), clock.today(), standing.waiting | standing.failed
    changes = _changes_since(session, unit_id, standing.oldest) if standing.oldest else []
    found = []
    for one in periods:
        changed = max((at for day, at in changes if one.first <= day < one.after_last), default=None)
        age = Age(standing.made.get(one.name), changed)
        if one.name not in settled and age.is_due(now, schools, is_over=one.after_last <= today):
            found.append(one.name)
    return found


def _changes_since(session: Session, unit_id: int, since: datetime) -> list[tuple[date, datetime]]:
    """Return the days of a place whose cube was written since a moment, with the last time."""
    rows = session.execute(
        select(ClassDay.day, func.max(ClassDay.computed_at))
        .where(ClassDay.computed_at >= since, ClassDay.school_id.in_(below([unit_id])))
        .group_by(ClassDay.day)
    )
    return [(day, at) for day, at in rows]


def schools_below(session: Session, unit_id: int) -> int:
    """Return how many schools a unit has today, 1 for a school."""
    query = select(func.count()).where(
        OrgUnit.id.in_(below([unit_id])), OrgUnit.kind == UnitKind.SCHOOL, OrgUnit.valid_to.is_(None)
    )
    return session.scalar(query) or 0


def kept_rows(
    session: Session,
    unit_id: int,
    periods: Sequence[Period],
    indicator: str | None,
    own: tuple[str, str] | None = None,
) -> dict[str, list[ExtractRow]]:
    """Return {period: rows} of a place, in the order of the catalogue, of one indicator or of all; one statement.

    `own` is the kind and code of the place, if its own rows alone are wanted.
    """
    query = select(KeptFigures.period, KeptFigures.indicator, KeptFigures.rows).where(
        KeptFigures.unit_id == unit_id,
        KeptFigures.period.in_([one.name for one in periods]),
        KeptFigures.indicator.not_in((FORM, WHOLE)),
    )
    if indicator is not None:
        query = query.where(KeptFigures.indicator == indicator)
    kept = {(period, code): text for period, code, text in session.execute(query)}
    return {
        one.name: [
            row
            for known in definitions(one.first)
            if (text := kept.get((one.name, known.code)))
            for row in read_rows(text, known, own)
        ]
        for one in periods
    }


def kept_text(session: Session, unit_id: int, period: str, name: str) -> str | None:
    """Return what is kept under a name, `FORM` of an official day or `WHOLE`; None while there is none."""
    return session.scalar(
        select(KeptFigures.rows).where(
            KeptFigures.unit_id == unit_id, KeptFigures.period == period, KeptFigures.indicator == name
        )
    )


def withheld_since(session: Session, unit_id: int, standing: Standing) -> frozenset[str]:
    """Return the periods in which another release withheld a cell after the figures here were made: not to be shown."""
    rows = session.execute(
        select(FrozenCell.period, func.max(FrozenCell.since))
        .where(FrozenCell.school_id.in_(below([unit_id])), FrozenCell.period.in_(standing.kept))
        .group_by(FrozenCell.period)
    )
    return frozenset(period for period, since in rows if since > standing.kept[period])
