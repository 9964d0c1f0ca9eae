"""What earlier runs of the second computation found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, true

from app.school.models import OrgUnit, SchoolClass
from reports.checks.models import FigureCheck, FigureDifference

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """A difference as the page shows it; the pupil by number only. No name of a class: it is of the whole school."""

    school: str
    class_name: str
    class_id: int
    day: date
    pupil_id: int | None
    measure: str
    stored: int | None
    computed: int | None


def latest_checks(session: Session, most: int = 10) -> list[FigureCheck]:
    """Return the newest runs, the newest first."""
    return list(session.scalars(select(FigureCheck).order_by(FigureCheck.id.desc()).limit(most)))


def differences_of(
    session: Session, check: FigureCheck, school_ids: list[int] | None, most: int = 500
) -> list[DifferenceLine]:
    """Return what a run found of some schools (of all when None), in order of keys."""
    rows = session.execute(
        select(FigureDifference, OrgUnit.name, func.coalesce(SchoolClass.name, ""))
        .join(OrgUnit, OrgUnit.id == FigureDifference.school_id)
        .outerjoin(SchoolClass, SchoolClass.id == FigureDifference.class_id)
        .where(
            FigureDifference.check_id == check.id,
            true() if school_ids is None else FigureDifference.school_id.in_(school_ids),
        )
        .order_by(FigureDifference.id)
        .limit(most)
    )
    return [
        DifferenceLine(
            school, name, row.class_id, row.day, row.pupil_id, row.measure, row.stored, row.computed
        )
        for row, school, name in rows
    ]


def last_alarm(session: Session) -> FigureCheck | None:
    """Return the newest run that ended, if anything differed in it."""
    run = session.scalar(
        select(FigureCheck).where(FigureCheck.ended_at.is_not(None)).order_by(FigureCheck.id.desc()).limit(1)
    )
    return run if run is not None and run.differences else None


def schools_that_differ(session: Session, check: FigureCheck, school_ids: list[int]) -> list[str]:
    """Return the names of the schools, of these, in which a run found a difference."""
    rows = session.scalars(
        select(OrgUnit.name)
        .where(
            OrgUnit.id.in_(school_ids),
            OrgUnit.id.in_(
                select(FigureDifference.school_id).where(FigureDifference.check_id == check.id).distinct()
            ),
        )
        .order_by(OrgUnit.name_sort, OrgUnit.id)
    )
    return list(rows)
