"""What a day is at a school, and what a class name says: properties over generated calendars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.rules import (
    CalendarEntry,
    DayKind,
    EnrolmentStatus,
    days_between,
    grade_of_class,
    school_day,
    year_dates,
)

YEAR = (date(2026, 9, 5), date(2027, 6, 1))
days = st.dates(date(2026, 8, 1), date(2027, 7, 31))
entries = st.builds(CalendarEntry, st.sampled_from(DayKind), st.none() | st.integers(1, 7))


@given(days, st.sets(st.integers(1, 7)), st.dictionaries(days, entries, max_size=5))
def test_a_day_outside_the_year_is_never_a_school_day(
    day: date, weekdays: set[int], calendar: dict[date, CalendarEntry]
) -> None:
    found = school_day(day, YEAR, weekdays, calendar)
    if not YEAR[0] <= day < YEAR[1]:
        assert not found.is_teaching
    elif day not in calendar:
        assert found.is_teaching == (day.isoweekday() in weekdays)


@given(days.filter(lambda day: YEAR[0] <= day < YEAR[1]), st.sets(st.integers(1, 7)), entries)
def test_the_calendar_has_the_last_word(day: date, weekdays: set[int], entry: CalendarEntry) -> None:
    found = school_day(day, YEAR, weekdays, {day: entry})
    if entry.kind in {DayKind.HOLIDAY, DayKind.CLOSURE}:
        assert not found.is_teaching
    elif entry.kind is DayKind.MAKE_UP:
        assert found.is_teaching
        assert found.weekday == (entry.follows_weekday or day.isoweekday())
    else:
        assert found.is_teaching == (day.isoweekday() in weekdays)


@given(days, st.integers(0, 60))
def test_days_are_half_open(first: date, length: int) -> None:
    found = list(days_between(first, first + timedelta(days=length)))
    assert len(found) == length
    assert found == sorted(set(found))
    assert all(first <= day < first + timedelta(days=length) for day in found)


@pytest.mark.parametrize(
    ("name", "grade"),
    [
        ("4/7", 4),
        ("12.6", 12),
        ("6A1", 6),
        ("1A", 1),
        ("L2B", 2),
        ("10.1", 10),
        ("13A", None),
        ("Mầm", None),
        ("", None),
    ],
)
def test_grade_in_a_class_name(name: str, grade: int | None) -> None:
    assert grade_of_class(name) == grade


@pytest.mark.parametrize("code", ["2026-2028", "2026", "26-27", "2027-2026", ""])
def test_a_school_year_is_two_years_in_a_row(code: str) -> None:
    with pytest.raises(InvalidError):
        year_dates(code)


def test_the_frame_of_a_year() -> None:
    assert year_dates("2026-2027") == (date(2026, 9, 5), date(2027, 1, 18), date(2027, 6, 1))


def test_six_statuses_mean_that_the_pupil_is_at_school() -> None:
    studying = {status.value for status in EnrolmentStatus if status.is_studying}
    assert len(EnrolmentStatus) == 12
    assert studying == {
        "Đang học",
        "Chuyển đến kỳ 1",
        "Nghỉ học xin học lại kỳ 1",
        "Chuyển đến kỳ 2",
        "Nghỉ học xin học lại kỳ 2",
        "Chuyển đến trong hè",
    }
