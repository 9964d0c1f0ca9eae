"""From which day the changes of a roster hold, and what leaving is called by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from app.i18n import N_
from app.school.rules import EnrolmentStatus

if TYPE_CHECKING:
    from app.intake.rules.rows import PupilRow


class Leaving(StrEnum):
    """What became of pupils who are no longer in the file: statistics count the two apart."""

    TRANSFERRED = "transferred"
    DROPPED_OUT = "left"


LEAVING_NAMES = {Leaving.TRANSFERRED: N_("Chuyển đi"), Leaving.DROPPED_OUT: N_("Thôi học")}


@dataclass(frozen=True, slots=True)
class Year:
    """The dates of a school year, half-open, and the first day of its second semester."""

    starts_on: date
    second_semester_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person decided about pupils who are missing from the file: whether they leave, and how."""

    ends_missing: bool = False
    leaving: Leaving = Leaving.TRANSFERRED


def effective_day(year: Year, today: date) -> date:
    """Return the day from which changes hold: today, within the year (its first day before, its last day after)."""
    return min(max(today, year.starts_on), year.ends_on - timedelta(days=1))


def start_of(row: PupilRow, year: Year, day: date, *, class_was_empty: bool) -> date:
    """Return the first day of a pupil who arrives.

    The file's own date of the status counts when it falls in the year and is not to come. Without one, those who fill
    an empty class as plain "Đang học" have been there since the year began; anybody else comes today.
    """
    if row.status_date and year.starts_on <= row.status_date <= day:
        return row.status_date
    if class_was_empty and row.status in {None, EnrolmentStatus.STUDYING}:
        return year.starts_on
    return day


def end_of(row: PupilRow | None, year: Year, day: date) -> date:
    """Return the first day on which a leaver is no longer there."""
    if row is not None and row.status_date and year.starts_on <= row.status_date <= day:
        return row.status_date
    return day


def leaving_status(leaving: Leaving, year: Year, day: date) -> EnrolmentStatus:
    """Return the ministry's status of someone who leaves on a day."""
    transferred = leaving is Leaving.TRANSFERRED
    if day < year.second_semester_on:
        return EnrolmentStatus.TRANSFERRED_TERM_1 if transferred else EnrolmentStatus.LEFT_TERM_1
    return EnrolmentStatus.TRANSFERRED_TERM_2 if transferred else EnrolmentStatus.LEFT_TERM_2


def year_choices(today: date, current: str | None) -> list[str]:
    """Return the codes of school years that a roster may be for: the current one first, then the next, the last.

    From June on the coming year is the current one: rosters for it are made in the summer.
    """
    first = today.year if today.month >= 6 else today.year - 1  # noqa: PLR2004 - June
    codes = [f"{year}-{year + 1}" for year in (first, first + 1, first - 1)]
    return [current, *(code for code in codes if code != current)] if current else codes
