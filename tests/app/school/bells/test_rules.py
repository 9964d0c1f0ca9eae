"""A day of periods, and one schedule for every day: properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.bells.rules import (
    GRADES,
    Period,
    Plan,
    check_periods,
    plan_on,
    plans_of,
    with_plan,
    without_plan,
)
from app.school.rules import DaySession

START = date(2026, 9, 1)
days = st.integers(0, 300).map(lambda offset: START + timedelta(days=offset))


def clock_time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@st.composite
def sound_days(draw: st.DrawFn) -> list[Period]:
    """Periods one after the other, numbered within their sessions."""
    minute, found = 6 * 60, []
    for session in DaySession:
        for number in range(1, draw(st.integers(0, 5)) + 1):
            minute += draw(st.integers(0, 20))
            found.append(
                Period(
                    session,
                    number,
                    clock_time(minute),
                    clock_time(minute + 40),
                    draw(st.sampled_from([1, 2])),
                )
            )
            minute += 40
    return found


@given(sound_days(), st.randoms())
def test_a_day_in_order_passes_however_it_is_written_down(periods: list[Period], chance: object) -> None:
    chance.shuffle(periods)  # type: ignore[attr-defined]
    if periods:
        check_periods(periods)
    else:
        with pytest.raises(InvalidError):
            check_periods(periods)


@given(sound_days().filter(lambda periods: len(periods) > 1), st.data())
def test_an_overlap_is_marked_at_the_later_period(periods: list[Period], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(periods) - 1))
    before, late = periods[at - 1], periods[at]
    early = (before.begins_at.hour * 60 + before.begins_at.minute) + 39
    periods[at] = Period(late.day_session, late.number, clock_time(early), late.finishes_at)
    with pytest.raises(InvalidError) as refused:
        check_periods(periods)
    assert late.key in refused.value.fields


@pytest.mark.parametrize(
    "periods",
    [
        [Period(DaySession.MORNING, 1, time(7, 0), time(6, 40))],
        [Period(DaySession.MORNING, 2, time(7, 0), time(7, 40))],
        [Period(DaySession.MORNING, 1, time(7, 0), time(7, 40), 3)],
        [
            Period(DaySession.AFTERNOON, 1, time(7, 0), time(7, 40)),
            Period(DaySession.MORNING, 1, time(13, 0), time(13, 40)),
        ],
    ],
    ids=["ends first", "a gap in the numbers", "no such programme session", "afternoon before morning"],
)
def test_a_day_that_does_not_work_is_refused(periods: list[Period]) -> None:
    with pytest.raises(InvalidError) as refused:
        check_periods(periods)
    assert refused.value.fields


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    first, last = sorted((draw(st.integers(1, 12)), draw(st.integers(1, 12))))
    return Plan(
        draw(days),
        None,
        tuple(draw(sound_days().filter(bool))),
        first,
        last,
        draw(st.sampled_from(["", "Mùa đông"])),
    )


@given(st.lists(plans(), min_size=1, max_size=5), days, st.sampled_from(GRADES))
def test_every_grade_has_one_schedule_a_day_from_its_first_on(
    writes: list[Plan], day: date, grade: int
) -> None:
    known: list[Plan] = []
    for new in writes:
        known = with_plan(known, new)
    begun = [new for new in writes if grade in new.grades and new.starts_on <= day]
    holding = [plan for plan in known if plan.holds(day, grade)]
    assert len(holding) == (1 if begun else 0)
    if begun:
        latest = max(new.starts_on for new in begun)
        newest = [new for new in begun if new.starts_on == latest][-1]
        assert set(holding[0].periods) == set(newest.periods)
        assert plan_on(known, day, grade) == holding[0]


@given(st.lists(plans(), min_size=2, max_size=5, unique_by=lambda plan: plan.starts_on))
def test_taking_back_what_was_put_in_leaves_what_was_before(writes: list[Plan]) -> None:
    *earlier, last = writes
    known: list[Plan] = []
    for new in earlier:
        known = with_plan(known, new)
    assert without_plan(with_plan(known, last), last.starts_on, last.grades) == known


@given(st.lists(plans(), max_size=5))
def test_rows_and_back_are_the_same_schedules(writes: list[Plan]) -> None:
    known: list[Plan] = []
    for new in writes:
        known = with_plan(known, new)
    rows = [(period, replace(plan, periods=())) for plan in known for period in plan.periods]
    assert plans_of(rows) == known
