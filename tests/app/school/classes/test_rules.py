"""Rules of classes: the norm of their size, names of a day, one holder of a duty at a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.classes.rules import (
    FormerName,
    Held,
    NewClass,
    checked_class,
    grant_dates,
    is_new_name,
    is_over_norm,
    name_on,
    succession,
)

FIRST = date(2026, 9, 5)
days = st.integers(0, 200).map(lambda offset: FIRST + timedelta(days=offset))


def test_the_norm_is_35_in_primary_and_45_in_secondary_schools() -> None:
    found = [is_over_norm(size, grade) for grade, size in ((1, 35), (5, 36), (6, 45), (9, 46), (12, 45))]
    assert found == [False, True, False, True, False]


def test_a_class_has_the_grade_of_its_name_unless_another_is_said() -> None:
    assert checked_class(NewClass("  6A10 ")).grade == 6
    assert checked_class(NewClass("Lớp ghép", grade=2)).grade == 2
    for wrong in (NewClass("Ghép"), NewClass(" "), NewClass("4" * 33)):
        with pytest.raises(InvalidError):
            checked_class(wrong)


@given(st.lists(days, unique=True, max_size=5), days)
def test_a_class_is_called_what_it_was_called_then(turns: list[date], day: date) -> None:
    former = [FormerName(str(number), turn) for number, turn in enumerate(sorted(turns))]
    assert name_on("now", reversed(former), day) == next(
        (one.name for one in former if day < one.ends_on), "now"
    )


def test_a_new_name_holds_already_and_after_the_last_one() -> None:
    year, today = (FIRST, date(2027, 6, 1)), date(2026, 10, 5)
    former = [FormerName("4/1", date(2026, 9, 20))]
    assert is_new_name(date(2026, 10, 1), former, year, today)
    assert not is_new_name(date(2026, 9, 20), former, year, today), "a typing error, mended"
    for wrong in (date(2026, 9, 19), date(2026, 10, 6)):
        with pytest.raises(InvalidError):
            is_new_name(wrong, former, year, today)


@given(st.lists(st.tuples(st.integers(1, 4), days), max_size=8), days)
def test_a_duty_has_one_holder_a_day_and_the_days_before_stay(
    appointments: list[tuple[int, date]], day: date
) -> None:
    held: list[Held] = []
    for number, (staff_id, starts_on) in enumerate(appointments):
        before = [(one.staff_id, one.starts_on) for one in held if one.holds(day)]
        found = succession(held, staff_id, starts_on)
        held = [
            Held(one.id, one.staff_id, one.starts_on, found.cuts.get(one.id, one.ends_on)) for one in held
        ]
        if found.already is None:
            held.append(Held(number, staff_id, starts_on, found.ends_on))
        after = [(one.staff_id, one.starts_on) for one in held if one.holds(day)]
        assert len(after) <= 1
        assert [one.staff_id for one in held if one.holds(starts_on)] == [staff_id]
        if day < starts_on:
            assert after == before


def test_access_never_begins_before_today() -> None:
    today = date(2026, 10, 5)
    assert grant_dates(FIRST, None, today) == (today, None)
    assert grant_dates(FIRST, today, today) is None
    assert grant_dates(date(2026, 11, 1), date(2026, 12, 1), today) == (date(2026, 11, 1), date(2026, 12, 1))
