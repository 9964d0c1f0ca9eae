"""What holds on a day and how many weeks are taught: properties over generated calendars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.calendar.rules import (
    Decision,
    check_decision,
    check_year,
    decided_days,
    months_of,
    taught_weeks,
)
from app.school.rules import CalendarEntry, DayKind, SchoolDay, days_between

YEAR = (date(2026, 9, 5), date(2027, 6, 1))
SECOND = date(2027, 1, 18)
days = st.dates(date(2026, 9, 1), date(2027, 6, 30))
entries = st.builds(CalendarEntry, st.sampled_from(DayKind), st.none() | st.integers(1, 7))
calendars = st.dictionaries(st.integers(1, 4), st.dictionaries(days, entries, max_size=6), max_size=4)


@given(calendars, st.permutations([1, 2, 3, 4]))
def test_the_nearest_unit_wins_and_what_it_overrides_is_told(
    calendar: dict[int, dict[date, CalendarEntry]], chain: list[int]
) -> None:
    found = decided_days(chain, calendar)
    assert set(found) == {day for own in calendar.values() for day in own}
    for day, decided in found.items():
        deciders = [unit_id for unit_id in chain if day in calendar.get(unit_id, {})]
        assert decided.unit_id == deciders[0]
        assert decided.entry == calendar[deciders[0]][day]
        assert decided.overridden_unit_id == (deciders[1] if len(deciders) > 1 else None)


@given(st.lists(st.tuples(days, st.booleans())))
def test_every_teaching_day_is_counted_in_one_semester(taught: list[tuple[date, bool]]) -> None:
    first, second = taught_weeks(
        [SchoolDay(day, is_teaching, day.isoweekday()) for day, is_teaching in taught], SECOND, "12345"
    )
    assert first.days + second.days == sum(is_teaching for _, is_teaching in taught)
    for semester in (first, second):
        assert semester.weeks * 5 + semester.days_over == semester.days
        assert (semester.days_missing == 0) == (semester.days >= semester.planned * 5)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(200, 330))
def test_the_twelve_months_hold_each_day_once(first: date, length: int) -> None:
    months = months_of((first, first + timedelta(days=length)), "12345", {}, 1)
    shown = [cell.what.day for month in months for week in month.weeks for cell in week if cell]
    start = first.replace(day=1)
    assert shown == list(days_between(start, start + timedelta(days=len(shown))))
    assert len(months) == 12
    assert all(len(week) == 7 for month in months for week in month.weeks)
    assert all(
        cell is None or cell.what.day.weekday() == at
        for month in months
        for week in month.weeks
        for at, cell in enumerate(week)
    )


@given(
    days, st.integers(-3, 200), st.sampled_from([*DayKind, None]), st.none() | st.integers(0, 9), st.text()
)
def test_a_decision_is_refused_with_the_field_to_mend(
    first: date, length: int, kind: DayKind | None, follows: int | None, note: str
) -> None:
    decision = Decision(first, first + timedelta(days=length), kind, follows, note)
    is_sound = (
        1 <= length <= 120
        and (kind is not DayKind.MAKE_UP or follows in range(1, 8))
        and (kind not in {DayKind.HOLIDAY, DayKind.CLOSURE, DayKind.PARTIAL} or bool(note))
    )
    if is_sound:
        check_decision(decision)
    else:
        with pytest.raises(InvalidError) as refused:
            check_decision(decision)
        assert refused.value.fields


@given(days, days, days)
def test_the_days_of_a_year_stand_in_order(starts_on: date, second: date, ends_on: date) -> None:
    if starts_on < second < ends_on:
        check_year(starts_on, second, ends_on)
    else:
        with pytest.raises(InvalidError):
            check_year(starts_on, second, ends_on)
