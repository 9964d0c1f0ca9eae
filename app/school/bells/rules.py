"""Pure rules of bell schedules: what a day's periods may be, and which schedule holds when."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import say
from app.school.rules import SESSION_NAMES, SESSION_ORDER, DaySession

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, time

EDIT_BELLS: Final = Permission(
    "bells.edit", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR)
)
MOST_PERIODS: Final = 6
"""So many lines the editor offers for each session; the ministry allows at most seven periods a day."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the day: session, number within it, wall-clock times, buổi 1 or buổi 2."""

    day_session: DaySession
    number: int
    begins_at: time
    finishes_at: time
    programme_session: int = 1

    @property
    def key(self) -> str:
        """How the period is named in a form: morning-1."""
        return f"{self.day_session}-{self.number}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A school's periods from a day on, until the day before another or until further notice."""

    starts_on: date
    ends_on: date | None
    periods: tuple[Period, ...]


def in_order(periods: Iterable[Period]) -> list[Period]:
    """Return periods as the day goes: by session, then by number."""
    return sorted(periods, key=lambda period: (SESSION_ORDER[period.day_session], period.number))


def check_periods(periods: Sequence[Period]) -> None:
    """Raise InvalidError, with the periods to mend, when the day does not work.

    A period ends after it begins; none begins before the one before it is over; numbers have no gaps; each session
    has its periods in its turn; buổi 1 or buổi 2.
    """
    wrong: dict[str, str] = {}
    if not periods:
        raise InvalidError(say("Nhập giờ của ít nhất một tiết."))
    day = in_order(periods)
    for period in day:
        if period.finishes_at <= period.begins_at:
            wrong[period.key] = say("Giờ ra phải sau giờ vào.")
        elif period.programme_session not in {1, 2}:
            wrong[period.key] = say("Chọn buổi 1 hoặc buổi 2.")
    for before, after in pairwise(day):
        if after.begins_at < before.finishes_at:
            wrong.setdefault(after.key, say("Tiết này vào học khi tiết trước chưa hết giờ."))
    for session in DaySession:
        numbers = [period.number for period in day if period.day_session is session]
        if numbers != list(range(1, len(numbers) + 1)):
            last = f"{session}-{max(numbers)}"
            wrong.setdefault(last, say("Các tiết phải liền nhau: không bỏ trống tiết ở giữa."))
    if wrong:
        raise InvalidError(say("Giờ học chưa hợp lệ. Kiểm tra các tiết được đánh dấu."), wrong)


def plans_of(periods: Iterable[tuple[Period, date, date | None]]) -> list[Plan]:
    """Return the schedules that periods with their validity make up, the earliest first."""
    found: dict[date, list[tuple[Period, date | None]]] = {}
    for period, starts_on, ends_on in periods:
        found.setdefault(starts_on, []).append((period, ends_on))
    return [
        Plan(starts_on, rows[0][1], tuple(in_order(period for period, _ in rows)))
        for starts_on, rows in sorted(found.items())
    ]


def with_plan(plans: Iterable[Plan], starts_on: date, periods: Sequence[Period]) -> list[Plan]:
    """Return the schedules with one that begins on a day put in; one that began on that day is replaced.

    Every day from the first schedule's on has exactly one schedule: each ends where the next begins.
    """
    kept = {plan.starts_on: plan.periods for plan in plans}
    kept[starts_on] = tuple(in_order(periods))
    return _chained(kept)


def without_plan(plans: Iterable[Plan], starts_on: date) -> list[Plan]:
    """Return the schedules without the one that begins on a day; the one before it holds on in its place."""
    return _chained({plan.starts_on: plan.periods for plan in plans if plan.starts_on != starts_on})


def _chained(plans: dict[date, tuple[Period, ...]]) -> list[Plan]:
    days = sorted(plans)
    ends = [*days[1:], None] if days else []
    return [Plan(day, end, plans[day]) for day, end in zip(days, ends, strict=True)]


def plan_on(plans: Iterable[Plan], day: date) -> Plan | None:
    """Return the schedule that holds on a day."""
    return next(
        (plan for plan in plans if plan.starts_on <= day and (plan.ends_on is None or day < plan.ends_on)),
        None,
    )


def session_lines() -> list[tuple[DaySession, str, range]]:
    """Return the sessions of a day with their names and the period numbers that the editor offers."""
    return [(session, SESSION_NAMES[session], range(1, MOST_PERIODS + 1)) for session in DaySession]
