"""Trees of any day and what became of what: properties over generated histories."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.organisation.rules import (
    FormerParent,
    Node,
    Succession,
    SuccessionKind,
    Unit,
    history_lines,
    origins_of,
    parent_on,
    pruned,
    today_of,
    tree_on,
)

START = date(2020, 1, 1)
days = st.integers(0, 3000).map(lambda offset: START + timedelta(days=offset))
ids = st.integers(1, 12)


@st.composite
def units(draw: st.DrawFn) -> dict[int, Unit]:
    found = {}
    for number in draw(st.sets(ids, min_size=1)):
        first = draw(days)
        length = draw(st.none() | st.integers(1, 900))
        last = first + timedelta(days=length) if length else None
        kind = draw(st.sampled_from(("province", "ward", "school")))
        found[number] = Unit(
            number, kind, str(number), f"Đơn vị {number}", draw(st.none() | ids), first, last
        )
    return found


@st.composite
def former_parents(draw: st.DrawFn) -> FormerParent:
    first = draw(days)
    return FormerParent(
        draw(ids), draw(st.none() | ids), first, first + timedelta(days=draw(st.integers(1, 900)))
    )


successions = st.builds(Succession, ids, ids, st.sampled_from(SuccessionKind), days)


def flat(nodes: list[Node]) -> list[int]:
    return [unit_id for node in nodes for unit_id in [node.unit.id, *flat(node.children)]]


@given(units(), st.lists(former_parents(), max_size=8), days)
def test_every_unit_of_the_day_stands_in_the_tree_once(
    known: dict[int, Unit], former: list[FormerParent], day: date
) -> None:
    found = flat(tree_on(known.values(), former, day))
    assert sorted(found) == sorted(unit.id for unit in known.values() if unit.holds_on(day))


@given(units(), st.lists(former_parents(), max_size=8), days)
def test_a_child_stands_below_the_parent_of_that_day(
    known: dict[int, Unit], former: list[FormerParent], day: date
) -> None:
    def check(node: Node) -> None:
        for child in node.children:
            assert parent_on(child.unit, former, day) == node.unit.id
            check(child)

    for top in tree_on(known.values(), former, day):
        check(top)


@given(units(), st.lists(successions, max_size=12), ids, days)
def test_what_stands_for_a_unit_exists_and_comes_once(
    known: dict[int, Unit], links: list[Succession], unit_id: int, day: date
) -> None:
    found = today_of(unit_id, known, links, day)
    assert len(found) == len(set(found))
    assert all(known[one].holds_on(day) for one in found)
    if unit_id in known and known[unit_id].holds_on(day):
        assert found == [unit_id]


@given(units(), st.lists(successions, max_size=12), ids, days)
def test_whatever_stands_for_a_unit_knows_it_as_an_origin(
    known: dict[int, Unit], links: list[Succession], unit_id: int, day: date
) -> None:
    for found in today_of(unit_id, known, links, day):
        assert unit_id in origins_of([found], links)


@given(units(), days, st.sets(ids))
def test_a_pruned_tree_holds_what_is_visible_and_the_way_to_it(
    known: dict[int, Unit], day: date, visible: set[int]
) -> None:
    tops = tree_on(known.values(), [], day)
    kept = flat(pruned(tops, visible))
    assert {one for one in flat(tops) if one in visible} <= set(kept) <= set(flat(tops))
    for top in pruned(tops, visible):
        assert set(flat([top])) & visible


@pytest.mark.parametrize(
    "cells",
    [
        {"what": "unti"},
        {"what": "unit", "kind": "village"},
        {"what": "unit", "valid_from": "1/7/2025"},
        {"what": "unit", "valid_to": "2020-01-01"},
        {"what": "parent"},
        {"what": "succession", "kind": "eaten"},
    ],
)
def test_a_bad_line_of_a_history_is_named(cells: dict[str, str]) -> None:
    good = {
        "what": "unit",
        "kind": "ward",
        "code_set": "gso",
        "code": "1",
        "name": "Xã",
        "valid_from": "2025-07-01",
    }
    assert len(history_lines([good])) == 1
    with pytest.raises(InvalidError, match="Dòng 3"):
        history_lines([good, good | cells])
