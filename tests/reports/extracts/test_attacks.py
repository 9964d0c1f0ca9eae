"""What an extract tells beside the table of classes is subtracted from it, month from year, as an attacker would."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from reports.extracts.rules import (
    PlaceCell,
    SchoolCell,
    Status,
    Told,
    given_away,
    rows_of_school,
    rows_of_sum,
    small_parts,
)
from reports.indicators.rules import Count
from reports.tallies.rules import ClassLine, CohortLine, Lines, Move, MoveLine, Person, PupilLine, tally

if TYPE_CHECKING:
    from reports.extracts.rules import ExtractRow

OCTOBER = date(2026, 10, 1)
K = 10


def school_of(classes: list[tuple[int, bool, bool]]) -> Lines:
    """A school with a class for each (pupils, has registers, has a live lesson that all join)."""
    pupils, lines = [], []
    for class_id, (size, is_taken, has_lesson) in enumerate(classes):
        lines.append(
            ClassLine(
                class_id,
                1,
                4,
                size,
                20,
                20 if is_taken else 0,
                0,
                int(has_lesson),
                size * has_lesson,
                size * has_lesson,
                size * has_lesson,
            )
        )
        pupils += [
            PupilLine(
                Person(100 * class_id + number), 1, class_id, 4, expected=20 if is_taken else 0,
                is_invited=has_lesson, took_part=has_lesson,
            )
            for number in range(size)
        ]  # fmt: skip
    return Lines(2026, frozenset({1}), tuple(pupils), tuple(lines))


CLASS = st.tuples(st.integers(1, 40), st.booleans(), st.booleans())


@given(st.lists(CLASS, min_size=2, max_size=6), st.data())
def test_no_figure_of_a_school_tells_how_many_are_in_its_withheld_classes(
    classes: list[tuple[int, bool, bool]], data: st.DataObject
) -> None:
    small = {place for place, (size, *_rest) in enumerate(classes) if size < K}
    withheld = frozenset(small | data.draw(st.sets(st.sampled_from(range(len(classes))))))
    lines = school_of(classes)
    school = SchoolCell(1, PlaceCell("school", "THA", "Hoa Sen"), is_withheld=False)
    rows = {row.indicator.code: row for row in rows_of_school(school, lines, withheld, Told(OCTOBER))}
    pupils = sum(size for size, *_rest in classes)
    for code, part in (("chronic_absence", 1), ("participation_rate", 2)):
        value = rows[code].value
        if value is None or value.denominator is None:
            continue
        published = [one for place, one in enumerate(classes) if place not in withheld]
        inside = value.denominator - sum(one[0] for one in published if one[part])
        outside = pupils - value.denominator - sum(one[0] for one in published if not one[part])
        assert all(count == 0 or count >= K for count in (inside, outside))
    answers = rows["answer_rate"]
    if answers.status is not Status.WITHHELD and answers.value and answers.value.denominator:
        told = sum(one[0] for place, one in enumerate(classes) if place not in withheld and one[2])
        assert answers.value.denominator - told == 0 or answers.value.denominator - told >= K


def test_a_small_class_without_registers_is_not_the_difference_of_two_numbers() -> None:
    lines = school_of([(30, True, True), (32, True, True), (8, False, False)])
    told = tally(lines)
    assert told.values[Count.PUPILS] - told.values[Count.MEASURED] == 8
    assert given_away(lines, frozenset({0, 2}), told) >= {Count.MEASURED, Count.INVITED}
    assert not given_away(lines, frozenset(), told)


PARTS = st.lists(st.tuples(st.sampled_from([9, 10, 11, 12]), st.integers(0, 25)), max_size=8)


@given(PARTS)
def test_a_longer_period_less_its_months_tells_of_no_few_who_moved(parts: list[tuple[int, int]]) -> None:
    moves, numbers = [], Counter[int]()
    for month, count in parts:
        for _one in range(count):
            numbers[month] += 1
            person = Person(100 * month + numbers[month])
            moves.append(MoveLine(person, 1, 1, 4, Move.ARRIVED, None, date(2026, month, 1)))
    lines = Lines(2026, frozenset({1}), moves=tuple(moves))
    months = {month: count for month, count in numbers.items() if count >= K}
    if Count.ARRIVED not in small_parts(lines):
        rest = sum(numbers.values()) - sum(months.values())
        assert rest == 0


# --- who changed the school ---------------------------------------------------------------------------------------


def school_row(school: int, count: int, movers: int, *, absent: int) -> tuple[PupilLine, ...]:
    """Pupils of a school: `count` who stay, then those whom both schools know; each absent so often of 20 sessions."""
    people = [Person(1000 * school + number) for number in range(count)] + [
        Person(number) for number in range(movers)
    ]
    return tuple(
        PupilLine(person, school, school, 4, expected=20, unexcused=absent if place % 2 else 0)
        for place, person in enumerate(people)
    )


def rows_of_ward(lines: Lines, told: Told) -> tuple[dict[str, ExtractRow], list[dict[str, ExtractRow]]]:
    cells, by_school = [], []
    for school in sorted(lines.schools):
        cell = SchoolCell(school, PlaceCell("school", f"S{school}", ""), is_withheld=False)
        rows = {
            row.indicator.code: row
            for row in rows_of_school(cell, lines.of_schools([school]), frozenset(), told)
        }
        hidden = frozenset(code for code, row in rows.items() if row.status is Status.WITHHELD)
        cells.append(replace(cell, hidden=hidden))
        by_school.append(rows)
    ward = rows_of_sum(
        PlaceCell("ward", "W", ""),
        cells,
        lambda code: [rows[code] for rows in by_school if code in rows],
        lines,
        told,
    )
    return {row.indicator.code: row for row in ward}, by_school


@given(st.integers(20, 60), st.integers(20, 60), st.integers(0, 25), st.integers(0, 20))
def test_a_ward_less_its_schools_tells_of_no_few_who_changed_the_school(
    one: int, other: int, movers: int, absent: int
) -> None:
    pupils = school_row(1, one, movers, absent=absent) + school_row(2, other, movers, absent=absent)
    classes = tuple(
        ClassLine(school, school, 4, size, 20, 20) for school, size in ((1, one + movers), (2, other))
    )
    lines = Lines(2026, frozenset({1, 2}), pupils, classes)
    ward, schools = rows_of_ward(lines, Told(OCTOBER))
    row = ward["chronic_absence"]
    if row.value is None:
        return
    parts = [rows["chronic_absence"].value for rows in schools]
    told = [part for part in parts if part is not None and part.denominator is not None]
    if len(told) == 2:
        assert row.value.denominator is not None
        for few in (
            sum(part.denominator or 0 for part in told) - row.value.denominator,
            sum(part.numerator for part in told) - row.value.numerator,
        ):
            assert few == 0 or abs(few) >= K


# --- what grows from month to month -------------------------------------------------------------------------------

MONTHS = tuple(date(2026 + (month > 12), (month - 1) % 12 + 1, 1) for month in range(9, 14))


def told_month_by_month(crossing: list[int], left: list[int]) -> dict[str, list[int]]:
    """In month m, `crossing[m]` pupils reach 25 absences and `left[m]` stop learning: what five extracts tell."""
    told: dict[str, list[int]] = {"pupils_over_20": [], "dropout_rate": []}
    for last in range(5):
        months = [month for month in range(last + 1) for _one in range(crossing[month])]
        pupils = [
            PupilLine(Person(number), 1, 1, 4, absent_in_year=25, absences=((MONTHS[month], 25),))
            for number, month in enumerate(months)
        ]
        stops = [month for month in range(last + 1) for _one in range(left[month])]
        gone = [frozenset(MONTHS[month : last + 1]) for month in stops] + [frozenset[date]()] * 100
        cohort = [
            CohortLine(Person(number), 1, 1, 4, bool(ends), gone=ends) for number, ends in enumerate(gone)
        ]
        classes = (ClassLine(1, 1, 4, 200, 20, 20),)
        lines = Lines(2026, frozenset({1}), tuple(pupils), classes, cohort=tuple(cohort))
        school = SchoolCell(1, PlaceCell("school", "THA", ""), is_withheld=False)
        for row in rows_of_school(school, lines, frozenset(), Told(OCTOBER)):
            if row.indicator.code in told and row.value is not None:
                told[row.indicator.code].append(row.value.numerator)
    return told


FIVE = st.lists(st.integers(0, 14), min_size=5, max_size=5)


@given(FIVE, FIVE)
def test_numbers_since_the_year_began_grow_by_nobody_or_by_many(crossing: list[int], left: list[int]) -> None:
    for numbers in told_month_by_month(crossing, left).values():
        for before, after in combinations(numbers, 2):
            assert after == before or abs(after - before) >= K


def test_a_number_that_grew_by_three_waits_until_it_grew_by_ten() -> None:
    told = told_month_by_month([12, 0, 11, 3, 12], [0, 10, 0, 9, 1])
    assert told == {"pupils_over_20": [12, 12, 23, 38], "dropout_rate": [0, 10, 10, 20]}


def test_a_running_month_tells_no_number_of_pupils_so_that_tomorrow_differs_in_nobody() -> None:
    pupils = school_row(1, 200, 0, absent=20)
    lines = Lines(2026, frozenset({1}), pupils, (ClassLine(1, 1, 4, 200, 20, 20),))
    school = SchoolCell(1, PlaceCell("school", "THA", ""), is_withheld=False)

    def statuses(told: Told) -> dict[str, Status]:
        return {row.indicator.code: row.status for row in rows_of_school(school, lines, frozenset(), told)}

    over, running = statuses(Told(OCTOBER)), statuses(Told(OCTOBER, is_running=True))
    assert over["chronic_absence"] is Status.FINAL
    changed = {code for code in over if over[code] is not running[code]}
    assert "chronic_absence" in changed
    assert not changed & {"pupils", "attendance_rate", "classes"}
