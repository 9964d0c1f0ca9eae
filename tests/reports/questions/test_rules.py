"""Funnels: small places are not shamed by noise, a large place that is low is seen; weeks have names."""

from __future__ import annotations

import itertools
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from reports.questions.rules import ALARM, WARNING, Place, Week, Zone, funnel, picture, together

USUAL = [Place(number, f"T{number}", 10_000, 400 + 10 * (number % 3)) for number in range(12)]


def zone_of(place: Place) -> Zone:
    found = funnel([*USUAL, place])
    assert found is not None
    return found.zone(place)


def test_the_same_rate_is_noise_in_a_small_place_and_a_fact_in_a_large_one() -> None:
    assert zone_of(Place(99, "nhỏ", 60, 5)) is Zone.WITHIN
    assert zone_of(Place(99, "lớn", 12_000, 1000)) is Zone.VERY_LOW


def test_few_places_are_not_compared_and_nothing_taken_has_no_funnel() -> None:
    few = funnel(USUAL[:3])
    assert few is not None
    assert picture(few).limits == ()
    assert {few.zone(place) for place in USUAL[:3]} == {Zone.WITHIN}
    assert funnel([Place(1, "T", due=5)]) is None


def test_names_in_the_drawing_are_few_and_never_on_top_of_each_other() -> None:
    low = [Place(100 + number, f"L{number}", 10_000, 1500 + 4 * number) for number in range(9)]
    found = funnel([*USUAL * 4, *low, Place(200, "thấp nhất", 10_000, 2200)])
    assert found is not None
    drawn = picture(found)
    assert len(drawn.striking) > len(drawn.named) >= 2
    assert 200 in drawn.named
    heights = sorted(dot.y for dot in drawn.dots if dot.place.id in drawn.named)
    assert all(after - before >= 7 for before, after in itertools.pairwise(heights))


@given(
    st.lists(
        st.integers(1, 5000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        min_size=1,
        max_size=30,
    )
)
def test_limits_hold_the_centre_and_narrow_with_size(sizes: list[tuple[int, int]]) -> None:
    places = [Place(number, "", expected, absent) for number, (expected, absent) in enumerate(sizes)]
    found = funnel(places)
    assert found is not None
    assert found.spread >= 1
    assert found.centre == together(places).rate
    for deviations in (WARNING, ALARM):
        small, large = found.limits(10, deviations), found.limits(1000, deviations)
        assert small[0] <= large[0] <= found.centre <= large[1] <= small[1]
    drawn = picture(found)
    assert all(0 <= dot.x <= 96 and -0.01 <= dot.y <= 100.01 for dot in drawn.dots)


def test_weeks_begin_on_monday_and_have_iso_names() -> None:
    week = Week.of(date(2026, 10, 11))
    assert (str(week), week.monday) == ("2026-W41", date(2026, 10, 5))
    assert Week.parse("2026-W41") == week
    assert [Week.parse(text) for text in ("", "2026-41", "2026-W77", "W")] == [None] * 4
    assert week.a_year_ago.monday.isoweekday() == 1
