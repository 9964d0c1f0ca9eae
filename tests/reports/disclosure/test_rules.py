"""The protection rule, stated on generated hierarchies and attacked by linear programming."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.attacker.rules import audit
from reports.disclosure.rules import Key, Kind, Measure, Pattern, Rule, Table, always_withheld, protect

if TYPE_CHECKING:
    from collections.abc import Mapping

MEASURES = (
    Measure("pupils", Kind.PERSONS),
    Measure("expected", Kind.DENOMINATOR),
    Measure("absent", Kind.NUMERATOR, within="expected"),
    Measure("excused", Kind.NUMERATOR, within="absent", width=3),
    Measure("unexcused", Kind.NUMERATOR, within="absent", width=3),
    Measure("late", Kind.NUMERATOR, within="expected", width=1),
)
RULE = Rule()
HIERARCHIES = int(os.environ.get("HIERARCHIES", "60"))
"""How many generated hierarchies are attacked; `make attack` takes 1,000."""


def added_up(leaves: Mapping[Key, Mapping[str, int]]) -> Table:
    counts: dict[Key, dict[str, int]] = {}
    for key, values in leaves.items():
        for depth in range(len(key) + 1):
            cell = counts.setdefault(key[:depth], dict.fromkeys(values, 0))
            for name, value in values.items():
                cell[name] += value
    return Table(MEASURES, counts)


def class_of(pupils: int, sessions: int = 20, absent: int = 0, late: int = 0) -> dict[str, int]:
    return {
        "pupils": pupils,
        "expected": pupils * sessions,
        "absent": absent,
        "excused": absent // 2,
        "unexcused": absent - absent // 2,
        "late": late,
    }


def published(table: Table, pattern: Pattern) -> dict[Key, Mapping[str, int] | None]:
    return {key: None if key in pattern.withheld else counts for key, counts in table.counts.items()}


@st.composite
def classes(draw: st.DrawFn) -> dict[str, int]:
    pupils = draw(st.one_of(st.integers(0, 12), st.integers(0, 50)))
    sessions = draw(st.sampled_from([0, 1, 20, 44]))
    expected = pupils * sessions
    absent = draw(st.integers(0, min(expected, 60)))
    late = draw(st.integers(0, min(expected - absent, 20)))
    return class_of(pupils, sessions, absent, late)


@st.composite
def hierarchies(draw: st.DrawFn) -> Table:
    leaves: dict[Key, Mapping[str, int]] = {
        (f"S{school}", f"{number}"): draw(classes())
        for school in range(draw(st.integers(1, 3)))
        for number in range(draw(st.integers(1, 4)))
    }
    return added_up(leaves)


@settings(max_examples=HIERARCHIES, deadline=None)
@given(table=hierarchies())
def test_no_attacker_bounds_a_withheld_cell_tighter_than_the_rule_allows(table: Table) -> None:
    pattern = protect(table, RULE)
    certificate = audit(published(table, pattern), MEASURES, RULE)
    assert certificate.passed, [bound for bound in certificate.bounds if not bound.holds]
    for bound in certificate.bounds:
        truth = table.counts[bound.key][bound.measure]
        assert bound.low <= truth
        assert bound.high is None or truth <= bound.high


@settings(max_examples=300, deadline=None)
@given(table=hierarchies(), threshold=st.integers(2, 15))
def test_no_published_cell_lies_under_the_threshold(table: Table, threshold: int) -> None:
    pattern = protect(table, Rule(threshold))
    for key in table.counts.keys() - pattern.withheld:
        counts = table.counts[key]
        assert not any(counts.values()) or counts["pupils"] >= threshold
        assert not 0 < counts["expected"] < threshold


@settings(max_examples=200, deadline=None)
@given(table=hierarchies())
def test_everything_below_a_withheld_cell_is_withheld(table: Table) -> None:
    withheld = protect(table, RULE).withheld
    for key in table.counts:
        if key and key[:-1] in withheld:
            assert key in withheld


@settings(max_examples=200, deadline=None)
@given(table=hierarchies())
def test_the_same_table_gives_the_same_pattern_whatever_the_order_of_its_cells(table: Table) -> None:
    backwards = Table(MEASURES, dict(reversed(list(table.counts.items()))))
    assert protect(table, RULE) == protect(backwards, RULE)
    assert protect(table, RULE).digest == protect(backwards, RULE).digest


@settings(max_examples=12, deadline=None)
@given(table=hierarchies(), data=st.data())
def test_a_revision_only_adds_suppression_and_is_still_protected(table: Table, data: st.DataObject) -> None:
    before = protect(table, RULE).withheld
    leaves: dict[Key, Mapping[str, int]] = {
        key: data.draw(classes()) for key in table.counts if len(key) == 2
    }
    revised = added_up(leaves)
    pattern = protect(revised, RULE, frozen=before)
    assert before <= pattern.withheld
    assert audit(published(revised, pattern), MEASURES, RULE).passed


@settings(max_examples=150, deadline=None)
@given(table=hierarchies())
def test_nothing_is_withheld_without_a_primary_cell(table: Table) -> None:
    pattern = protect(table, RULE)
    assert bool(pattern.withheld) == bool(pattern.primary)


@dataclass(frozen=True)
class School:
    leaves: dict[Key, dict[str, int]]

    @property
    def table(self) -> Table:
        return added_up(self.leaves)


ONE_SMALL_CLASS = School(
    {("4/1",): class_of(35, absent=40), ("4/2",): class_of(3, absent=3), ("4/3",): class_of(32, absent=25)}
)


def test_primary_suppression_alone_is_broken_by_subtraction() -> None:
    alone = Pattern(frozenset({("4/2",)}), frozenset({("4/2",)}))
    certificate = audit(published(ONE_SMALL_CLASS.table, alone), MEASURES, RULE)
    assert not certificate.passed
    assert {(b.low, b.high) for b in certificate.bounds if b.measure == "pupils"} == {(3, 3)}


def test_the_smallest_sibling_that_suffices_is_withheld_beside_a_small_class() -> None:
    pattern = protect(ONE_SMALL_CLASS.table, RULE)
    assert pattern.primary == {("4/2",)}
    assert pattern.withheld == {("4/2",), ("4/3",)}
    certificate = audit(published(ONE_SMALL_CLASS.table, pattern), MEASURES, RULE)
    assert {(b.low, b.high) for b in certificate.bounds if b.measure == "pupils"} == {(0, 35)}


def test_two_small_classes_that_add_up_to_less_than_k_take_a_third_with_them() -> None:
    leaves: dict[Key, Mapping[str, int]] = {(name,): class_of(4, absent=10) for name in "AB"}
    leaves |= {("C",): class_of(30, absent=30), ("D",): class_of(31, absent=30)}
    table = added_up(leaves)
    assert protect(table, RULE).withheld == {("A",), ("B",), ("C",)}


def test_a_school_of_one_small_class_is_withheld_with_its_neighbour() -> None:
    leaves: dict[Key, dict[str, int]] = {("S1", "1"): class_of(8, absent=4)}
    leaves |= {("S2", "1"): class_of(30, absent=20), ("S3", "1"): class_of(40, absent=30)}
    assert protect(added_up(leaves), RULE).withheld == {("S1",), ("S1", "1"), ("S2",), ("S2", "1")}


def test_a_month_without_registers_hides_the_small_class_and_not_the_school() -> None:
    leaves: dict[Key, Mapping[str, int]] = {
        (name,): class_of(size, sessions=0) for name, size in (("4/1", 30), ("4/2", 7), ("4/3", 32))
    }
    table = added_up(leaves)
    pattern = protect(table, RULE)
    assert pattern.withheld == {("4/1",), ("4/2",)}
    certificate = audit(published(table, pattern), MEASURES, RULE)
    assert certificate.passed
    assert {(b.low, b.high) for b in certificate.bounds if b.measure == "pupils"} == {(0, 37)}


def test_an_empty_class_is_neither_withheld_nor_a_hiding_place() -> None:
    table = added_up({**ONE_SMALL_CLASS.leaves, ("4/4",): class_of(0)})
    assert ("4/4",) not in protect(table, RULE).withheld


def test_a_whole_below_k_is_withheld_entirely() -> None:
    table = added_up({("A",): class_of(5), ("B",): class_of(4)})
    pattern = protect(table, RULE)
    assert pattern.withheld == table.counts.keys()
    assert all(bound.high is None for bound in audit(published(table, pattern), MEASURES, RULE).bounds)


def test_a_table_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="not the sum"):
        Table(MEASURES, {(): class_of(40), ("A",): class_of(35)})


def test_a_release_that_contradicts_itself_is_noticed() -> None:
    cells: dict[Key, Mapping[str, int] | None] = {
        (): class_of(10),
        ("A",): class_of(35),
        ("B",): None,
        ("C",): None,
    }
    with pytest.raises(RuntimeError, match="contradicts"):
        audit(cells, MEASURES, RULE)


# --- several releases ---------------------------------------------------------------------------------------------

MONTHS = st.lists(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 12)), min_size=6, max_size=6),
    min_size=2,
    max_size=5,
)


@given(st.lists(st.integers(3, 40), min_size=2, max_size=6), MONTHS)
@settings(max_examples=60, deadline=None)
def test_months_side_by_side_do_not_tell_the_size_of_a_small_class(
    sizes: list[int], months: list[list[tuple[int, int]]]
) -> None:
    """Who supposes that no class grew knows of each class what any month told; what no month told stays hidden."""
    patterns: list[set[Key]] = []
    known: set[Key] = set()
    for marks in months:
        leaves: dict[Key, dict[str, int]] = {
            (str(place),): class_of(size, 20, min(absent, size), late)
            for place, (size, (absent, late)) in enumerate(zip(sizes, marks, strict=False))
        }
        table = added_up(leaves)
        withheld = protect(table, RULE, together=always_withheld(patterns)).withheld
        if () in withheld:
            continue
        known |= table.counts.keys() - withheld
        if withheld:
            patterns.append(set(withheld))
    hidden = [sizes[int(key[0])] for key in always_withheld(patterns) if key not in known]
    never_told = sum(size for place, size in enumerate(sizes) if (str(place),) not in known)
    if known:
        assert never_told == 0 or (never_told >= RULE.threshold and len(hidden) > 1)


def test_without_the_rule_two_months_give_a_class_away() -> None:
    quiet: dict[Key, dict[str, int]] = {
        ("A",): class_of(7),
        ("B",): class_of(25),
        ("C",): class_of(30, absent=40),
    }
    other: dict[Key, dict[str, int]] = {
        ("A",): class_of(7),
        ("B",): class_of(25),
        ("C",): class_of(30, absent=40, late=3),
    }
    first, second = (protect(added_up(one), RULE).withheld for one in (quiet, other))
    assert protect(added_up(other), RULE, together=first).withheld >= first
    assert always_withheld([{("A",), ("B",)}, {("A",), ("B",), ("C",)}, {("X",)}]) == {("A",), ("B",), ("X",)}
    assert {("A",)} < first
    assert {("A",)} < second
