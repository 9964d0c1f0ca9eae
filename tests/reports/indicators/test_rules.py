from __future__ import annotations

import itertools
from dataclasses import fields, replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.indicators.rules import (
    CATALOGUE,
    Count,
    Counts,
    definition,
    definitions,
    evaluate,
    fifths,
    total,
)

DAY = date(2026, 10, 15)
RATE = definition("attendance_rate", DAY)
COVERAGE = definition("register_coverage", DAY)


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    due = draw(st.integers(0, 60))
    taken = draw(st.integers(0, due))
    pupils = draw(st.integers(0, 50))
    expected = pupils * taken
    excused, unexcused, pending = (draw(st.integers(0, expected // 4)) for _ in range(3))
    late = draw(st.integers(0, expected - excused - unexcused - pending))
    return Counts(1, pupils, due, taken, expected, excused, unexcused, pending, late, draw(st.integers(0, 9)))


@given(st.lists(counts()))
def test_a_sum_of_classes_has_the_rate_of_its_summed_counts(classes: list[Counts]) -> None:
    whole = total(classes)
    value = evaluate(RATE, whole)
    present = sum(c.expected - c.excused - c.unexcused - c.pending for c in classes)
    expected = sum(c.expected for c in classes)
    assert (value.numerator, value.denominator) == (present, expected)
    assert value.quotient == (Fraction(present, expected) if expected else None)


@given(counts())
def test_rate_and_coverage_stay_between_none_and_all(one: Counts) -> None:
    for indicator in (RATE, COVERAGE):
        quotient = evaluate(indicator, one).quotient
        assert quotient is None or 0 <= quotient <= 1


@given(counts(), st.integers(1, 20))
def test_a_register_that_was_not_taken_changes_coverage_and_nothing_else(one: Counts, more: int) -> None:
    missing = replace(one, sessions_due=one.sessions_due + more)
    assert evaluate(RATE, missing).quotient == evaluate(RATE, one).quotient
    before, after = evaluate(COVERAGE, one).quotient, evaluate(COVERAGE, missing).quotient
    assert after is not None
    assert before is None or after < before or after == 0


def test_attendance_is_one_minus_absences_over_expected() -> None:
    month = Counts(
        sessions_due=40, sessions_taken=40, expected=1400, excused=20, unexcused=10, pending=5, late=12
    )
    assert evaluate(RATE, month).shown == Fraction(100 * (1400 - 35), 1400)


def test_a_class_without_a_taken_register_has_no_rate_rather_than_a_perfect_one() -> None:
    assert evaluate(RATE, Counts(classes=1, pupils=30, sessions_due=20)).shown is None


def test_below_the_coverage_threshold_a_rate_is_provisional() -> None:
    months = {taken: Counts(sessions_due=100, sessions_taken=taken) for taken in (0, 89, 90, 100)}
    provisional = {taken for taken, month in months.items() if evaluate(RATE, month).is_provisional}
    assert provisional == {0, 89}


def test_a_later_version_does_not_change_the_past() -> None:
    first = replace(RATE, valid_to=date(2027, 8, 1))
    second = replace(RATE, version=2, valid_from=date(2027, 8, 1), coverage_threshold=None)
    catalogue = (first, second)
    assert definition("attendance_rate", date(2027, 7, 31), catalogue).version == 1
    assert definition("attendance_rate", date(2027, 8, 1), catalogue).version == 2


def test_an_unknown_indicator_is_an_error() -> None:
    with pytest.raises(KeyError):
        definition("happiness", DAY)


def test_versions_of_one_indicator_never_overlap() -> None:
    for day in {item.valid_from for item in CATALOGUE}:
        codes = [item.code for item in definitions(day)]
        assert len(codes) == len(set(codes))


def test_what_is_kept_inside_is_never_among_what_leaves() -> None:
    inside = {item.code for item in CATALOGUE if item.kept_inside}
    assert inside == {"dropout_rate_reconstructed", "repetition_rate_reconstructed"}
    leaves = definitions(DAY)
    assert not inside & {item.code for item in leaves}
    assert inside == {item.code for item in definitions(DAY, inside=True)} - {item.code for item in leaves}
    needed = {what for item in CATALOGUE if item.kept_inside for what in item.needs}
    assert not needed & {what for item in leaves for what in item.needs}


def test_every_count_of_the_cubes_can_be_named_by_a_definition() -> None:
    needed = {what for item in CATALOGUE for what in item.needs}
    assert {f.name for f in fields(Counts)} <= set(Count) == needed


@given(
    st.dictionaries(st.integers(1, 200), st.none() | st.integers(0, 30).map(lambda n: n / 30), max_size=60)
)
def test_tiles_of_lower_rates_are_never_lighter_and_no_fifth_is_larger_than_it_must(
    rates: dict[int, float | None],
) -> None:
    found = fifths(rates)
    known = {place: rate for place, rate in rates.items() if rate is not None}
    assert found.keys() in ({}.keys(), known.keys())
    if not found:
        assert len(known) < 5 or len(set(known.values())) == 1
    for place, other in itertools.pairwise(sorted(found, key=lambda one: known[one])):
        assert found[place] >= found[other]
        assert (found[place] == found[other]) or known[place] < known[other]
    assert all(1 <= fifth <= 5 for fifth in found.values())


def test_ten_different_rates_are_two_to_a_fifth() -> None:
    assert [fifths({n: n / 10 for n in range(10)})[n] for n in range(10)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
