"""When an answer counts, and which one stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from classroom.activities.rules import Phase, Standing
from classroom.answers.rules import GRACE, Kept, Wish, is_late, placed

OPENED = datetime(2026, 10, 5, 0, 30, tzinfo=UTC)
CLOSED = OPENED + timedelta(minutes=1)
OPEN = Standing(Phase.OPEN, opened_at=OPENED)
SHUT = Standing(Phase.CLOSED, opened_at=OPENED, closed_at=CLOSED)


def wish(arrived: datetime = OPENED, round_: int = 1, made: int = 0, device: str = "a") -> Wish:
    return Wish(f"{device}-{made}", round_, ("A",), arrived, made, device)


def test_an_answer_counts_until_two_seconds_after_the_close() -> None:
    assert not is_late(OPEN, wish(CLOSED + timedelta(hours=1)))
    assert not is_late(SHUT, wish(CLOSED + GRACE))
    assert is_late(SHUT, wish(CLOSED + GRACE + timedelta(microseconds=1)))


def test_no_answer_counts_once_the_solution_was_shown_not_even_within_the_grace() -> None:
    revealed = Standing(
        Phase.REVEALED, opened_at=OPENED, closed_at=CLOSED, revealed_at=CLOSED + timedelta(seconds=1)
    )
    assert is_late(revealed, wish(CLOSED + timedelta(seconds=1)))
    assert not is_late(revealed, wish(CLOSED + timedelta(milliseconds=999)))


def test_a_timer_that_has_run_out_closes_by_itself() -> None:
    timed = Standing(Phase.OPEN, opened_at=OPENED, closes_at=CLOSED)
    assert not is_late(timed, wish(CLOSED + GRACE))
    assert is_late(timed, wish(CLOSED + GRACE + timedelta(seconds=1)))


def test_an_answer_to_the_first_round_is_late_in_the_second() -> None:
    second = Standing(Phase.OPEN, round=2, opened_at=CLOSED)
    assert is_late(second, wish(CLOSED, round_=1))
    assert not is_late(second, wish(CLOSED, round_=2))


@pytest.mark.parametrize("standing", [Standing(), Standing(Phase.READING), OPEN])
def test_a_round_that_has_not_begun_takes_no_answer(standing: Standing) -> None:
    with pytest.raises(InvalidError):
        is_late(standing, wish(round_=2 if standing is OPEN else 1))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5, unique=True))
def test_of_one_devices_answers_the_last_made_stands_in_whatever_order_they_arrive(made: list[int]) -> None:
    for order in permutations(made):
        stands: Kept | None = None
        for number in order:
            stands = placed(stands, wish(made=number), late=False) or stands
        assert stands is not None
        assert stands.made == max(made)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.integers(0, 50)), min_size=1, max_size=12))
def test_a_late_answer_never_replaces_one_in_time_and_versions_only_grow(
    taps: list[tuple[bool, str, int]],
) -> None:
    stands: Kept | None = None
    in_time = False
    for late, device, made in taps:
        before = stands
        stands = placed(before, wish(made=made, device=device), late=late) or before
        in_time = in_time or not late
        assert stands is not None
        assert stands.is_late == (not in_time)
        if before is not None:
            assert stands.version in {before.version, before.version + 1}


def test_a_device_that_took_over_wins_over_the_old_one() -> None:
    old = placed(None, wish(made=900, device="old"), late=False)
    new = placed(old, wish(made=5, device="new"), late=False)
    assert new is not None
    assert new.device == "new"
