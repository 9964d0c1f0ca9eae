"""Events equal truth: for every command of a lesson, a snapshot followed by the later events is a fresh snapshot."""

from __future__ import annotations

import inspect
import uuid
from typing import TYPE_CHECKING, Final

import pytest

from app import clock, db
from app.access import Role
from app.errors import BangXanhError
from classroom.activities import commands as activity_commands
from classroom.activities.commands import moving
from classroom.activities.rules import Content, Kind, Move, choice
from classroom.answers import commands as answer_commands
from classroom.answers.commands import AnswerGiven
from classroom.answers.rules import Source, Wish
from classroom.bank import commands as bank_commands
from classroom.bank.rules import PlanDraft
from classroom.confidence import commands as confidence_commands
from classroom.confidence.commands import Confided
from classroom.goals import commands as goal_commands
from classroom.goals.rules import GoalKind
from classroom.groups import commands as group_commands
from classroom.groups.rules import How
from classroom.groups.rules import Wish as GroupsWish
from classroom.guests import commands as guest_commands
from classroom.hands import commands as hand_commands
from classroom.ink import commands as ink_commands
from classroom.ink.rules import Pen
from classroom.inquiries import commands as inquiry_commands
from classroom.inquiries.rules import InquiryState
from classroom.ledger.queries import events_since
from classroom.ledger.rules import followed, joined_patch
from classroom.lessons import commands as lesson_commands
from classroom.lessons.commands import end_lesson
from classroom.lessons.rules import Switch
from classroom.meter import commands as meter_commands
from classroom.meter.rules import Feels
from classroom.seats import commands as seat_commands
from classroom.seats.commands import free_seat
from classroom.slides.rules import Page, slides_of
from classroom.team import commands as team_commands
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


def _hands(held: Held) -> None:
    first, second = held.pupils[:2]
    hand_commands.raise_hand(held.lesson_id, first, "hand-0001")
    hand_commands.raise_hand(held.lesson_id, second, "hand-0002")
    hand_commands.lower_hand(held.lesson_id, first, "hand-0001")
    hand_commands.raise_hand(held.lesson_id, first, "hand-0003")


def _all_hands_down(held: Held) -> None:
    _hands(held)
    hand_commands.lower_hands(held.lesson_id, held.pupils[1])
    hand_commands.lower_hands(held.lesson_id)


def _felt(held: Held) -> None:
    for place, feels in enumerate([Feels.GOT, Feels.LOST, Feels.NOTHING, Feels.LOST]):
        meter_commands.tap_meter(held.lesson_id, held.pupils[place % 2], f"tap-000{place}", feels)


def _guest(held: Held) -> int:
    lesson_commands.switch(held.lesson_id, Switch.TAKES_GUESTS, on=True)
    return guest_commands.admit_guest(held.lesson_id, "Cô Hoa", "a" * 64)


def _guest_answers(held: Held) -> None:
    guest, activity = _guest(held), held.ask()
    for letter, made in (("A", 1), ("B", 2)):
        wish = Wish(str(uuid.uuid4()), 1, (letter,), clock.now(), made)
        guest_commands.store_guest_answer(held.lesson_id, guest, activity, wish)


def _team(held: Held) -> int:
    actor, other = teacher_of(held.world), held.world.user_ids[Role.HOMEROOM_TEACHER]
    team_commands.add_teacher(actor, held.lesson_id, other)
    return other


def _asked(held: Held) -> int:
    lesson_commands.switch(held.lesson_id, Switch.TAKES_INQUIRIES, on=True)
    return inquiry_commands.ask_question(held.lesson_id, held.pupils[0], "ask-0001", "Vì sao lá xanh?")


def _voted(held: Held) -> None:
    inquiry = _asked(held)
    inquiry_commands.judge(held.lesson_id, inquiry, InquiryState.SHOWN)
    for made, pupil in enumerate(held.pupils[:3], 1):
        inquiry_commands.vote(held.lesson_id, pupil, inquiry, up=True, made=made)
    inquiry_commands.vote(held.lesson_id, held.pupils[0], inquiry, up=False, made=9)


def _grouped(held: Held) -> None:
    group_commands.keep_apart(held.lesson_id, held.pupils[0], held.pupils[1], apart=True)
    for number in range(2):
        group_commands.make_groups(held.lesson_id, f"op-000000{number}", GroupsWish(How.RANDOM, 2))


def _apart_no_longer(held: Held) -> None:
    group_commands.keep_apart(held.lesson_id, held.pupils[0], held.pupils[1], apart=True)
    group_commands.keep_apart(held.lesson_id, held.pupils[1], held.pupils[0], apart=False)


def _slide(held: Held) -> tuple[int, int]:
    made = slides_of("a" * 64, [Page(1152, "Một"), Page(1152, "Hai")])
    asked = [(f"op-slide-{number}", one) for number, one in enumerate(made)]
    first, second = activity_commands.add_questions(held.lesson_id, asked)
    return first, second


def _shown_again(held: Held) -> None:
    first, second = _slide(held)
    question = held.ask()
    for activity in (first, second, first, question, question):
        held.move(activity, Move.SHOW)


def _inked(held: Held) -> int:
    first, second = _slide(held)
    held.move(first, Move.SHOW)
    for number, slide in enumerate((first, second, first)):
        ink_commands.draw_stroke(
            held.lesson_id, teacher_of(held.world).user_id, slide, f"stroke-{number}", Pen.BLUE, "0000WW"
        )
    return first


def _undone(held: Held) -> None:
    _inked(held)
    ink_commands.undo_stroke(held.lesson_id, "stroke-1")


def _sketched(held: Held) -> None:
    held.seat(held.pupils[0])
    activity = held.ask(Content(Kind.DRAWING, "Vẽ đi"))
    held.answer(held.pupils[0], activity, ("0000WW", "=một nét"))
    key = next(iter(held.snapshot()["answers"].values()))["key"]
    activity_commands.moderate(held.lesson_id, activity, key, listed=True)


def _sure(held: Held) -> None:
    lesson_commands.switch(held.lesson_id, Switch.ASKS_CONFIDENCE, on=True)
    held.seat(held.pupils[0])
    activity = held.ask()
    held.answer(held.pupils[0], activity, "A", uuid_="answer-01")
    for made, sure in enumerate((True, False), 1):
        said = Confided(activity, 1, "answer-01", sure, made)
        confidence_commands.confide(held.lesson_id, held.pupils[0], said)


def _goals(held: Held) -> None:
    for kind, count in ((GoalKind.ANSWERED, 20), (GoalKind.RIGHT, 30), (GoalKind.RIGHT, 30)):
        goal_commands.set_goal(held.lesson_id, kind, count)
    held.seat(held.pupils[0])
    held.answer(held.pupils[0], held.ask(), "A")
    goal_commands.set_goal(held.lesson_id, GoalKind.NONE, 30)


def _board_shown(held: Held) -> None:
    _answers_of_all_kinds(held)
    lesson_commands.switch(held.lesson_id, Switch.BOARD, on=True)


CASES: Final[dict[str, list[Callable[[Held], object]]]] = {
    "start_lesson": [Held.snapshot],
    "add_questions": [
        lambda held: activity_commands.add_questions(held.lesson_id, [("op-0000001", QUESTION)] * 2)
    ],
    "solve_quick": [_solved],
    "moderate": [_moderated, _sketched],
    "switch": [lambda held: lesson_commands.switch(held.lesson_id, Switch.BLANK, on=True), _board_shown],
    "set_goal": [_goals],
    "pick_pupil": [_picked],
    "give_extra_time": [_extended],
    "take_into_lesson": [_planned],
    "add_question": [
        lambda held: activity_commands.add_question(held.lesson_id, str(uuid.uuid4()), QUESTION)
    ],
    "move_activity": [lambda held: (held.ask(), held.ask()), _two_rounds, _paused, _shown_again],
    "store_answer": [_answers_of_all_kinds, _answered_for],
    "take_seat": [lambda held: held.seat(held.pupils[0]), _took_over],
    "free_seat": [_freed],
    "end_lesson": [_ended_while_open],
    "raise_hand": [_hands],
    "lower_hand": [_hands],
    "lower_hands": [_all_hands_down],
    "tap_meter": [_felt],
    "admit_guest": [_guest],
    "store_guest_answer": [_guest_answers],
    "show_out": [lambda held: guest_commands.show_out(held.lesson_id, _guest(held))],
    "add_teacher": [_team],
    "remove_teacher": [
        lambda held: team_commands.remove_teacher(teacher_of(held.world), held.lesson_id, _team(held))
    ],
    "hand_over": [lambda held: team_commands.hand_over(teacher_of(held.world), held.lesson_id, _team(held))],
    "ask_question": [_asked],
    "judge": [_voted],
    "vote": [_voted],
    "make_groups": [_grouped],
    "keep_apart": [_apart_no_longer],
    "confide": [_sure],
    "draw_stroke": [_inked],
    "undo_stroke": [_undone],
    "clear_slide": [lambda held: ink_commands.clear_slide(held.lesson_id, _inked(held), "stroke-2")],
}
"""Each public command, and what is done with it. `close_open` is a part of two, `begin_to_store` of `store_answer`."""
PARTS: Final = {"begin_to_store", "close_open", "prepared", "add_planned_teachers"}
PLANS: Final = {
    "begin_plan",
    "save_plan",
    "restore_version",
    "share_plan",
    "put_away",
    "copy_plan",
    "fill_empty_plan",
    "locked_plan",
    "save_without",
    "save_as_before",
}
"""Commands of plans, and parts of theirs, which no lesson sees."""


def public_commands() -> set[str]:
    modules = (
        activity_commands, moving, answer_commands, bank_commands, confidence_commands, goal_commands, group_commands,
        guest_commands, hand_commands, ink_commands, inquiry_commands, lesson_commands, meter_commands, seat_commands,
        team_commands,
    )  # fmt: skip
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
