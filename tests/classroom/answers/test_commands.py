"""Answers are stored once, replaced with their history, and never by who does not hold the seat."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select

from app import clock, db
from app.errors import ConflictError, InvalidError, NotFoundError
from classroom.activities.rules import Move
from classroom.answers.commands import AnswerGiven, AnswerStored, _store
from classroom.answers.models import Attempt, AttemptChange
from classroom.answers.queries import answers_in_time
from classroom.answers.rules import Source, Wish
from classroom.seats.commands import free_seat
from classroom.seats.rules import device_hash
from tests.classroom.held import begin

if TYPE_CHECKING:
    from tests.classroom.held import Held


def stored(held: Held) -> list[tuple[int, str, bool, int]]:
    db.session().rollback()
    rows = db.session().scalars(select(Attempt).where(Attempt.lesson_id == held.lesson_id))
    return [(row.pupil_id, row.answer, row.is_late, row.version) for row in rows]


def changes(held: Held) -> int:
    return db.session().scalar(select(func.count(AttemptChange.id))) or 0


def test_the_same_uuid_again_stores_nothing_and_gets_the_same_answer(held: Held) -> None:
    pupil = held.pupils[0]
    held.seat(pupil)
    activity = held.ask()
    first = held.answer(pupil, activity, "B", uuid_="same-uuid")
    assert held.answer(pupil, activity, "B", uuid_="same-uuid") == first
    assert stored(held) == [(pupil, '["B"]', False, 1)]
    assert changes(held) == 1


def test_a_new_answer_before_the_close_replaces_and_the_history_stays(held: Held) -> None:
    pupil = held.pupils[0]
    held.seat(pupil)
    activity = held.ask()
    held.answer(pupil, activity, "B", made=1)
    assert held.answer(pupil, activity, "A", made=2).stands.answer == ("A",)
    assert stored(held) == [(pupil, '["A"]', False, 2)]
    assert changes(held) == 2
    assert answers_in_time(db.session(), activity, 1) == 1


def test_an_old_tap_that_arrives_after_a_newer_one_changes_nothing(held: Held) -> None:
    pupil = held.pupils[0]
    held.seat(pupil)
    activity = held.ask()
    held.answer(pupil, activity, "C", made=20)
    overtaken = held.answer(pupil, activity, "D", made=10)
    assert overtaken.stands.answer == ("C",)
    assert stored(held) == [(pupil, '["C"]', False, 1)]
    assert changes(held) == 2


def test_after_the_close_an_answer_is_kept_as_late(held: Held) -> None:
    early, late = held.pupils[:2]
    held.seat(early)
    held.seat(late)
    activity = held.ask()
    held.answer(early, activity, "A")
    held.move(activity, Move.CLOSE)
    after = clock.now() + timedelta(seconds=5)
    assert held.answer(late, activity, "A", at=after).is_late
    again = held.answer(early, activity, "B", at=after)
    assert (again.is_late, again.stands.answer, again.stands.is_late) == (True, ("A",), False)
    assert sorted(stored(held)) == sorted([(early, '["A"]', False, 1), (late, '["A"]', True, 1)])
    assert answers_in_time(db.session(), activity, 1) == 1


def test_only_the_device_that_holds_the_seat_answers(held: Held) -> None:
    pupil = held.pupils[0]
    held.seat(pupil, "old device")
    activity = held.ask()
    held.answer(pupil, activity, "B")
    held.seat(pupil, "new device")
    held.devices[pupil] = "old device"
    with pytest.raises(ConflictError):
        held.answer(pupil, activity, "C")
    held.devices[pupil] = "new device"
    assert held.answer(pupil, activity, "D").stands.answer == ("D",)
    free_seat(held.lesson_id, pupil)
    with pytest.raises(ConflictError):
        held.answer(pupil, activity, "A")


def test_an_activity_of_another_lesson_is_not_found(held: Held) -> None:
    other = begin(held.world, number=3)
    activity = other.ask()
    held.seat(held.pupils[0])
    with pytest.raises(NotFoundError):
        held.answer(held.pupils[0], activity, "A")
    with pytest.raises(NotFoundError):
        held.answer(held.pupils[0], 999_999, "A")


@pytest.mark.parametrize("letters", ["E", "AB", "a"])
def test_an_answer_that_is_none_of_the_options_is_refused(held: Held, letters: str) -> None:
    held.seat(held.pupils[0])
    activity = held.ask()
    with pytest.raises(InvalidError):
        held.answer(held.pupils[0], activity, letters)
    assert stored(held) == []


def given(held: Held, pupil: int, activity: int, letter: str, made: int = 0, uuid_: str = "") -> AnswerGiven:
    hashed = device_hash(held.devices[pupil])
    wish = Wish(uuid_ or str(uuid.uuid4()), 1, (letter,), clock.now(), made, hashed[:16])
    return AnswerGiven(held.lesson_id, activity, pupil, wish, Source.DEVICE, hashed)


def test_a_whole_class_in_one_group_is_what_it_would_be_one_by_one(held: Held) -> None:
    for pupil in held.pupils:
        held.seat(pupil)
    activity = held.ask()
    first, second, third, *_ = held.pupils
    group = [
        given(held, first, activity, "B", 1, "uuid-of-first-1"),
        given(held, second, activity, "E"),
        given(held, first, activity, "A", 2),
        given(held, first, activity, "B", 1, "uuid-of-first-1"),
        given(held, third, activity, "C"),
        given(held, third, 999_999, "C"),
    ]
    with db.transaction() as session:
        results = _store(session, group)
    kinds = [type(result).__name__ for result in results]
    assert kinds == [
        "AnswerStored",
        "InvalidError",
        "AnswerStored",
        "AnswerStored",
        "AnswerStored",
        "NotFoundError",
    ]
    assert isinstance(results[3], AnswerStored)
    assert results[3].stands.answer == ("A",)
    assert sorted(stored(held)) == sorted([(first, '["A"]', False, 2), (third, '["C"]', False, 1)])
    assert held.snapshot()["answers"][f"{activity}:1:{first}"]["answer"] == ["A"]


def test_the_statements_do_not_depend_on_how_many_answer(held: Held) -> None:
    for pupil in held.pupils:
        held.seat(pupil)
    activity = held.ask()
    texts: list[list[str]] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        texts[-1].append(statement)

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        for pupils in (held.pupils[:1], held.pupils[1:]):
            texts.append([])
            with db.transaction() as session:
                _store(session, [given(held, pupil, activity, "A") for pupil in pupils])
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)
    assert texts[0] == texts[1]


def test_hostile_texts_are_data(held: Held) -> None:
    pupil = held.pupils[0]
    held.seat(pupil)
    activity = held.ask()
    held.answer(pupil, activity, "A", uuid_="'; DROP TABLE attempt; --")
    held.answer(pupil, activity, "A", uuid_='"],["x')
    assert len(stored(held)) == 1
    assert changes(held) == 2
