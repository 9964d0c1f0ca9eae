"""Statuses by the ministry's names, and what each step refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.enrolment.rules import (
    STATUS_NAMES,
    ClassPlace,
    Coming,
    Going,
    History,
    YearFrame,
    corrected,
    enrolled,
    from_json,
    gone,
    moved,
    restated,
    status_of,
    to_json,
)
from app.school.rules import EnrolmentStatus

if TYPE_CHECKING:
    from collections.abc import Callable

YEAR = YearFrame(1, date(2026, 9, 5), date(2027, 1, 18), date(2027, 6, 1))
NEXT = YearFrame(2, date(2027, 9, 5), date(2028, 1, 18), date(2028, 6, 1))
HERE, THERE = ClassPlace(11, 1, YEAR), ClassPlace(12, 1, YEAR)
AUTUMN, SPRING, SUMMER = date(2026, 10, 5), date(2027, 3, 1), date(2027, 7, 1)


def test_every_status_has_its_words() -> None:
    assert set(STATUS_NAMES) == set(EnrolmentStatus)
    assert all(name == status.value for status, name in STATUS_NAMES.items())


@pytest.mark.parametrize(
    ("how", "day", "status"),
    [
        (Coming.NEW, AUTUMN, "Đang học"),
        (Coming.ARRIVED, AUTUMN, "Chuyển đến kỳ 1"),
        (Coming.ARRIVED, SPRING, "Chuyển đến kỳ 2"),
        (Coming.ARRIVED, SUMMER, "Chuyển đến trong hè"),
        (Coming.RETURNED, AUTUMN, "Nghỉ học xin học lại kỳ 1"),
        (Coming.RETURNED, SPRING, "Nghỉ học xin học lại kỳ 2"),
        (Going.TRANSFERRED, AUTUMN, "Chuyển đi kỳ 1"),
        (Going.TRANSFERRED, SPRING, "Chuyển đi kỳ 2"),
        (Going.TRANSFERRED, SUMMER, "Chuyển đi trong hè"),
        (Going.LEFT, AUTUMN, "Thôi học kỳ 1"),
        (Going.LEFT, SPRING, "Thôi học kỳ 2"),
        (Going.LEFT, SUMMER, "Thôi học trong hè"),
    ],
)
def test_statuses_by_the_ministrys_names(how: Coming | Going, day: date, status: str) -> None:
    assert status_of(how, YEAR, day) == status


@given(
    st.sampled_from([Going.TRANSFERRED, Going.LEFT, Coming.ARRIVED]),
    st.dates(AUTUMN, SUMMER),
    st.dates(AUTUMN, SUMMER),
)
def test_restating_a_status_is_stating_it_for_the_other_day(
    how: Coming | Going, one: date, other: date
) -> None:
    assert restated(status_of(how, YEAR, one), YEAR, other) == status_of(how, YEAR, other)


def test_a_leaver_keeps_how_they_came_and_the_corrected_semester() -> None:
    history = gone(enrolled(History(), HERE, AUTUMN, Coming.ARRIVED), 1, YEAR, SPRING, Going.LEFT)
    assert (history.stays[0].came_as, history.stays[0].status) == ("Chuyển đến kỳ 1", "Thôi học kỳ 2")
    right = date(2026, 12, 1)
    assert corrected(history, SPRING, right, {1: YEAR}).stays[0].status == "Thôi học kỳ 1"
    came = corrected(history, AUTUMN, date(2027, 2, 1), {1: YEAR}).stays[0]
    assert (came.came_as, came.status) == ("Chuyển đến kỳ 2", "Thôi học kỳ 2")


def test_the_new_year_ends_what_the_old_one_left_open() -> None:
    history = enrolled(History(), HERE, AUTUMN, Coming.NEW)
    after = enrolled(history, ClassPlace(21, 2, NEXT), NEXT.starts_on, Coming.NEW)
    assert [one.ends_on for one in after.stays] == [NEXT.starts_on, None]
    assert [one.ends_on for one in after.classes] == [NEXT.starts_on, None]


def test_a_move_on_the_first_day_replaces_the_class() -> None:
    history = enrolled(History(), HERE, AUTUMN, Coming.NEW)
    assert [one.class_id for one in moved(history, THERE, AUTUMN).classes] == [12]


def test_what_is_refused_says_which_field() -> None:
    history = enrolled(History(), HERE, AUTUMN, Coming.NEW)
    attempts: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: enrolled(history, THERE, SPRING, Coming.NEW), "day"),
        (lambda: enrolled(History(), HERE, YEAR.ends_on, Coming.NEW), "day"),
        (lambda: moved(history, HERE, SPRING), "class_id"),
        (lambda: moved(history, THERE, AUTUMN - timedelta(days=1)), "day"),
        (lambda: gone(history, 1, YEAR, AUTUMN - timedelta(days=1), Going.LEFT), "day"),
        (lambda: gone(history, 1, YEAR, date(2028, 6, 1), Going.LEFT), "day"),
    )
    for act, field in attempts:
        with pytest.raises(InvalidError) as refused:
            act()
        assert field in refused.value.fields


@given(st.lists(st.dates(AUTUMN, SPRING), max_size=4, unique=True))
def test_a_history_is_read_as_it_was_written(days: list[date]) -> None:
    history = enrolled(History(), HERE, AUTUMN, Coming.NEW)
    for place, day in enumerate(sorted(set(days) - {AUTUMN})):
        history = moved(history, (THERE, HERE)[place % 2], day)
    history = gone(history, 1, YEAR, SPRING, Going.LEFT)
    assert from_json(to_json(history)) == history
