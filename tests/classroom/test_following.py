"""Events equal truth: for every command of a lesson, a snapshot followed by the later events is a fresh snapshot."""

from __future__ import annotations

import inspect
import uuid
from typing import TYPE_CHECKING, Final

import pytest

from app import clock, db
from app.errors import BangXanhError
from classroom.activities import commands as activity_commands
from classroom.activities.commands import moving
from classroom.activities.rules import Content, Kind, Move, choice
from classroom.answers import commands as answer_commands
from classroom.answers.commands import AnswerGiven
from classroom.answers.rules import Source, Wish
from classroom.bank import commands as bank_commands
from classroom.bank.rules import PlanDraft
from classroom.ledger.queries import events_since
from classroom.ledger.rules import followed, joined_patch
from classroom.lessons import commands as lesson_commands
from classroom.lessons.commands import end_lesson
from classroom.lessons.rules import Switch
from classroom.seats import commands as seat_commands
from classroom.seats.commands import free_seat
from tests.classroom.held import QUESTION, Held, teacher_of

if TYPE_CHECKING:
    from collections.abc import Callable


def _answered_for(held: Held) -> None:
    activity = held.ask()
    wish = Wish(str(uuid.uuid4()), 1, ("C",), clock.now())
    given = AnswerGiven(
        held.lesson_id, activity, held.pupils[4], wish, Source.TEACHER, user_id=teacher_of(held.world).user_id
    )
    answer_commands.store_answer(given)


def _answers_of_all_kinds(held: Held) -> None:
    first = held.pupils[0]
    held.seat(first)
    activity = held.ask()
    held.answer(first, activity, "B", made=1)
    held.answer(first, activity, "A", made=2)
    held.move(activity, Move.CLOSE)
    held.move(activity, Move.REVEAL)
    held.answer(first, activity, "C", made=3)


def _two_rounds(held: Held) -> None:
    held.seat(held.pupils[1])
    activity = held.ask()
    held.answer(held.pupils[1], activity, "D")
    for move in (Move.CLOSE, Move.DISCUSS, Move.OPEN):
        held.move(activity, move)
    held.answer(held.pupils[1], activity, "A", round_=2)


def _took_over(held: Held) -> None:
    held.seat(held.pupils[2], "old")
    held.seat(held.pupils[2], "new")
    held.seat(held.pupils[3], "new")


def _freed(held: Held) -> None:
    held.seat(held.pupils[0])
    free_seat(held.lesson_id, held.pupils[0])


def _ended_while_open(held: Held) -> None:
    held.ask()
    end_lesson(teacher_of(held.world), held.lesson_id)


def _solved(held: Held) -> None:
    held.seat(held.pupils[0])
    activity = held.ask(choice("", ["", "", ""]))
    held.answer(held.pupils[0], activity, "B")
    activity_commands.solve_quick(held.lesson_id, activity, ("B",))


def _moderated(held: Held) -> None:
    activity = held.ask(Content(Kind.TEXT, "Vì sao?"))
    activity_commands.moderate(held.lesson_id, activity, "hay", listed=True)
    activity_commands.moderate(held.lesson_id, activity, "dở", listed=True)
    activity_commands.moderate(held.lesson_id, activity, "dở", listed=False)


def _picked(held: Held) -> None:
    held.seat(held.pupils[0])
    lesson_commands.pick_pupil(held.lesson_id, "op-0000001")
    held.seat(held.pupils[1])
    lesson_commands.pick_pupil(held.lesson_id, "op-0000002")


def _extended(held: Held) -> None:
    held.seat(held.pupils[0])
    seat_commands.give_extra_time(held.lesson_id, held.pupils[0], 50)


def _planned(held: Held) -> None:
    draft = PlanDraft("Ôn tập", "Toán", (QUESTION, QUESTION))
    plan = bank_commands.begin_plan(teacher_of(held.world), held.world.school_ids["a"], draft, "op-0000001")
    bank_commands.take_into_lesson(held.lesson_id, plan, "op-0000002")


def _paused(held: Held) -> None:
    activity = held.ask()
    held.move(activity, Move.PAUSE)
    held.move(activity, Move.RESUME)


CASES: Final[dict[str, list[Callable[[Held], object]]]] = {
    "start_lesson": [Held.snapshot],
    "add_questions": [
        lambda held: activity_commands.add_questions(held.lesson_id, [("op-0000001", QUESTION)] * 2)
    ],
    "solve_quick": [_solved],
    "moderate": [_moderated],
    "switch": [lambda held: lesson_commands.switch(held.lesson_id, Switch.BLANK, on=True)],
    "pick_pupil": [_picked],
    "give_extra_time": [_extended],
    "take_into_lesson": [_planned],
    "add_question": [
        lambda held: activity_commands.add_question(held.lesson_id, str(uuid.uuid4()), QUESTION)
    ],
    "move_activity": [lambda held: (held.ask(), held.ask()), _two_rounds, _paused],
    "store_answer": [_answers_of_all_kinds, _answered_for],
    "take_seat": [lambda held: held.seat(held.pupils[0]), _took_over],
    "free_seat": [_freed],
    "end_lesson": [_ended_while_open],
}
"""Each public command, and what is done with it. `close_open` is a part of two of them."""
PARTS: Final = {"close_open", "prepared"}
PLANS: Final = {"begin_plan", "save_plan", "restore_version", "share_plan", "put_away", "copy_plan"}
"""Commands of plans, which no lesson sees."""


def public_commands() -> set[str]:
    modules = (activity_commands, moving, answer_commands, bank_commands, lesson_commands, seat_commands)
    return {
        name
        for module in modules
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__ and not name.startswith("_")
    }


def test_every_command_of_a_lesson_is_held_to_it() -> None:
    assert public_commands() - PARTS - PLANS == set(CASES)


@pytest.mark.parametrize(
    ("command", "place"), [(name, n) for name, cases in CASES.items() for n in range(len(cases))]
)
def test_snapshot_and_events_are_a_fresh_snapshot(held: Held, command: str, place: int) -> None:
    before = held.snapshot()
    CASES[command][place](held)
    after = held.snapshot()
    news = events_since(db.session(), held.lesson_id, before["seq"])
    assert [item.seq for item in news] == list(range(before["seq"] + 1, after["seq"] + 1)), (
        "numbered without gaps"
    )
    state = before
    for item in news:
        state = {**followed(state, item.patch), "seq": item.seq}
    assert state == after
    assert {**followed(before, joined_patch(news)), "seq": after["seq"]} == after


def test_a_refused_command_tells_nothing(held: Held) -> None:
    activity = held.ask()
    before = held.snapshot()
    with pytest.raises(BangXanhError):
        held.move(activity, Move.REVEAL)
    assert held.snapshot() == before
