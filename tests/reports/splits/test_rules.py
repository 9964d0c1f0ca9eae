"""A split is attacked by linear programming, whatever the numbers, and hides nothing without need."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reports.attacker.rules import audit_split
from reports.releases.rules import RULE
from reports.splits.rules import Split, protect_split


@st.composite
def splits(draw: st.DrawFn) -> Split:
    sizes = draw(st.lists(st.integers(0, 120), min_size=1, max_size=6))
    pupils = {str(number): size for number, size in enumerate(sizes, 1)}
    group = {part: draw(st.integers(0, size)) for part, size in pupils.items()}
    return Split(pupils, group)


@given(splits(), st.sets(st.sampled_from("123456")))
def test_nobody_can_bound_a_withheld_cell_closely(split: Split, frozen: set[str]) -> None:
    pattern = protect_split(split, frozenset(frozen))
    told = {part: None if part in pattern.withheld else count for part, count in split.group.items()}
    total = None if pattern.hides_total else split.total
    assert audit_split(split.pupils, told, total, RULE).passed
    assert frozen & split.pupils.keys() <= pattern.withheld | {p for p, n in split.pupils.items() if not n}
    for count, size in ((n, split.pupils[part]) for part, n in told.items() if n is not None):
        assert all(one == 0 or one >= RULE.threshold for one in (count, size - count))


def test_large_groups_are_told_and_one_small_cell_takes_one_with_it() -> None:
    usual = Split({"6": 90, "7": 95}, {"6": 44, "7": 50})
    assert protect_split(usual).withheld == frozenset()
    one = Split({"6": 90, "7": 95, "8": 80}, {"6": 3, "7": 20, "8": 30})
    pattern = protect_split(one)
    assert (pattern.withheld, pattern.hides_total) == (frozenset({"6", "8"}), False)
    few = Split({"6": 90, "7": 95}, {"6": 2, "7": 1})
    assert protect_split(few).hides_total
