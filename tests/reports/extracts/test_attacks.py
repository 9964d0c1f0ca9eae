"""What an extract tells beside the table of classes is subtracted from it, month from year, as an attacker would."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from reports.extracts.rules import PlaceCell, SchoolCell, Status, given_away, rows_of_school, small_parts
from reports.indicators.rules import Count
from reports.tallies.rules import ClassLine, Lines, Move, MoveLine, Person, PupilLine, tally

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
    rows = {row.indicator.code: row for row in rows_of_school(school, lines, withheld, OCTOBER)}
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
