"""Versions of a timetable: who may do what, when one may begin, what others are told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from app.access import Permission, Reach, Role, everywhere, own_class
from app.errors import InvalidError
from app.facts import Fact
from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

VIEW_TIMETABLES: Final = Permission(
    "timetables.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR),
)
VIEW_WEEK: Final = Permission(
    "timetables.week",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR)
    | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER),
)
VIEW_PUPIL_WEEK: Final = Permission(
    "timetables.pupil_week",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL)
    | own_class(Role.HOMEROOM_TEACHER)
    | {Role.GUARDIAN: Reach.SELF, Role.PUPIL: Reach.SELF},
)
"""The week of one pupil's class: a pupil's own, a guardian's child's. The class itself they do not open."""
OPEN_WEEKS: Final = Permission("timetables.open", {**VIEW_PUPIL_WEEK.reach, **VIEW_WEEK.reach})
"""Whoever has some week to read: the menu's entry leads each to the own one."""
EDIT_TIMETABLES: Final = Permission("timetables.edit", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))


class TimetableState(StrEnum):
    """Where a version stands. Only a draft is edited; a superseded one still says what its days had."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


STATE_NAMES: Final = {
    TimetableState.DRAFT: N_("Bản nháp"),
    TimetableState.PUBLISHED: N_("Đã công bố"),
    TimetableState.SUPERSEDED: N_("Đã thay"),
}


class Standing(StrEnum):
    """What a version is to somebody who reads the list on a day."""

    DRAFT = "draft"
    HOLDS = "holds"
    COMING = "coming"
    OVER = "over"
    NEVER = "never"


def standing_of(state: TimetableState, starts_on: date, ends_on: date | None, today: date) -> Standing:
    """Return how a version that holds in [starts_on, ends_on) stands today."""
    if state is TimetableState.DRAFT:
        return Standing.DRAFT
    if starts_on == ends_on:
        return Standing.NEVER
    if starts_on > today:
        return Standing.COMING
    return Standing.HOLDS if ends_on is None or today < ends_on else Standing.OVER


@dataclass(frozen=True)
class TimetablePublished(Fact):
    """Another timetable holds at a school in [first, after_last)."""

    fact_name: ClassVar[str] = "TimetablePublished"
    school_id: int
    timetable_id: int
    first: date
    after_last: date


@dataclass(frozen=True, slots=True)
class VersionSpan:
    """A version that is no draft, and the days [starts_on, ends_on) that it holds."""

    timetable_id: int
    starts_on: date
    ends_on: date | None


def check_start(starts_on: date, year: tuple[date, date], today: date, others: Iterable[VersionSpan]) -> None:
    """Raise InvalidError unless a version may begin on a day of the school year [first, after last).

    Days that are over keep the timetable they had: a version may only reach back over days that no version holds.
    """
    if not year[0] <= starts_on < year[1]:
        raise _wrong_day(
            say("Thời khóa biểu phải bắt đầu trong năm học, từ %(first)s.", first=f"{year[0]:%d/%m/%Y}")
        )
    if any(
        one.starts_on < today and (one.ends_on is None or one.ends_on > max(starts_on, one.starts_on))
        for one in others
        if starts_on < today
    ):
        raise _wrong_day(say("Thời khóa biểu của những ngày đã qua không sửa được."))


def _wrong_day(why: str) -> InvalidError:
    return InvalidError(why, {"starts_on": say("Chọn hôm nay hoặc một ngày sắp tới.")})


def cut_by(starts_on: date, others: Iterable[VersionSpan]) -> dict[int, date]:
    """Return {version: its new end} for the versions that a new one, from `starts_on` until further notice, supersedes.

    One that would have begun later holds no day at all: it ends where it begins.
    """
    return {
        one.timetable_id: max(starts_on, one.starts_on)
        for one in others
        if one.ends_on is None or one.ends_on > max(starts_on, one.starts_on)
    }
