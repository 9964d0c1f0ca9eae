"""Pupils' questions: the class sees what the teacher let through, without names, the most wanted first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import db
from app.errors import ConflictError, InvalidError, NotFoundError
from classroom.inquiries.commands import ask_question, judge, vote
from classroom.inquiries.rules import SEEN, Asked, InquiryState, for_class
from classroom.lessons.commands import switch
from classroom.lessons.events import pupil_state, screen_state
from classroom.lessons.rules import Switch

if TYPE_CHECKING:
    from tests.classroom.held import Held

ASKED = st.builds(
    Asked,
    st.integers(1, 99),
    st.integers(1, 9),
    st.just("?"),
    st.sampled_from(InquiryState),
    st.integers(0, 9),
)


@given(st.lists(ASKED, unique_by=lambda one: one.id))
def test_the_class_sees_judged_questions_only_the_most_wanted_first(asked: list[Asked]) -> None:
    seen = for_class(asked)
    assert {one.id for one in seen} == {one.id for one in asked if one.state in SEEN}
    still_open = [one.votes for one in seen if one.state == InquiryState.SHOWN]
    assert still_open == sorted(still_open, reverse=True)
    assert [one.state for one in seen] == sorted((one.state for one in seen), reverse=True)


def test_nothing_is_shown_before_it_is_judged_and_nobody_is_named(held: Held) -> None:
    first, second = held.pupils[:2]
    with pytest.raises(ConflictError):
        ask_question(held.lesson_id, first, "ask-0001", "Vì sao lá xanh?")
    for what in (Switch.TAKES_INQUIRIES, Switch.INQUIRIES):
        switch(held.lesson_id, what, on=True)
    asked = ask_question(held.lesson_id, first, "ask-0001", "Vì sao lá xanh?")
    assert ask_question(held.lesson_id, first, "ask-0001", "Vì sao lá xanh?") == asked
    with pytest.raises(NotFoundError):
        vote(held.lesson_id, second, asked, up=True, made=1)
    assert pupil_state(held.lesson_id, second)["stage"]["inquiries"] == []
    assert pupil_state(held.lesson_id, first)["asked"][0]["state"] == "waiting"
    assert screen_state(held.lesson_id)["stage"]["inquiries"] == []
    judge(held.lesson_id, asked, InquiryState.SHOWN)
    for made in (1, 1, 2):
        assert vote(held.lesson_id, second, asked, up=True, made=made) == 1, "one vote a pupil"
    db.session().rollback()
    shown = {"id": asked, "text": "Vì sao lá xanh?", "votes": 1, "answered": False}
    assert screen_state(held.lesson_id)["stage"]["inquiries"] == [shown]
    assert pupil_state(held.lesson_id, second)["voted"] == [asked]
    assert vote(held.lesson_id, second, asked, up=False, made=9) == 0
    assert vote(held.lesson_id, second, asked, up=True, made=5) == 0, "an older tap changes nothing"
    judge(held.lesson_id, asked, InquiryState.ANSWERED)
    with pytest.raises(ConflictError):
        vote(held.lesson_id, first, asked, up=True, made=1)


def test_a_pupil_floods_nobody(held: Held) -> None:
    switch(held.lesson_id, Switch.TAKES_INQUIRIES, on=True)
    for number in range(3):
        ask_question(held.lesson_id, held.pupils[0], f"ask-000{number}", "Vì sao vậy?")
    with pytest.raises(InvalidError):
        ask_question(held.lesson_id, held.pupils[0], "ask-0009", "Vì sao vậy?")
    with pytest.raises(InvalidError):
        ask_question(held.lesson_id, held.pupils[1], "ask-0009", " ? ")
