"""The phases of an activity, and what a question and an answer may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ConflictError, InvalidError
from classroom.activities.rules import (
    LETTERS,
    Choice,
    Move,
    Phase,
    Standing,
    checked_answer,
    choice,
    moved,
    shown_question,
    tally,
)

NOW = datetime(2026, 10, 5, 0, 30, tzinfo=UTC)
OPTIONS = ["Ô-xi", "Ni-tơ", "Hơi nước"]


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
    if standing.phase in {Phase.PREPARED, Phase.READING}:
        assert standing.opened_at is None


@pytest.mark.parametrize(
    ("options", "solution", "several"),
    [
        (OPTIONS[:1], "A", False),
        ([*OPTIONS, "", ""], "A", False),
        (OPTIONS, "D", False),
        (OPTIONS, "AB", False),
        (["x"] * 7, "A", False),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    options: list[str], solution: str, *, several: bool
) -> None:
    with pytest.raises(InvalidError):
        choice("Câu hỏi?", options, solution, several=several)


def test_a_quick_question_has_letters_only_and_nothing_that_is_right() -> None:
    quick = choice("", ["", "", "", ""])
    assert quick.letters == "ABCD"
    assert quick.solution == ()


@given(
    letters=st.lists(st.sampled_from(LETTERS), max_size=6), options=st.integers(2, 6), several=st.booleans()
)
def test_an_answer_is_letters_of_the_question_in_one_written_form(
    letters: list[str], options: int, *, several: bool
) -> None:
    content = Choice("?", ("x",) * options, several=several)
    fits = bool(letters) and set(letters) <= set(content.letters) and (several or len(set(letters)) == 1)
    try:
        answer = checked_answer(content, tuple(letters))
    except InvalidError:
        assert not fits
    else:
        assert fits
        assert answer == tuple(sorted(set(letters)))
        assert tally(content, [answer])[answer[0]] == 1


def test_what_everybody_sees_of_a_question_has_no_solution() -> None:
    content = choice("?", OPTIONS, "A", explanation="vì thế")
    assert set(shown_question(content)) == {"question", "options", "several"}
