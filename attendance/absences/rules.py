"""A pupil's year: each day's letter, the sums, the count of 45 sessions; and runs of days of absence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from attendance.registers.rules.marks import Code

SET_OPENING: Final = Permission("absences.opening", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
MOST_SESSIONS: Final = 45
"""TT 22/2021/TT-BGDĐT, Art. 12.1.c: promoted with at most 45 sessions missed in the school year."""
WARN_FROM: Final = 30
FIRST_COUNTED_GRADE: Final = 6
"""The rule is of lower and upper secondary schools; primary schools have none."""
RUN_FROM: Final = 3


@dataclass(frozen=True, slots=True)
class Session:
    """A taken session register in which the pupil was: the day, slot, buổi 1 or 2, and the code (None: present)."""

    day: date
    slot: int
    programme_session: int
    code: Code | None = None

    @property
    def is_absent(self) -> bool:
        """Whether the pupil was absent, for whatever reason."""
        return self.code is not None and not self.code.is_present


@dataclass(frozen=True, slots=True)
class Sums:
    """How many sessions of each sort, of how many taken."""

    taken: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0


def sums_of(sessions: Iterable[Session]) -> Sums:
    """Add up sessions by what their codes mean."""
    found = list(sessions)
    codes = [one.code for one in found if one.code is not None]
    absent = [code for code in codes if not code.is_present]
    excused, pending = sum(code.is_authorised for code in absent), sum(code.is_pending for code in absent)
    return Sums(
        taken=len(found),
        excused=excused,
        unexcused=len(absent) - excused - pending,
        pending=pending,
        late=sum(code.is_late for code in codes),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """The count toward 45: days of absence in buổi 1, and what the pupil brought from elsewhere."""

    days: int
    opening: int = 0

    @property
    def total(self) -> int:
        """What counts."""
        return self.days + self.opening

    @property
    def left(self) -> int:
        """How many more the pupil may miss; 0 when the limit is passed."""
        return max(0, MOST_SESSIONS - self.total)

    @property
    def tone(self) -> str | None:
        """How it is shown: bad beyond the limit, warn from thirty on."""
        if self.total > MOST_SESSIONS:
            return "bad"
        return "warn" if self.total >= WARN_FROM else None


def counted_sessions(sessions: Iterable[Session], opening: int = 0) -> Counted:
    """Count toward the 45 sessions: distinct days with an absence in buổi 1, excused and unexcused together.

    At most one a day: the circular counts by the plan of one session a day. Absences in buổi 2 do not count.
    """
    days = {one.day for one in sessions if one.is_absent and one.programme_session == 1}
    return Counted(len(days), opening)


def letters_by_day(sessions: Iterable[Session]) -> dict[date, Code | None]:
    """Return {day: the gravest code of the day}, None for a day with nothing but presence."""
    found: dict[date, Code | None] = {}
    for one in sessions:
        found[one.day] = max(found.get(one.day), one.code, key=_gravity)
    return found


def _gravity(code: Code | None) -> int:
    if code is None:
        return 0
    if code.is_present:
        return 1
    return 2 if code.is_authorised else 3


def run_of_absence(sessions: Iterable[Session]) -> list[date]:
    """Return the latest days in a row, the latest first, on which the pupil missed every session that was taken.

    Days without a taken register say nothing and break nothing.
    """
    by_day: dict[date, bool] = {}
    for one in sessions:
        by_day[one.day] = by_day.get(one.day, True) and one.is_absent
    run: list[date] = []
    for day in sorted(by_day, reverse=True):
        if not by_day[day]:
            break
        run.append(day)
    return run


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of the drawing: its words, and its days that were taken with their codes."""

    words: str
    days: Sequence[tuple[date, Code | None]]


def rows_by_month(days: dict[date, Code | None]) -> list[MonthRow]:
    """Return the days by month, in order."""
    months: dict[str, list[tuple[date, Code | None]]] = {}
    for day in sorted(days):
        months.setdefault(f"{day:%m/%Y}", []).append((day, days[day]))
    return [MonthRow(words, found) for words, found in months.items()]
