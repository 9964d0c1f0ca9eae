"""Likeness of records, and two histories that become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.duplicates.rules import Likeness, Record, candidates, entered_twice_from, joined, shortened
from app.school.enrolment.rules import ClassStay, History, Stay

BORN = date(2016, 5, 17)
FIRST = date(2025, 9, 5)
YEAR_LENGTH = 365


def test_likeness_is_said_with_its_reason() -> None:
    records = [
        Record(1, "Lê An", "le an", BORN, None, "TAM-1"),
        Record(2, "Lê Ân", "le an", BORN, "7500000001", None),
        Record(3, "Lê An", "le an", BORN, "7500000002", None),
        Record(4, "Y Bloong", "y bloong", None, None, "TAM-0075000-00009"),
        Record(5, "Y Blong", "y blong", BORN, "7500000009", None),
        Record(6, "Lê An", "le an", None, None, None),
    ]
    found = {(one.first.id, one.second.id): one.likeness for one in candidates(records)}
    assert found == {(2, 1): Likeness.NAMESAKE, (3, 1): Likeness.NAMESAKE, (5, 4): Likeness.RENAMED}


def test_an_old_year_that_was_left_open_ends_with_the_new_one() -> None:
    kept = History((Stay(1, 1, 2, "Đang học", None, date(2026, 9, 5), None),))
    gone = History((Stay(2, 1, 1, "Đang học", None, FIRST, None),), (ClassStay(3, 9, 1, 1, FIRST, None),))
    after = joined(kept, gone)
    assert [(one.id, one.ends_on) for one in after.stays] == [(2, date(2026, 9, 5)), (1, None)]
    assert after.classes[0].ends_on == date(2026, 9, 5)


@st.composite
def lives(draw: st.DrawFn, first_id: int) -> History:
    """Up to three enrolments one after the other, the last perhaps open."""
    marks = sorted(draw(st.lists(st.integers(0, 2 * YEAR_LENGTH), min_size=2, max_size=6, unique=True)))
    stays = []
    for number, (start, end) in enumerate(zip(marks[::2], marks[1::2], strict=False)):
        begins = FIRST + timedelta(days=start)
        year = 1 + (start >= YEAR_LENGTH)
        stays.append(Stay(first_id + number, 1, year, "Đang học", None, begins, FIRST + timedelta(days=end)))
    if draw(st.booleans()):
        stays[-1] = replace(stays[-1], ends_on=None)
    return History(tuple(stays))


def test_what_the_kept_record_holds_open_takes_the_place_of_all_that_the_other_says_of_that_school_and_year() -> (
    None
):
    returned = History((
        Stay(1, 1, 1, "Đang học", None, FIRST, FIRST + timedelta(days=1)),
        Stay(2, 1, 1, "Đang học", None, FIRST + timedelta(days=2), None),
    ))  # fmt: skip
    stayed = History((Stay(10, 1, 1, "Đang học", None, FIRST, None),))
    after = joined(stayed, returned)
    assert {one.id: (one.starts_on == one.ends_on) for one in after.stays} == {1: True, 2: True, 10: False}
    with pytest.raises(InvalidError):
        joined(returned, stayed)  # kept, it says that the pupil was away for a day: only people know


def on(history: History, day: date) -> list[Stay]:
    return [
        one for one in history.stays if one.starts_on <= day and (one.ends_on is None or day < one.ends_on)
    ]


@given(lives(1), lives(10))
def test_a_joined_history_has_one_enrolment_a_day_and_loses_none(one: History, other: History) -> None:
    days = [FIRST + timedelta(days=count) for count in range(0, 3 * YEAR_LENGTH, 5)]
    try:
        after = joined(one, other)
    except InvalidError:
        # Of two entries at one school the kept one holds, so there it matters which that is; otherwise it does not.
        if entered_twice_from(one, other) is None:
            with pytest.raises(InvalidError):
                joined(other, one)
        return
    assert {row.id for row in after.stays} == {row.id for row in (*one.stays, *other.stays)}
    for day in days:
        holding = on(after, day)
        assert len(holding) <= 1
        held = on(one, day) + on(other, day)
        if not holding:  # only what an older year left open may have ended, and only where a later one began
            assert all(row.ends_on is None for row in held)
            later = [row for row in after.stays if row.starts_on <= day]
            assert all(any(it.year_id > row.year_id for it in later) for row in held)
        assert held or not holding


@given(lives(1), lives(10))
def test_who_was_entered_twice_at_one_school_is_there_every_day_that_either_record_says(
    one: History, other: History
) -> None:
    first = entered_twice_from(one, other)
    short = shortened(one, other)
    assert first == entered_twice_from(other, one)
    assert (short == other) == (first is None)
    for day in (FIRST + timedelta(days=count) for count in range(0, 3 * YEAR_LENGTH, 5)):
        assert bool(on(one, day) + on(short, day)) == bool(on(one, day) + on(other, day))
