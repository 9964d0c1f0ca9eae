"""Questions are prepared once, moved one at a time, and told to the reports when they close."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import db
from app.errors import ConflictError, NotFoundError
from app.facts import FactRow
from classroom.activities.commands import add_question, moving
from classroom.activities.commands.moving import move_activity
from classroom.activities.rules import Move, Phase
from classroom.lessons.commands import end_lesson
from tests.classroom.held import QUESTION, begin, teacher_of

if TYPE_CHECKING:
    from tests.classroom.held import Held


def phases(held: Held) -> list[str]:
    return [row["phase"] for row in held.snapshot()["activities"].values()]


def test_the_same_question_sent_twice_is_prepared_once(held: Held) -> None:
    first = add_question(held.lesson_id, "op-00000001", QUESTION)
    assert add_question(held.lesson_id, "op-00000001", QUESTION) == first
    assert add_question(held.lesson_id, "op-00000002", QUESTION) != first
    assert phases(held) == ["prepared", "prepared"]


def test_opening_one_question_closes_the_other(held: Held) -> None:
    first, second = held.ask(), held.ask()
    assert phases(held) == ["closed", "open"]
    assert held.snapshot()["current"] == second
    held.move(first, Move.OPEN)
    assert phases(held) == ["open", "closed"]
    assert held.snapshot()["current"] == first


def test_moves_of_one_lesson_in_one_group_are_made_one_after_the_other(held: Held) -> None:
    first, second = (add_question(held.lesson_id, f"op-0000000{n}", QUESTION) for n in (1, 2))
    before = held.snapshot()["seq"]
    wishes = [(first, Move.OPEN), (second, Move.OPEN), (999_999, Move.OPEN), (first, Move.PAUSE)]
    with db.transaction() as session:
        asked = [moving._Wish(held.lesson_id, activity, move, None) for activity, move in wishes]  # noqa: SLF001
        results = moving._move_all(session, asked)  # noqa: SLF001 - what the writer calls with a group
    assert results[:2] == [Phase.OPEN, Phase.OPEN]
    assert [type(error) for error in results[2:]] == [NotFoundError, ConflictError]
    assert phases(held) == ["closed", "open"]
    assert held.snapshot()["seq"] == before + 2


def test_a_repeated_tap_has_one_effect(held: Held) -> None:
    activity = held.ask()
    seq = held.snapshot()["seq"]
    assert move_activity(held.lesson_id, activity, Move.OPEN) is Phase.OPEN
    assert held.snapshot()["seq"] == seq


def test_an_activity_of_another_lesson_is_not_found(held: Held) -> None:
    activity = begin(held.world, number=3).ask()
    with pytest.raises(NotFoundError):
        held.move(activity, Move.CLOSE)


def test_an_ended_lesson_takes_no_more_questions(held: Held) -> None:
    activity = held.ask()
    end_lesson(teacher_of(held.world), held.lesson_id)
    with pytest.raises(ConflictError):
        add_question(held.lesson_id, "op-00000003", QUESTION)
    with pytest.raises(ConflictError):
        held.move(activity, Move.REVEAL)


def test_closing_is_a_fact_with_how_many_were_right(held: Held) -> None:
    for pupil in held.pupils[:3]:
        held.seat(pupil)
    activity = held.ask()
    for pupil, letter in zip(held.pupils, "AAB", strict=False):
        held.answer(pupil, activity, letter)
    held.move(activity, Move.CLOSE)
    (stored,) = db.session().scalars(select(FactRow.payload).where(FactRow.name == "ActivityClosed"))
    fact = json.loads(stored)
    assert (fact["answers"], fact["right"], fact["round"]) == (3, 2, 1)
    assert fact["class_id"] == held.world.class_ids["own"]
