"""Pure rules of bell schedules: what a day's periods may be, and which schedule holds when and for which grades."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import time
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import N_, say
from app.school.rules import SESSION_NAMES, SESSION_ORDER, DaySession, session_named
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from app.intake.rules.lists import Record
    from app.intake.rules.rows import Cell

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


GRADES: Final = range(1, 13)


@dataclass(frozen=True, slots=True)
class Plan:
    """The periods of some grades from a day on, until the day before another or until further notice."""

    starts_on: date
    ends_on: date | None
    periods: tuple[Period, ...]
    first_grade: int = GRADES[0]
    last_grade: int = GRADES[-1]
    name: str = ""

    @property
    def grades(self) -> range:
        """The grades that it is for."""
        return range(self.first_grade, self.last_grade + 1)

    @property
    def is_for_all(self) -> bool:
        """Whether it is for the whole school."""
        return self.grades == GRADES

    def holds(self, day: date, grade: int | None = None) -> bool:
        """Say whether it holds on a day, for a grade or for any."""
        is_time = self.starts_on <= day and (self.ends_on is None or day < self.ends_on)
        return is_time and (grade is None or grade in self.grades)


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


def plans_of(rows: Iterable[tuple[Period, Plan]]) -> list[Plan]:
    """Return the schedules that periods make up, the earliest first; each comes with its schedule's other facts."""
    found: dict[Plan, list[Period]] = {}
    for period, about in rows:
        found.setdefault(about, []).append(period)
    return sorted(
        (replace(about, periods=tuple(in_order(periods))) for about, periods in found.items()), key=_order
    )


def _order(plan: Plan) -> tuple[date, int]:
    return plan.starts_on, plan.first_grade


def with_plan(plans: Iterable[Plan], new: Plan) -> list[Plan]:
    """Return the schedules with one put in for its grades; one that began for them on the same day is replaced.

    A grade has one schedule a day from its first one on: each ends where the grade's next begins. A schedule for more
    grades than the new one goes on for the others.
    """
    chains = _chains(plans)
    for grade in new.grades:
        chains[grade][new.starts_on] = (new.name, tuple(in_order(new.periods)))
    return _from_chains(chains)


def without_plan(plans: Iterable[Plan], starts_on: date, grades: Iterable[int] = GRADES) -> list[Plan]:
    """Return the schedules without what begins for these grades on a day; what was before it holds on in its place."""
    chains = _chains(plans)
    for grade in grades:
        chains[grade].pop(starts_on, None)
    return _from_chains(chains)


_Chain = dict["date", tuple[str, tuple[Period, ...]]]


def _chains(plans: Iterable[Plan]) -> dict[int, _Chain]:
    """Return what begins when, grade by grade."""
    chains: dict[int, _Chain] = {grade: {} for grade in GRADES}
    for plan in plans:
        for grade in plan.grades:
            chains[grade][plan.starts_on] = (plan.name, plan.periods)
    return chains


def _from_chains(chains: dict[int, _Chain]) -> list[Plan]:
    """Return schedules again: neighbouring grades with the same periods on the same days share one."""
    made: list[Plan] = []
    open_plans: list[Plan] = []
    for grade in GRADES:
        days = sorted(chains[grade])
        ends = [*days[1:], None] if days else []
        now = [
            Plan(day, end, chains[grade][day][1], grade, grade, chains[grade][day][0])
            for day, end in zip(days, ends, strict=True)
        ]
        grown = [_grown(plan, open_plans) for plan in now]
        made += [plan for plan in open_plans if not any(_is_same(plan, one) for one in grown)]
        open_plans = grown
    return sorted([*made, *open_plans], key=_order)


def _grown(plan: Plan, before: Iterable[Plan]) -> Plan:
    same = next((one for one in before if _is_same(one, plan)), None)
    return replace(plan, first_grade=same.first_grade) if same else plan


def _is_same(one: Plan, other: Plan) -> bool:
    return (one.starts_on, one.ends_on, one.name, one.periods) == (
        other.starts_on,
        other.ends_on,
        other.name,
        other.periods,
    )


def plan_on(plans: Iterable[Plan], day: date, grade: int | None = None) -> Plan | None:
    """Return the schedule that holds on a day, for a grade or for whichever comes first."""
    return next((plan for plan in plans if plan.holds(day, grade)), None)


def session_lines() -> list[tuple[DaySession, str, range]]:
    """Return the sessions of a day with their names and the period numbers that the editor offers."""
    return [(session, SESSION_NAMES[session], range(1, MOST_PERIODS + 1)) for session in DaySession]


# --- from a file --------------------------------------------------------------------------------------------------

HEADINGS: Final = {
    "session": (N_("Buổi"), "buoi hoc", "ca"),
    "number": (N_("Tiết"), "tiet hoc", "tiet thu"),
    "begins": (N_("Giờ vào"), "vao", "bat dau", "tu", "gio bat dau"),
    "finishes": (N_("Giờ ra"), "ra", "ket thuc", "den", "gio ket thuc"),
    "programme": (N_("Buổi 1/2"), "buoi chuong trinh", "loai buoi", "buoi 1 hay buoi 2"),
    "grades": (N_("Khối"), "khoi lop", "ap dung cho khoi"),
    "name": (N_("Tên lịch"), "ten", "lich"),
}
NEEDED: Final = ("session", "number", "begins", "finishes")


def plans_in(records: Iterable[Record], starts_on: date) -> list[Plan]:
    """Return the schedules that a list of periods says, one for each span of grades, from a day on.

    A row without grades is for the whole school. Raises InvalidError with the row of the first cell that will not do.
    """
    found: dict[tuple[int, int, str], list[Period]] = {}
    for record in records:
        found.setdefault((*_grades(record), record.text("name")), []).append(_period(record))
    return [
        Plan(starts_on, None, tuple(in_order(periods)), first, last, name)
        for (first, last, name), periods in found.items()
    ]


def _period(record: Record) -> Period:
    session, number = session_named(record.text("session")), record.text("number")
    begins, finishes = _clock_time(record.cell("begins")), _clock_time(record.cell("finishes"))
    programme = re.sub(r"\D", "", record.text("programme")) or "1"
    counted = re.fullmatch(r"(?:tiet )?(\d{1,2})", fold(number))
    if session is None or counted is None or begins is None or finishes is None:
        raise InvalidError(
            say(
                "Dòng %(row)s: cần buổi (Sáng, Chiều, Tối), số tiết, giờ vào và giờ ra như 07:00.",
                row=record.row,
            )
        )
    return Period(session, int(counted[1]), begins, finishes, int(programme))


def _grades(record: Record) -> tuple[int, int]:
    text = record.text("grades")
    numbers = [int(one) for one in re.findall(r"\d{1,2}", text)]
    if not numbers:
        return GRADES[0], GRADES[-1]
    if not all(number in GRADES for number in numbers) or len(numbers) > 2 or numbers[0] > numbers[-1]:  # noqa: PLR2004
        raise InvalidError(say("Dòng %(row)s: khối ghi như 6 hoặc 6-9.", row=record.row))
    return numbers[0], numbers[-1]


def _clock_time(cell: Cell) -> time | None:
    """Return the time of "07:00", "7h00", "7g", or of the share of a day that Excel keeps; None for anything else."""
    if isinstance(cell, float) and 0 < cell < 1:
        minutes = round(cell * 24 * 60)
        return time(minutes // 60, minutes % 60)
    match = re.fullmatch(r"(\d{1,2})\s*[:hg.]\s*(\d{2})?(?::\d{2})?", str(cell).strip().lower())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (24, 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours and minutes of a day
