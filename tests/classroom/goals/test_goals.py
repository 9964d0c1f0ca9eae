"""The class's goal and the leaderboard: nothing before the reveal, nobody's name in the bar, ties, who is absent."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import absences, db
from app.errors import InvalidError
from app.school.models import Pupil
from classroom.activities.rules import Move, choice
from classroom.goals.commands import set_goal
from classroom.goals.queries import points_of
from classroom.goals.rules import GoalKind, called, places
from classroom.lessons.commands import end_lesson, switch
from classroom.lessons.events import pupil_state, screen_state
from classroom.lessons.rules import Switch
from tests.classroom.held import QUESTION, teacher_of

if TYPE_CHECKING:
    from tests.classroom.held import Held

POINTS = st.dictionaries(st.integers(1, 60), st.fractions(0, 9, max_denominator=4), max_size=45)
NAMES = st.dictionaries(
    st.integers(1, 60),
    st.lists(st.sampled_from(["Anh", "Bảo", "Ngọc", "Lê", "Trần"]), min_size=1, max_size=4).map(" ".join),
    max_size=45,
)


@given(POINTS)
def test_equal_points_share_a_place_and_the_next_counts_those_before(points: dict[int, Fraction]) -> None:
    found = places(points)
    shown = [pupil for place in found for pupil in place.pupils]
    assert len(shown) == len(set(shown))
    assert all(points[pupil] == place.points > 0 for place in found for pupil in place.pupils)
    assert [place.number for place in found] == [
        1 + sum(other > place.points for other in points.values()) for place in found
    ]
    assert all(one.points > other.points for one, other in pairwise(found))
    left_out = [earned for pupil, earned in points.items() if pupil not in shown and earned > 0]
    assert not left_out or len(shown) >= 5


@given(NAMES)
def test_nobody_is_called_as_another_is_whose_name_differs(names: dict[int, str]) -> None:
    short = called(names)
    assert all(names[pupil].endswith(text) for pupil, text in short.items())
    for one, other in combinations(names, 2):
        assert short[one] != short[other] or names[one] == names[other]


def test_a_name_is_as_short_as_it_may_be() -> None:
    names = {1: "Nguyễn Ngọc Anh", 2: "Trần Minh Anh", 3: "Lê Gia Bảo", 4: "Lê Ngọc Anh"}
    assert called(names) == {1: "Nguyễn Ngọc Anh", 2: "Minh Anh", 3: "Bảo", 4: "Lê Ngọc Anh"}


def stage(held: Held) -> dict[str, Any]:
    db.session().rollback()
    found: dict[str, Any] = screen_state(held.lesson_id)["stage"]
    return found


def ask_all(held: Held, letters: str) -> int:
    """Ask a question that pupils answer each with one letter."""
    activity = held.ask()
    for pupil, letter in zip(held.pupils, letters, strict=False):
        held.answer(pupil, activity, letter)
    held.move(activity, Move.CLOSE)
    return activity


def test_the_bar_counts_answers_at_once_and_right_ones_after_the_reveal(held: Held) -> None:
    for pupil in held.pupils[:3]:
        held.seat(pupil)
    set_goal(held.lesson_id, GoalKind.ANSWERED, 4)
    activity = ask_all(held, "AAB")
    assert stage(held)["goal"] == {"kind": "answered", "count": 4, "reached": 3}
    set_goal(held.lesson_id, GoalKind.RIGHT, 4)
    assert stage(held)["goal"]["reached"] == 0, "the bar must not tell which answer is right"
    for move in (Move.DISCUSS, Move.OPEN):
        held.move(activity, move)
    held.answer(held.pupils[2], activity, "A", round_=2)
    set_goal(held.lesson_id, GoalKind.ANSWERED, 4)
    assert stage(held)["goal"]["reached"] == 3, "a second round takes nothing back"
    set_goal(held.lesson_id, GoalKind.RIGHT, 4)
    for move in (Move.CLOSE, Move.REVEAL):
        held.move(activity, move)
    assert stage(held)["goal"]["reached"] == 1, "the last round counts"
    set_goal(held.lesson_id, GoalKind.NONE, 4)
    assert "goal" not in stage(held)
    with pytest.raises(InvalidError):
        set_goal(held.lesson_id, GoalKind.RIGHT, 0)


def test_the_board_is_shown_between_questions_alone_and_on_no_pupils_device(held: Held) -> None:
    for pupil in held.pupils[:3]:
        held.seat(pupil)
    first = ask_all(held, "AAB")
    held.move(first, Move.REVEAL)
    assert "board" not in stage(held), "off until it is switched on"
    switch(held.lesson_id, Switch.BOARD, on=True)
    (place,) = stage(held)["board"]
    assert (place["place"], place["points"], place["more"]) == (1, 1, 0)
    assert len(place["names"]) == 2
    second = ask_all(held, "BAB")
    assert "board" not in stage(held)
    assert "board" not in repr([pupil_state(held.lesson_id, pupil) for pupil in held.pupils[:3]])
    held.move(second, Move.REVEAL)
    assert [(one["place"], one["points"]) for one in stage(held)["board"]] == [(1, 2), (2, 1)]
    end_lesson(teacher_of(held.world), held.lesson_id)
    assert len(stage(held)["board"]) == 2
    assert "board" not in repr(pupil_state(held.lesson_id, held.pupils[0]))


def test_who_is_absent_is_not_on_the_board_but_who_came_late_is(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pupil in held.pupils[:2]:
        held.seat(pupil)
    held.move(ask_all(held, "AA"), Move.REVEAL)
    switch(held.lesson_id, Switch.BOARD, on=True)
    monkeypatch.setattr(absences, "away", lambda *_: frozenset(held.pupils))
    (place,) = stage(held)["board"]
    assert len(place["names"]) == 2
    names = called({pupil: db.session().get_one(Pupil, pupil).full_name for pupil in held.pupils})
    assert set(place["names"]) == {names[pupil] for pupil in held.pupils[:2]}


def test_speed_earns_points_only_where_a_question_says_so(held: Held) -> None:
    held.seat(held.pupils[0])
    plain = held.ask(QUESTION, 60)
    held.answer(held.pupils[0], plain, "A")
    held.move(plain, Move.CLOSE)
    held.move(plain, Move.REVEAL)
    assert points_of(db.session(), held.lesson_id) == {held.pupils[0]: 1}
    db.session().rollback()
    quick = held.ask(replace(choice("?", ["1", "2"], "A"), speed=True), 60)
    held.answer(held.pupils[0], quick, "A")
    held.move(quick, Move.CLOSE)
    held.move(quick, Move.REVEAL)
    assert 2 < points_of(db.session(), held.lesson_id)[held.pupils[0]] <= Fraction(5, 2)
