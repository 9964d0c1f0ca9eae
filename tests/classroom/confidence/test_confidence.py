"""Sureness goes with the answer that it was said of, and shows afterwards who was sure and wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import db
from app.errors import ConflictError, NotFoundError
from classroom.activities.rules import Move
from classroom.confidence.commands import Confided, confide
from classroom.lessons.commands import switch
from classroom.lessons.events import pupil_state
from classroom.lessons.models import Lesson
from classroom.lessons.rules import Switch
from classroom.outcomes.queries import outcome_of
from classroom.outcomes.rules import Sureness, sheet_of

if TYPE_CHECKING:
    from tests.classroom.held import Held


def test_it_belongs_to_the_answer_that_stands(held: Held) -> None:
    right, wrong, other = held.pupils[:3]
    for pupil in (right, wrong, other):
        held.seat(pupil)
    activity = held.ask()
    said = Confided(activity, 1, "answer-r", is_sure=True, made=1)
    with pytest.raises(ConflictError):
        confide(held.lesson_id, right, said)
    switch(held.lesson_id, Switch.ASKS_CONFIDENCE, on=True)
    held.answer(right, activity, "A", uuid_="answer-r", made=1)
    held.answer(wrong, activity, "B", uuid_="answer-w", made=1)
    held.answer(other, activity, "A", uuid_="answer-o", made=1)
    assert confide(held.lesson_id, right, said)
    assert confide(held.lesson_id, right, Confided(activity, 1, "answer-r", is_sure=False, made=0)), "older"
    confide(held.lesson_id, wrong, Confided(activity, 1, "answer-w", is_sure=True, made=1))
    confide(held.lesson_id, other, Confided(activity, 1, "answer-o", is_sure=False, made=1))
    held.answer(other, activity, "C", uuid_="answer-2", made=2)
    assert pupil_state(held.lesson_id, wrong)["sure"] == {"uuid": "answer-w", "sure": True}
    with pytest.raises(NotFoundError):
        confide(held.lesson_id, right, Confided(999_999, 1, "answer-r", is_sure=True, made=5))
    held.move(activity, Move.CLOSE)
    held.move(activity, Move.REVEAL)
    with pytest.raises(ConflictError):
        confide(held.lesson_id, wrong, Confided(activity, 1, "answer-w", is_sure=False, made=9))
    db.session().rollback()
    outcome = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id))
    assert outcome.questions[0].last.sure == Sureness(sure=2, sure_wrong=1, unsure=0)
    heads, rows = sheet_of(outcome)
    assert sum("Chắc chắn" in str(head) for head in heads) == 1
    assert len({len(row) for row in rows} | {len(heads)}) == 1
