"""The demonstration's calendar: which school year, which days off, and school on the very day on which somebody looks.

Nothing here is computed from the moon or the law: days off are data, as the province would enter them. The dates of Tết
2027 and days that wait for a decision say so in their note.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.school.rules import CalendarEntry, DayKind, days_between, school_day, year_dates

FIRST_MONTH_OF_YEAR: Final = 8
WINDOW: Final = timedelta(weeks=6)
SATURDAY: Final = 6
STAND_IN_WEEKDAY: Final = 2
"""Whose timetable a make-up day follows when the school has none for its own weekday: Tuesday's."""
MAKE_UP_NOTE: Final = "Ngày học bù (dữ liệu mẫu)"
SUMMER_NOTE: Final = "Nghỉ hè"

LUNAR_BLOCKS: Final = {
    2026: (date(2026, 2, 11), date(2026, 2, 23), date(2026, 4, 27)),
    2027: (date(2027, 2, 1), date(2027, 2, 15), date(2027, 4, 16)),
    2028: (date(2028, 1, 21), date(2028, 2, 4), date(2028, 4, 4)),
}
"""By calendar year: first day of the Tết break, first day after it, and the day of Giỗ Tổ Hùng Vương."""


@dataclass(frozen=True, slots=True)
class DemoYear:
    """The school year of the demonstration, [starts_on, ends_on), stretched so that today lies in it."""

    code: str
    starts_on: date
    second_semester_on: date
    ends_on: date
    frame: tuple[date, date]
    """The year as a province would have it; what lies outside is summer, but for the demonstration's own days."""


def demo_year(today: date) -> DemoYear:
    """Return the school year of a day: from 1 August 2026 to 31 July 2027 it is 2026-2027.

    The year begins early enough to have six weeks behind `today`, and never ends before a week after it.
    """
    first = today.year if today.month >= FIRST_MONTH_OF_YEAR else today.year - 1
    code = f"{first}-{first + 1}"
    begins, second, ends = year_dates(code)
    starts_on = min(begins, monday_of(today - WINDOW))
    ends_on = max(ends, today + timedelta(days=7))
    return DemoYear(code, starts_on, second, ends_on, frame=(begins, ends))


def first_day_with_registers(today: date, year: DemoYear) -> date:
    """Return where the registers begin: two whole months and six weeks back, or at the beginning of the year."""
    month_before_last = (today.replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return max(year.starts_on, min(monday_of(today - WINDOW), month_before_last.replace(day=1)))


def monday_of(day: date) -> date:
    """Return the Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def province_days_off(year: DemoYear) -> dict[date, CalendarEntry]:
    """Return what the province's calendar says of the days of a year: public holidays, Tết, and summer."""
    first, second = year.frame[0].year, year.frame[1].year
    named = {
        date(first, 9, 2): "Quốc khánh",
        date(first, 11, 24): "Ngày Văn hóa Việt Nam (chờ xác nhận)",
        date(second, 1, 1): "Tết Dương lịch",
        date(second, 4, 30): "Ngày Giải phóng miền Nam, thống nhất đất nước",
        date(second, 5, 1): "Ngày Quốc tế Lao động",
    }
    if second in LUNAR_BLOCKS:
        begins, after, kings_day = LUNAR_BLOCKS[second]
        named |= dict.fromkeys(days_between(begins, after), f"Nghỉ Tết Nguyên đán {second} (dự kiến)")
        named[kings_day] = "Giỗ Tổ Hùng Vương (chờ xác nhận)"
    summer = [*days_between(year.starts_on, year.frame[0]), *days_between(year.frame[1], year.ends_on)]
    named = dict.fromkeys(summer, SUMMER_NOTE) | named
    return {
        day: CalendarEntry(DayKind.HOLIDAY, note=note)
        for day, note in named.items()
        if year.starts_on <= day < year.ends_on
    }


def make_up_days(
    year: DemoYear, today: date, teaching_weekdays: str, province: dict[date, CalendarEntry]
) -> dict[date, CalendarEntry]:
    """Return a school's own entries, so that there are lessons today, on a Sunday, on a holiday and in July too.

    In the summer the weekdays before `today` are school days as well, since the registers must come from somewhere.
    """
    weekdays = {int(digit) for digit in teaching_weekdays}
    first = first_day_with_registers(today, year)
    summer = [
        day
        for day in days_between(first, today)
        if day.isoweekday() in weekdays and province.get(day, _NOTHING).note == SUMMER_NOTE
    ]
    entries = {day: make_up(day, weekdays) for day in summer}
    if not school_day(today, (year.starts_on, year.ends_on), weekdays, province).is_teaching:
        entries[today] = make_up(today, weekdays)
    return entries


def make_up(day: date, teaching_weekdays: set[int]) -> CalendarEntry:
    """Return the entry that makes a day a school day, with its own weekday's timetable where there is one."""
    weekday = day.isoweekday()
    follows = weekday if weekday in teaching_weekdays and weekday < SATURDAY else STAND_IN_WEEKDAY
    return CalendarEntry(DayKind.MAKE_UP, follows_weekday=follows, note=MAKE_UP_NOTE)


_NOTHING: Final = CalendarEntry(DayKind.INSTRUCTIONAL)
