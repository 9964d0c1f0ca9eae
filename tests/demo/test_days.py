"""The demonstration's calendar: there is school on the day on which somebody looks, in every season."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.school.rules import DayKind, school_day
from demo.days import (
    MAKE_UP_NOTE,
    demo_year,
    first_day_with_registers,
    make_up_days,
    province_days_off,
)
from demo.province import last_whole_year

DAYS = st.dates(date(2026, 1, 1), date(2029, 12, 31))
WEEKDAYS = st.sampled_from(["12345", "123456"])


@given(DAYS, WEEKDAYS)
def test_there_is_school_today_whatever_day_it_is(today: date, weekdays: str) -> None:
    year = demo_year(today)
    province = province_days_off(year)
    entries = {**province, **make_up_days(year, today, weekdays, province)}
    found = school_day(today, (year.starts_on, year.ends_on), map(int, weekdays), entries)
    assert found.is_teaching
    assert str(found.weekday) in weekdays


@given(DAYS, WEEKDAYS)
def test_there_are_weeks_of_school_behind_today(today: date, weekdays: str) -> None:
    year = demo_year(today)
    province = province_days_off(year)
    entries = {**province, **make_up_days(year, today, weekdays, province)}
    first = first_day_with_registers(today, year)
    assert today - first >= timedelta(weeks=6)
    days = [
        school_day(first + timedelta(days=n), (year.starts_on, year.ends_on), map(int, weekdays), entries)
        for n in range((today - first).days)
    ]
    assert sum(day.is_teaching for day in days) >= 15  # after the long Tết break there are fewest


@given(DAYS, WEEKDAYS)
def test_an_ordinary_school_day_needs_no_make_up(today: date, weekdays: str) -> None:
    year = demo_year(today)
    province = province_days_off(year)
    in_frame = year.frame[0] <= first_day_with_registers(today, year) and today < year.frame[1]
    entries = make_up_days(year, today, weekdays, province)
    if in_frame and str(today.isoweekday()) in weekdays and today not in province:
        assert entries == {}
    for day, entry in entries.items():
        assert entry.kind is DayKind.MAKE_UP
        assert entry.note == MAKE_UP_NOTE
        assert day <= today


def test_the_year_turns_in_august() -> None:
    assert demo_year(date(2026, 8, 1)).code == "2026-2027"
    assert demo_year(date(2027, 7, 31)).code == "2026-2027"
    assert demo_year(date(2027, 8, 1)).code == "2027-2028"


def test_the_days_off_of_2026_2027_are_in_the_calendar() -> None:
    days = province_days_off(demo_year(date(2026, 11, 23)))
    assert "chờ xác nhận" in days[date(2026, 11, 24)].note
    assert date(2027, 1, 1) in days
    assert date(2027, 2, 6) in days
    assert date(2027, 4, 30) in days
    assert date(2026, 11, 20) not in days


def test_a_province_has_the_last_year_that_is_over() -> None:
    assert last_whole_year(date(2026, 11, 23)).code == "2025-2026"
    assert last_whole_year(date(2027, 6, 2)).code == "2026-2027"
    assert last_whole_year(date(2027, 5, 31)).code == "2025-2026"
