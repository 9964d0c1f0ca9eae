"""The phases of an activity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ConflictError
from classroom.activities.rules import Move, Phase, Standing, moved

NOW = datetime(2026, 10, 5, 0, 30, tzinfo=UTC)


def after(*moves: Move, seconds: int | None = None) -> Standing:
    standing = Standing()
    for number, move in enumerate(moves):
        standing = moved(standing, move, NOW + timedelta(minutes=number), seconds)
    return standing


def test_a_question_is_opened_closed_and_revealed() -> None:
    standing = after(Move.OPEN, Move.CLOSE, Move.REVEAL)
    assert standing.phase is Phase.REVEALED
    assert standing.opened_at == NOW
    assert standing.closed_at == NOW + timedelta(minutes=1)
    assert standing.revealed_at == NOW + timedelta(minutes=2)


def test_a_second_round_follows_a_discussion_and_there_is_no_third() -> None:
    second = after(Move.OPEN, Move.CLOSE, Move.DISCUSS, Move.OPEN)
    assert (second.phase, second.round, second.closed_at) == (Phase.OPEN, 2, None)
    with pytest.raises(ConflictError):
        after(Move.OPEN, Move.CLOSE, Move.DISCUSS, Move.OPEN, Move.CLOSE, Move.DISCUSS)


def test_a_closed_question_opens_again_in_the_same_round() -> None:
    again = after(Move.OPEN, Move.CLOSE, Move.OPEN)
    assert (again.phase, again.round, again.closed_at) == (Phase.OPEN, 1, None)


@pytest.mark.parametrize(
    "moves",
    [
        (Move.CLOSE,),
        (Move.REVEAL,),
        (Move.OPEN, Move.REVEAL),
        (Move.OPEN, Move.DISCUSS),
        (Move.OPEN, Move.CLOSE, Move.REVEAL, Move.OPEN),
        (Move.OPEN, Move.READ),
    ],
)
def test_a_move_that_does_not_fit_is_a_conflict_that_says_the_phase(moves: tuple[Move, ...]) -> None:
    with pytest.raises(ConflictError) as refused:
        after(*moves)
    assert refused.value.current["phase"] in set(Phase)
    assert str(refused.value)


def test_a_timer_ends_the_question_at_its_time_even_when_closed_later() -> None:
    standing = moved(after(Move.OPEN, seconds=30), Move.CLOSE, NOW + timedelta(seconds=95))
    assert standing.closes_at == standing.closed_at == NOW + timedelta(seconds=30)


@given(st.lists(st.sampled_from(Move), max_size=12))
def test_whatever_is_tapped_the_phases_stay_sound(moves: list[Move]) -> None:
    standing = Standing()
    for number, move in enumerate(moves):
        try:
            standing = moved(standing, move, NOW + timedelta(seconds=number))
        except ConflictError:
            continue
        assert standing == moved(standing, move, NOW + timedelta(hours=1)), "a repeated tap changes nothing"
    assert standing.round in {1, 2}
    assert (standing.revealed_at is not None) == (standing.phase is Phase.REVEALED)
    if standing.phase in {Phase.CLOSED, Phase.DISCUSSION, Phase.REVEALED}:
        assert standing.opened_at is not None
        assert standing.closed_at is not None
    assert (standing.paused_at is not None) == (standing.phase is Phase.PAUSED)
    if standing.phase in {Phase.PREPARED, Phase.READING}:
        assert standing.opened_at is None


def test_a_pause_stops_the_timer_and_a_close_while_paused_counts_the_stop() -> None:
    paused = moved(after(Move.OPEN, seconds=30), Move.PAUSE, NOW + timedelta(seconds=10))
    assert (paused.phase, paused.closes_at) == (Phase.PAUSED, NOW + timedelta(seconds=30))
    resumed = moved(paused, Move.RESUME, NOW + timedelta(seconds=70))
    assert (resumed.phase, resumed.closes_at) == (Phase.OPEN, NOW + timedelta(seconds=90))
    assert moved(paused, Move.OPEN, NOW + timedelta(seconds=70)) == resumed
    closed = moved(paused, Move.CLOSE, NOW + timedelta(seconds=70))
    assert closed.closed_at == NOW + timedelta(seconds=70)
