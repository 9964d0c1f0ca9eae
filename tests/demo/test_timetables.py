"""Timetables: nobody is in two places at once, whatever is asked, and the impossible is refused."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.school.rules import Level
from demo.curricula import BELLS, WEEKS
from demo.schools import SchoolPlan, pilot_schools, teaching_of
from demo.timetables import Period, WantedLesson, pairing, weekly_plan

PLANS = pilot_schools(random.Random(1))


@st.composite
def wanted_lessons(draw: st.DrawFn) -> tuple[list[WantedLesson], list[Period]]:
    """Lessons of which every class and every teacher has at most as many as there are periods."""
    periods = [Period(day, number) for day in range(1, 4) for number in range(1, draw(st.integers(1, 3)) + 1)]
    asked = draw(
        st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from("abc")), max_size=60)
    )
    load: Counter[tuple[str, int]] = Counter()
    lessons = []
    for school_class, teacher, subject in asked:
        sides = ("class", school_class), ("teacher", teacher)
        if all(load[side] < len(periods) for side in sides):
            load.update(sides)
            lessons.append(WantedLesson(school_class, teacher, subject))
    return lessons, periods


@given(wanted_lessons(), st.integers(), st.integers(0, 30))
def test_whatever_fits_is_placed_without_a_collision(
    wanted: tuple[list[WantedLesson], list[Period]], seed: int, tries: int
) -> None:
    lessons, periods = wanted
    placed = weekly_plan(lessons, periods, random.Random(seed), tries)
    assert len(placed) == len(lessons)
    assert set(placed) <= set(periods)
    together = list(zip(lessons, placed, strict=True))
    assert len({(lesson.school_class, period) for lesson, period in together}) == len(lessons)
    assert len({(lesson.teacher, period) for lesson, period in together}) == len(lessons)


def test_more_lessons_than_periods_are_refused() -> None:
    lessons = [WantedLesson(number, 1, "a") for number in range(3)]
    with pytest.raises(ValueError, match="3 lessons for 2 periods"):
        weekly_plan(lessons, [Period(1, 1), Period(1, 2)], random.Random(1))


@given(st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), min_size=1, max_size=7)))
def test_nobody_is_chosen_twice_and_everybody_by_a_wish(wishes: dict[int, list[int]]) -> None:
    try:
        chosen = pairing(wishes)
    except ValueError:
        # Hall (1935): then some keys together wish for fewer than they are; the smallest proof is all their wishes.
        assert any(
            len({w for key in keys for w in wishes[key]}) < len(keys) for keys in _subsets(list(wishes))
        )
        return
    assert chosen.keys() == wishes.keys()
    assert len(set(chosen.values())) == len(chosen)
    assert all(wish in wishes[key] for key, wish in chosen.items())


def _subsets(keys: list[int]) -> list[list[int]]:
    return [[k for place, k in enumerate(keys) if mask >> place & 1] for mask in range(1, 1 << len(keys))]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.code)
def test_a_school_fills_its_week_and_nobody_collides(plan: SchoolPlan) -> None:
    week, teaching = WEEKS[plan.level], teaching_of(plan, random.Random(2), tries=200)
    slots = [(lesson.day_session, lesson.period) for lesson in teaching.lessons]
    assert len(set(zip((lesson.teacher for lesson in teaching.lessons), slots, strict=True))) == len(slots)
    assert len(set(zip((lesson.school_class for lesson in teaching.lessons), slots, strict=True))) == len(
        slots
    )
    assert len(slots) == len(plan.classes) * (len(week.main) + len(week.second))
    bells = {(bell.day_session, bell.number) for bell in BELLS[plan.level]}
    assert {(session, period.number) for session, period in slots} <= bells


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.code)
def test_every_class_has_a_homeroom_teacher_of_its_own_who_teaches_it(plan: SchoolPlan) -> None:
    teaching = teaching_of(plan, random.Random(3), tries=0)
    assert len(set(teaching.homeroom)) == len(plan.classes)
    taught = {(lesson.school_class, lesson.teacher) for lesson in teaching.lessons}
    assert all((number, teacher) in taught for number, teacher in enumerate(teaching.homeroom))
    largest = Counter(lesson.teacher for lesson in teaching.lessons).most_common(1)[0][1]
    assert largest <= WEEKS[plan.level].largest_load + 3  # with a homeroom teacher's own three periods


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.code)
def test_class_sizes_are_natural(plan: SchoolPlan) -> None:
    assert all(28 <= one.size <= 42 for one in plan.classes)
    assert len({one.name for one in plan.classes}) == len(plan.classes)


def test_primary_periods_are_thirty_five_minutes_in_two_sessions() -> None:
    bells = BELLS[Level.PRIMARY]
    minutes = [
        (bell.finishes_at.hour - bell.begins_at.hour) * 60 + bell.finishes_at.minute - bell.begins_at.minute
        for bell in bells
    ]
    assert set(minutes) == {35}
    assert {bell.programme_session for bell in bells} == {1, 2}
    assert all(one.finishes_at <= other.begins_at for one, other in pairwise(bells))
