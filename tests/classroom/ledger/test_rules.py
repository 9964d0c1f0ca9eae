"""How a screen follows events."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from classroom.ledger.rules import Happened, News, followed, joined_patch

ROWS = st.dictionaries(
    st.sampled_from("abc"), st.integers() | st.dictionaries(st.sampled_from("xy"), st.integers())
)
PATCHES = st.dictionaries(st.sampled_from(["pupils", "answers", "current"]), ROWS | st.integers())
STATES = st.fixed_dictionaries({"pupils": ROWS, "answers": ROWS, "current": st.none() | st.integers()})


@given(STATES, st.lists(PATCHES, max_size=5))
def test_one_joined_patch_has_the_effect_of_all_in_order(
    state: dict[str, Any], patches: list[dict[str, Any]]
) -> None:
    one_by_one = state
    for patch in patches:
        one_by_one = followed(one_by_one, patch)
    news = [News(number, Happened.ANSWERED, patch) for number, patch in enumerate(patches, 1)]
    tables_stay_tables = all(
        isinstance(patch.get(name, {}), dict) for patch in patches for name in ("pupils", "answers")
    )
    if tables_stay_tables:
        assert followed(state, joined_patch(news)) == one_by_one


@given(STATES, PATCHES)
def test_following_changes_nothing_that_was_there_before(
    state: dict[str, Any], patch: dict[str, Any]
) -> None:
    before = repr(state)
    followed(state, patch)
    assert repr(state) == before


@given(STATES, PATCHES)
def test_a_patch_that_comes_twice_has_one_effect(state: dict[str, Any], patch: dict[str, Any]) -> None:
    once = followed(state, patch)
    assert followed(once, patch) == once
