"""The attacker on what leaves of a ward: schools, classes and sums together, and a sum that would break it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.attacker.rules import audit
from reports.indicators.rules import Counts, total
from reports.releases.rules import MEASURES, RULE, counts_of, guard_classes

Published = dict[tuple[str, ...], dict[str, int] | None]


def class_counts(pupils: int, absent: int, late: int) -> Counts:
    expected = 20 * pupils
    excused = min(absent, expected)
    return Counts(
        1, pupils, 20, 20, expected, excused // 2, excused - excused // 2, 0, min(late, expected - excused)
    )


CLASSES = st.builds(class_counts, st.integers(3, 40), st.integers(0, 40), st.integers(0, 15))
WARDS = st.lists(st.lists(CLASSES, min_size=1, max_size=4), min_size=2, max_size=4)


def released(ward: list[list[Counts]]) -> tuple[Published, list[int]]:
    """Return what leaves of the schools, each by itself, and which of them are told."""
    cells: Published = {}
    told = []
    for number, classes in enumerate(ward):
        guarded, _published = guard_classes(total(classes), dict(enumerate(classes)))
        hidden = guarded.withheld
        cells[str(number),] = None if () in hidden else counts_of(total(classes))
        told += [] if () in hidden else [number]
        for place, one in enumerate(classes):
            is_hidden = () in hidden or (str(place),) in hidden
            cells[str(number), str(place)] = None if is_hidden else counts_of(one)
    return cells, told


@given(WARDS)
@settings(max_examples=8)
def test_a_ward_over_the_told_schools_gives_nothing_away(ward: list[list[Counts]]) -> None:
    cells, told = released(ward)
    linked = {key: cell for key, cell in cells.items() if int(key[0]) in told}
    linked[()] = counts_of(total(one for number in told for one in ward[number]))
    assert audit(linked, MEASURES, RULE).passed


def test_a_sum_over_all_schools_would_give_a_small_one_away() -> None:
    ward = [[class_counts(30, 12, 11), class_counts(28, 14, 12)], [class_counts(5, 1, 0)]]
    cells, told = released(ward)
    assert told == [0]
    cells[()] = counts_of(total(one for school in ward for one in school))
    certificate = audit(cells, MEASURES, RULE)
    assert not certificate.passed
    assert {bound.key[0] for bound in certificate.bounds if not bound.holds} == {"1"}
