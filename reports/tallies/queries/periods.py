"""Periods by name: "2026-10" a month, "2026-2027-1" a semester, "2026-2027" a school year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app.school.models import SchoolYear
from reports.cubes.rules import Month
from reports.tallies.rules import Period, PeriodKind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

_NAME: Final = re.compile(r"(20\d\d-20\d\d)(?:-([12]))?")


def period_named(session: Session, name: str) -> Period | None:
    """Return the period that a name stands for; None for another text, and for a time without a school year."""
    years = session.scalars(select(SchoolYear).order_by(SchoolYear.starts_on)).all()
    if month := Month.parse(name):
        return next(
            (_month(year, month) for year in reversed(years) if year.starts_on < month.after_last), None
        )
    found = _NAME.fullmatch(name)
    year = next((year for year in years if found and year.code == found[1]), None)
    if found is None or year is None:
        return None
    return _part(year, found[2])


def periods_until(session: Session, day: date) -> list[Period]:
    """Return the periods that have begun by a day, the newest first: of each school year its months, then the rest."""
    years = session.scalars(
        select(SchoolYear).where(SchoolYear.starts_on <= day).order_by(SchoolYear.starts_on.desc())
    ).all()
    return [period for year in years for period in _periods_of(year, day)]


def _periods_of(year: SchoolYear, day: date) -> list[Period]:
    months = [Month.of(year.starts_on)]
    while months[-1].after_last <= day and months[-1].after_last < year.ends_on:
        months.append(months[-1].next)
    parts = [_part(year, None), _part(year, "1"), _part(year, "2")]
    return [_month(year, month) for month in reversed(months)] + [part for part in parts if part.first <= day]


def _month(year: SchoolYear, month: Month) -> Period:
    return Period(str(month), PeriodKind.MONTH, month.first, month.after_last, year.starts_on, year.code)


def _part(year: SchoolYear, semester: str | None) -> Period:
    if semester is None:
        return Period(year.code, PeriodKind.YEAR, year.starts_on, year.ends_on, year.starts_on, year.code)
    first = year.starts_on if semester == "1" else year.second_semester_on
    after = year.second_semester_on if semester == "1" else year.ends_on
    return Period(f"{year.code}-{semester}", PeriodKind.SEMESTER, first, after, year.starts_on, year.code)
