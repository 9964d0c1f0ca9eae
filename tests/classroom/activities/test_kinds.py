"""What each kind of activity does with content and answers; one property for all kinds where there is one."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import InvalidError, NotFoundError
from classroom.activities.queries import content_of, stored_content
from classroom.activities.rules import (
    RULES,
    Content,
    Kind,
    checked,
    checked_answer,
    choice,
    is_right,
    misconceptions_shown,
    points_for,
    public_tally,
    share_right,
    shown_question,
    shown_solution,
    tally,
)
from classroom.activities.rules.bars import bars, short_form
from classroom.activities.rules.kinds import matching, ordering, ready_made
from classroom.activities.rules.wording import comparable, readings
from tests.classroom.activities.samples import ANYTHING, CANARY, answers, contents

if TYPE_CHECKING:
    from collections.abc import Sequence

OPTIONS = ["Ô-xi", "Ni-tơ", "Hơi nước"]
NOW = datetime(2026, 10, 5, 0, 30, tzinfo=UTC)


def test_every_kind_has_its_rules() -> None:
    assert set(RULES) == set(Kind)


# --- every kind ---------------------------------------------------------------------------------------------------


@given(contents())
def test_a_question_is_the_same_after_it_was_stored(content: Content) -> None:
    assert content_of(stored_content(content)) == content


@given(st.data())
def test_an_answer_is_read_once_and_stays_as_it_is_read(data: st.DataObject) -> None:
    content = data.draw(contents())
    answer = checked_answer(content, data.draw(answers(content)))
    assert checked_answer(content, answer) == answer
    share = share_right(content, answer)
    assert (share is None) == (not content.solution)
    assert share is None or 0 <= share <= 1
    assert short_form(content, answer)


@given(contents())
def test_what_is_said_to_be_right_is_right(content: Content) -> None:
    assume(content.solution)
    right = content.solution[:1] if content.kind is Kind.SHORT else content.solution
    assert share_right(content, checked_answer(content, right)) == 1


@given(contents(), ANYTHING)
def test_whatever_a_device_sends_is_read_or_refused_in_words(content: Content, sent: tuple[str, ...]) -> None:
    with suppress(InvalidError):
        answer = checked_answer(content, sent)
        assert all(len(entry) <= 500 for entry in answer)
        assert checked_answer(content, answer) == answer
        tally(content, [answer])


@given(st.data())
def test_a_tally_loses_nobody_and_is_drawn(data: st.DataObject) -> None:
    content = data.draw(contents())
    given_ = [checked_answer(content, one) for one in data.draw(st.lists(answers(content), max_size=8))]
    counts = tally(content, given_)
    if content.kind in {
        Kind.SINGLE,
        Kind.QUICK,
        Kind.TRUE_FALSE,
        Kind.SHORT,
        Kind.NUMBER,
        Kind.TEXT,
        Kind.ORDERING,
    }:
        assert sum(counts.values()) == len(given_)
    assert all(count >= 0 for count in counts.values())
    assert bars(content, counts) or not counts
    assert sum(public_tally(content, given_).values()) <= sum(counts.values())


@given(contents())
def test_what_everybody_sees_before_the_reveal_holds_no_solution(content: Content) -> None:
    shown = shown_question(content)
    assert CANARY not in json.dumps(shown, ensure_ascii=False)
    assert not set(shown) & {"solution", "explanation", "misconceptions", "tolerance"}
    if content.kind in {Kind.SHORT, Kind.NUMBER}:
        assert not any(
            text in json.dumps(shown, ensure_ascii=False) for text in content.solution if len(text) > 9
        )
    assert "misconceptions" not in shown_solution(content)


@given(contents(st.sampled_from([Kind.ORDERING, Kind.MATCHING])))
def test_what_is_to_be_arranged_is_never_shown_in_the_right_order(content: Content) -> None:
    assert content.solution != tuple("ABCDEFGH"[: len(content.solution)])


# --- kind by kind -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "solution", "several"),
    [
        (OPTIONS[:1], "A", False),
        ([*OPTIONS, "", ""], "A", False),
        (OPTIONS, "D", False),
        (OPTIONS, "AB", False),
        (list("abcdefghi"), "A", False),
        (["giống", "giống"], "A", False),
    ],
)
def test_a_choice_that_cannot_be_asked_is_refused(
    options: Sequence[str], solution: str, *, several: bool
) -> None:
    with pytest.raises(InvalidError):
        choice("Câu hỏi?", options, solution, several=several)


def test_a_quick_question_has_letters_only_and_nothing_that_is_right() -> None:
    quick = choice("", ["", "", "", ""])
    assert (quick.kind, quick.letters, quick.solution) == (Kind.QUICK, "ABCD", ())


def test_ready_made_activities_are_those_that_need_no_preparation() -> None:
    made = {kind for kind in Kind if _is_ready_made(kind)}
    assert made == {Kind.QUICK, Kind.TRUE_FALSE, Kind.WORDS, Kind.TEXT, Kind.SCALE, Kind.EXIT, Kind.DRAWING}


def _is_ready_made(kind: Kind) -> bool:
    try:
        return ready_made(kind).kind is kind
    except NotFoundError:
        return False


@pytest.mark.parametrize(("right", "share"), [(0, "0"), (1, "1/10"), (2, "1/4"), (3, "1/2"), (4, "1")])
def test_four_statements_are_marked_as_in_the_examination_of_2025(right: int, share: str) -> None:
    content = checked(Content(Kind.STATEMENTS, "?", ("a", "b", "c", "d"), solution=("T", "T", "T", "T")))
    answer = ("T",) * right + ("F",) * (4 - right)
    assert share_right(content, answer) == Fraction(share)


@pytest.mark.parametrize(
    ("one", "other", "strict", "same"),
    [
        ("Trần Hưng Đạo", "tran hung dao", False, True),
        ("Trần Hưng Đạo", "tran hung dao", True, False),
        ("hoà bình", "Hòa  Bình.", True, True),
        ("má", "mà", True, False),
        ("3.5", "3,5", True, True),
        ("5 cm", "5cm", True, True),
        ("5 cm", "5", True, True),
        ("con", "co", True, False),
        ("CO₂", "co2", True, True),
        ("8 cm²", "8 cm2", True, True),
    ],
)
def test_spellings_of_one_answer(one: str, other: str, *, strict: bool, same: bool) -> None:
    units = ["cm", "n", "cm²"]
    first, second = (comparable(text, with_accents=strict, units=units) for text in (one, other))
    assert (first == second) == same


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3,14", ["157/50"]),
        ("3.14", ["157/50"]),
        ("1.000", ["1000", "1"]),
        ("0.125", ["1/8"]),
        ("1.234.567", ["1234567"]),
        ("1.234,5", ["2469/2"]),
        ("45 209", ["45209"]),
        ("-3/4", ["-3/4"]),
        ("−2", ["-2"]),  # noqa: RUF001 - as a phone types it
        ("5 cm", ["5"]),
        ("1/0", []),
        ("ba", []),
        ("1,2,3", []),
        ("", []),
        ("9" * 41, []),
    ],
)
def test_numbers_are_read_as_vietnamese_write_them(text: str, numbers: list[str]) -> None:
    assert readings(text, ["cm"]) == tuple(map(Fraction, numbers))


@pytest.mark.parametrize(
    ("tolerance", "typed", "right"),
    [
        ("0,1", "6,38", True),
        ("0,1", "6,39", False),
        ("10%", "6,908", True),
        ("", "6,28", True),
        ("", "6,281", False),
    ],
)
def test_a_number_is_right_within_its_tolerance(tolerance: str, typed: str, *, right: bool) -> None:
    content = checked(Content(Kind.NUMBER, "?", solution=("6,28",), tolerance=tolerance))
    assert is_right(content, (typed,)) is right


def test_a_word_cloud_keeps_phrases_whole_and_counts_spellings_together() -> None:
    content = checked(Content(Kind.WORDS, "?", most=3))
    given_ = [
        checked_answer(content, one) for one in (("mùa xuân", "Tết"), ("Mùa Xuân",), ("mùa xuân", "tết"))
    ]
    assert tally(content, given_) == {"mùa xuân": 3, "Tết": 2}
    assert public_tally(content, given_, {"tết"}) == {"mùa xuân": 3}
    assert checked_answer(content, ("Tết", "tết")) == ("Tết",)
    with pytest.raises(InvalidError):
        checked_answer(content, ("a", "b", "c", "d"))


def test_an_open_text_reaches_the_projector_only_when_it_was_let_through() -> None:
    content = checked(Content(Kind.TEXT, "?"))
    assert public_tally(content, [("hay",), ("bậy",)]) == {}
    assert public_tally(content, [("hay",), ("bậy",)], {"hay"}) == {"hay": 1}


def test_what_pupils_typed_as_a_short_answer_is_not_shown_to_the_class() -> None:
    content = checked(Content(Kind.SHORT, "?", solution=("Lê Lợi",)))
    assert public_tally(content, [("le loi",), ("bậy bạ",)]) == {"Lê Lợi": 1, "": 1}


def test_pairs_and_orders_are_marked_by_their_places() -> None:
    content = matching("?", [("a", "1"), ("b", "2"), ("c", "3")])
    one, two, three = content.solution
    assert share_right(content, (one, three, two)) == Fraction(1, 3)
    assert share_right(ordering("?", ["x", "y", "z"]), ordering("?", ["x", "y", "z"]).solution) == 1
    with pytest.raises(InvalidError):
        checked_answer(content, (one, one, two))


def test_wrong_options_say_which_mistake_they_show() -> None:
    content = choice("?", OPTIONS, "A", misconceptions=["", "nhầm", "nhầm"])
    assert misconceptions_shown(content, [("A",), ("B",), ("C",)]) == {"nhầm": 2}


def test_speed_earns_nothing_unless_it_is_switched_on() -> None:
    slow = choice("?", OPTIONS, "A")
    fast = checked(Content(Kind.SINGLE, "?", tuple(OPTIONS), solution=("A",), points=2, speed=True))
    span = (NOW, NOW + timedelta(seconds=20))
    half = NOW + timedelta(seconds=10)
    assert points_for(slow, ("A",), half, span) == 1
    assert points_for(fast, ("A",), half, span) == Fraction(5, 2)
    assert points_for(fast, ("A",), span[1], span) == 2
    assert points_for(fast, ("B",), NOW, span) == 0
    assert points_for(fast, ("A",), half, (NOW, None)) == 2
